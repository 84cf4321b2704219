"""The meaning of the static file: its texts, prices, limits and money, in whole micros and milliseconds. Pure."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from edge.config import Config
from edge.core.bucket import count_limit, money_limit
from edge.core.encoding import Segments
from edge.core.forecast import Budget, per_day_until
from edge.core.question import Route
from edge.core.receiving import Receiving
from edge.core.routes import Routes
from edge.core.rules import Cost, Rules
from edge.core.segments import count, normalise
from edge.core.watching import Terms as Watched
from edge.errors import ConfigError
from edge.units import DAY_MS, divide_up

BURST_SHARE = 4
"""A burst of a quarter of a day, where the file names none."""


class Text(msgspec.Struct, frozen=True):
    """One text that may be answered, and to whom."""

    prefixes: list[str]
    text: str
    segments: Segments


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
    return [Text(prefixes, normalise(text), count(text)) for prefixes, text in texts]


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
    return Routes({prefix: Route(index, cost_of(budget, micros)) for prefix, (index, micros) in prices})


def cost_of(budget: Budget, micros: int) -> Cost:
    """Return a price with what it takes out of the pace."""
    limit = money_limit(price=micros, burst=budget.burst_micros, amount=budget.per_day_micros, period_ms=DAY_MS)
    return Cost(micros, limit)


def receiving_of(config: Config) -> Receiving:
    """Return what the provider charges for what it delivers."""
    price = config.price
    return Receiving(price.received, price.received if price.received_media is None else price.received_media)


def watched_of(config: Config, budget: Budget) -> Watched:
    """Return what the watch goes by."""
    hours, _, minutes = config.alert.digest.partition(":")
    return Watched(
        language=config.alert.language,
        currency=config.price.currency,
        kitty_micros=int(budget.kitty_micros),  # plain numbers: they are kept in notes
        burst_micros=int(budget.burst_micros),
        price_micros=min((price for _, price in prices_of(config).values()), default=0),
        digest_minute=int(hours) * 60 + int(minutes) if minutes else None,
        quiet_ms=int(config.alert.quiet),
    )


def webhook_path(config: Config) -> str:
    """Return the path that the provider calls."""
    return unquote(urlsplit(config.number.url).path) or "/"


def _longest(values: Mapping[str, int], prefix: str) -> int | None:
    found = max((known for known in values if prefix.startswith(known)), key=len, default=None)
    return None if found is None else values[found]
