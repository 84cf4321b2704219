"""The composition root: the static file becomes the parts of a worker. The only module that knows both shapes.

A `Setup` is all that a worker needs, read and checked once by the process that starts the workers: a file that is edited,
or broken, meanwhile changes nothing until it is reloaded.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from edge.config import Config
from edge.core import segments
from edge.core.bucket import count_limit, money_limit
from edge.core.desk import Desk
from edge.core.encoding import Segments
from edge.core.forecast import Budget, per_day_until
from edge.core.gate import Gate
from edge.core.origin import Origin
from edge.core.provider import Provider, ProviderType
from edge.core.question import Route
from edge.core.replies import Replies
from edge.core.routes import Routes
from edge.core.rules import Cost, Rules
from edge.credentials import from_environment, number_secrets
from edge.errors import ConfigError, did_you_mean
from edge.ledger.opening import Place
from edge.providers import PROVIDERS
from edge.trace import Trace
from edge.units import DAY_MS, divide_up

BURST_SHARE = 4
"""A burst of a quarter of a day, where the file names none."""


class Setup(msgspec.Struct, frozen=True):
    """Everything that a worker is made of; it holds secrets, so it is never shown."""

    config: Config
    place: Place
    secrets: list[str]
    origin_secrets: list[str]
    status_key: str | None
    hash_key: bytes
    budget: Budget
    ledger_warnings: list[str] = []
    """What can make the ledger forget."""


class Text(msgspec.Struct, frozen=True):
    """One text that may be answered, and to whom."""

    prefixes: list[str]
    text: str
    segments: Segments


def secrets_of(
    config: Config, base: Path, environ: Mapping[str, str] = os.environ
) -> tuple[list[str], list[str], str | None]:
    """Return the provider's secrets, the CDN's and the status key. Raises ConfigError for one that is not there."""
    server = config.server
    status_key = from_environment(server.status_key_env or [], "server.status-key-env", environ)
    return (
        number_secrets(config, base, environ),
        from_environment(server.origin_secret_env, "server.origin-secret-env", environ),
        status_key[0] if status_key else None,
    )


def place_of(config: Config, base: Path, environ: Mapping[str, str] = os.environ) -> Place:
    """Return where the ledger is; a relative path starts at the static file's folder. Raises ConfigError."""
    ledger = config.ledger
    key = from_environment(ledger.key_env or [], "ledger.key-env", environ)
    password = from_environment(ledger.password_env or [], "ledger.password-env", environ)
    return Place(ledger.url, base, config.number.phone, "".join(key).encode(), "".join(password))


def budget_of(config: Config, spent_micros: int, now_ms: int) -> Budget:
    """Return the money of a number; with `lasts-until`, the pace follows from what is left now."""
    given = config.budget
    per_day: int | None = given.per_day
    if given.lasts_until is not None:
        try:
            per_day = per_day_until(max(0, given.kitty - spent_micros), given.lasts_until, now_ms)
        except ValueError as error:
            raise ConfigError(f"budget.lasts-until: {error}") from None
    per_day = max(1, per_day or 0)
    return Budget(given.kitty, per_day, given.burst or divide_up(per_day, BURST_SHARE))


def rules_of(config: Config) -> Rules:
    """Return what holds for every reply."""
    sender, block = config.limit.sender, config.limit.block
    return Rules(
        sender=count_limit(burst=sender.burst, count=sender.count, period_ms=sender.period),
        block=count_limit(burst=block.burst, count=block.count, period_ms=block.period),
        kitty_micros=config.budget.kitty,
    )


def texts_of(config: Config) -> list[Text]:
    """Return the texts, the default one first, as they are sent and counted."""
    texts = [(["*"], config.reply.text), *((other.prefixes, other.text) for other in config.reply.in_)]
    return [Text(prefixes, segments.normalise(text), segments.count(text)) for prefixes, text in texts]


def prices_of(config: Config) -> dict[str, tuple[int, int]]:
    """Return, for every prefix that matters, the index of its text and the price of that reply in micros."""
    texts = texts_of(config)
    replies = {prefix: index for index, text in enumerate(texts[1:], start=1) for prefix in text.prefixes}
    prices: dict[str, tuple[int, int]] = {}
    for prefix in {*replies, *config.price.reply}:
        per_segment = _longest(config.price.reply, prefix)
        if per_segment is not None:
            index = _longest(replies, prefix) or 0
            prices[prefix] = index, per_segment * texts[index].segments.segments
    return dict(sorted(prices.items()))


def routes_of(config: Config, budget: Budget) -> Routes:
    """Return where the senders' prefixes lead."""
    prices = prices_of(config).items()
    return Routes({prefix: Route(index, pace_of(budget, micros)) for prefix, (index, micros) in prices})


def pace_of(budget: Budget, micros: int) -> Cost:
    """Return a price with what it takes out of the pace."""
    limit = money_limit(price=micros, burst=budget.burst_micros, amount=budget.per_day_micros, period_ms=DAY_MS)
    return Cost(micros, limit)


def provider_type_of(config: Config) -> ProviderType:
    """Return the provider that the file names. Raises ConfigError with the nearest name."""
    name = config.number.provider
    if name not in PROVIDERS:
        raise ConfigError(f"number.provider: found {name!r}; {did_you_mean(name, PROVIDERS)}")
    return PROVIDERS[name]


def provider_of(config: Config, secrets: list[str]) -> Provider:
    """Return the provider, ready to verify. Raises ConfigError where it needs a secret and has none."""
    kind = provider_type_of(config)
    if kind.needs_secret and not secrets:
        raise ConfigError(
            f"number: {config.number.provider} signs its requests; write where the secret is, "
            'such as secret-env = "TWILIO_AUTH_TOKEN"'
        )
    return kind(phone=config.number.phone, url=config.number.url, secrets=secrets)


def webhook_path(config: Config) -> str:
    """Return the path that the provider calls."""
    return unquote(urlsplit(config.number.url).path) or "/"


def gate_of(setup: Setup) -> Gate:
    """Return a worker's memory and its checks."""
    config = setup.config
    return Gate(
        rules=rules_of(config),
        routes=routes_of(config, setup.budget),
        own=[config.number.phone],
        paused=config.paused,
        block_digits=config.limit.block.digits,
        key=setup.hash_key,
    )


def trace_of(setup: Setup, clock: Callable[[], int]) -> Trace | None:
    """Return where a worker records what it meets, or None where nothing is recorded."""
    server = setup.config.server
    if server.trace is None:
        return None
    folder = setup.place.base / server.trace
    return Trace(folder, bytes_max=server.trace_mb_max * 1_000_000, key=setup.hash_key, clock=clock)


def desk_of(setup: Setup, gate: Gate, new: Callable[..., Desk] = Desk) -> Desk:
    """Return a worker's desk; `new` makes it."""
    config = setup.config
    provider = provider_of(config, setup.secrets)
    return new(
        provider=provider,
        gate=gate,
        replies=Replies(provider, [text.text for text in texts_of(config)]),
        origin=Origin(setup.origin_secrets),
        body_bytes_max=config.server.body_bytes_max,
        received_price_micros=config.price.received,
    )


def _longest(values: Mapping[str, int], prefix: str) -> int | None:
    found = max((known for known in values if prefix.startswith(known)), key=len, default=None)
    return None if found is None else values[found]
