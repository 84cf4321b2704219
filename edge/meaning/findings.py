"""Examines a static file: what follows from it, and whether its promises can hold. `antirelou check` prints that. Nothing is opened."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from edge.api.webhooks import WEBHOOK_APIS
from edge.config import Config
from edge.core.charging.charge import Totals
from edge.core.charging.pace import BURST_SHARE
from edge.core.limits.bucket import UNUSED
from edge.core.limits.rules import Pace
from edge.core.people import plans
from edge.core.showing.bill import Bill
from edge.core.showing.bill import as_json as bill_as_json
from edge.core.showing.forecast import Purse
from edge.core.text.segments import excess_units
from edge.core.text.wording import misfits, suggest
from edge.errors import ConfigError
from edge.meaning import chance, detaching, insight, terms
from edge.providers import provider_type
from edge.units import DAY_MS, HOUR_MS, divide_up, format_money
from edge.web import health, page, publicpage

SECRET_PATH_LENGTH_MIN = 16
"""Sixteen random letters and digits are over 80 bits: nobody guesses them through a webhook."""

_OURS = (*health.PATHS, *page.PATHS, "/metrics")
"""The pages that there always are."""
_COUNTRIES_SHOWN = 6
"""Of those that share a calling code: +1 has two dozen."""


class Findings(msgspec.Struct):
    """Errors are promises that cannot hold; warnings are what an operator would rather know."""

    errors: list[str]
    warnings: list[str]
    notes: list[str] = []
    """What nothing here can see, and the operator should."""
    texts: list[terms.Text] = []
    prices: dict[str, tuple[int, int]] = {}
    """By prefix the cost of a reply, and of an exchange, which includes the message received; in micros."""
    purse: Purse | None = None
    kitty_buys: int = 0
    live_buckets_max: int = 0
    lasts_until: str = ""
    bill: Bill | None = None
    blocks: list[dict[str, Any]] = []
    """For each numbering plan, how many people are refused only because of their block."""
    receiving: dict[str, Any] | None = None
    """What receiving may cost until the number is to be detached; money as decimal strings."""


def examine(config: Config, now_ms: int) -> Findings:
    """Return what follows from a file, as of now and with a full kitty."""
    unknown = [*_unknown_providers(config)]
    if unknown:
        return Findings(errors=unknown, warnings=[])
    purse = terms.purse_of(config, 0, now_ms)
    exchanges = terms.exchanges_of(config)
    prices = {prefix: (micros, exchanges[prefix]) for prefix, (_, micros) in terms.prices_of(config).items()}
    bill = insight.foreseen(config, purse, Totals({}, 0, 0, UNUSED, now_ms), [])
    texts = terms.texts_of(config)
    errors = [
        *_text_errors(config, texts),
        *_answer_errors(config, texts),
        *_prefix_errors(config),
        *_money_errors(config, purse, prices),
        *_knock_errors(config, purse),
        *_path_errors(config),
        *detaching.errors(config),
        *_api_errors(config),
    ]
    cheapest = min((reply for reply, _ in prices.values() if reply), default=1)
    dearest = max(exchange for _, exchange in prices.values())
    return Findings(
        errors=errors,
        warnings=list(_warnings(config, purse, prices, terms.silence_of(config, now_ms))),
        notes=list(_notes(config)),
        texts=texts,
        prices=prices,
        purse=purse,
        kitty_buys=purse.replies(dearest),
        live_buckets_max=purse.live_buckets_max(terms.rules_of(config).sender.refill_ms, cheapest),
        lasts_until=bill.lasts_until.isoformat(),
        bill=bill,
        blocks=chance.as_json(config),
        receiving=detaching.as_json(config),
    )


def as_json(findings: Findings) -> dict[str, Any]:
    """Return the findings as `check --json` prints them; money as decimal strings."""
    purse, bill = findings.purse, findings.bill
    return {
        "ok": not findings.errors,
        "errors": findings.errors,
        "warnings": findings.warnings,
        "notes": findings.notes,
        "replies": [
            {
                "prefixes": text.prefixes,
                "encoding": text.segments.encoding,
                "units": text.segments.units,
                "segments": text.segments.segments,
                "suggestion": _suggestion(text.text),
            }
            for text in findings.texts
        ],
        "prices": [
            {"prefix": prefix, "reply": format_money(reply), "exchange": format_money(exchange)}
            for prefix, (reply, exchange) in findings.prices.items()
        ],
        "kitty_buys": findings.kitty_buys,
        "worst_hour": format_money(bill.worst_hour_micros) if bill else None,
        "worst_day": format_money(bill.worst_day_micros) if bill else None,
        "lasts_until": findings.lasts_until or None,
        "live_buckets_max": findings.live_buckets_max,
        "reserve": _reserve(purse.reserve) if purse else None,
        "bill": bill_as_json(bill) if bill else None,
        "receiving": findings.receiving,
        "blocks": findings.blocks,
        "plans": {"made": plans.MADE, "source": plans.SOURCE},
    }


def _reserve(reserve: Pace | None) -> dict[str, str] | None:
    if reserve is None:
        return None
    return {"at_once": format_money(reserve.burst_micros), "per_day": format_money(reserve.per_day_micros)}


def _unknown_providers(config: Config) -> Iterator[str]:
    for index, number in enumerate(config.numbers):
        try:
            provider_type(number.provider, config.where(index))
        except ConfigError as error:
            yield str(error)


def _text_errors(config: Config, texts: list[terms.Text]) -> Iterator[str]:
    most = config.reply.segments_max
    for index, text in enumerate(texts):
        if text.segments.segments > most:
            counted = text.segments
            yield (
                f"{_where(index)}: {counted.segments} segments ({counted.units} units of {counted.encoding}), and "
                f"reply.segments-max is {most}; {_advice(text.text)}"
            )


def _answer_errors(config: Config, texts: list[terms.Text]) -> Iterator[str]:
    """Name the texts that the provider's answer cannot carry, or would take for something else."""
    kinds = {number.provider: number for number in config.numbers}
    for number in kinds.values():
        try:
            provider = provider_type(number.provider)(phone=number.phone, url=number.url, secrets=[])
        except ConfigError as error:
            yield str(error)
            continue
        for index, text in enumerate(texts):
            try:
                provider.compile(text.text)
            except ConfigError as error:
                yield str(error).replace("reply.text", _where(index))


def _where(index: int) -> str:
    """Return the key of the text with an index; the default one is the first."""
    return "reply.text" if index == 0 else f"reply.in[{index - 1}].text"


def _advice(text: str) -> str:
    """Say what would make a text shorter, as it travels."""
    better = suggest(text)
    if better is not None:
        costly = ", ".join(repr(misfit.character) for misfit in misfits(text))
        return f"without {costly} it takes {better.segments.segments}: {better.text!r}"
    return f"cut {excess_units(text)} units to save one"


def _prefix_errors(config: Config) -> Iterator[str]:
    seen: set[str] = set()
    for index, other in enumerate(config.reply.in_):
        for prefix in other.prefixes:
            if prefix in seen:
                yield f"reply.in[{index}].prefixes: {prefix!r} stands in two texts; leave it in one"
            seen.add(prefix)


def _money_errors(config: Config, purse: Purse, prices: dict[str, tuple[int, int]]) -> Iterator[str]:
    numbers = len(config.numbers)
    share_micros = purse.burst_micros // numbers
    each = f", {format_money(share_micros)} for each of {numbers} numbers," if numbers > 1 else ""
    for prefix, (reply, exchange) in prices.items():
        if reply > share_micros and purse.per_day_micros:
            yield (
                f"budget.burst: {format_money(purse.burst_micros)}{each} does not pay one reply to {prefix} "
                f"({format_money(reply)}): nobody there would ever be answered; raise it"
            )
        if exchange > purse.kitty_micros:
            yield f"budget.kitty: {format_money(purse.kitty_micros)} does not pay one exchange with {prefix} ({format_money(exchange)})"


def _knock_errors(config: Config, purse: Purse) -> Iterator[str]:
    """Name a share that was written, and of which one side would never pay a reply."""
    share = config.knock.share
    if not share or purse.per_day_micros == 0 or purse.reserve is not None:
        return
    numbers = len(config.numbers)
    share_micros = purse.burst_micros // numbers
    kept_micros, dearest_micros = int(share * share_micros), terms.dearest_of(config)
    at = " at each number" if numbers > 1 else ""
    side = "what it keeps" if kept_micros < dearest_micros else "what it leaves for first messages"
    yield (
        f"knock.share: {share} of what goes at once{at} ({format_money(share_micros)}): {side} does not pay the dearest "
        f"reply ({format_money(dearest_micros)}); write another share, or 0 for none, or raise budget.burst"
    )


def _path_errors(config: Config) -> Iterator[str]:
    for index, number in enumerate(config.numbers):
        path, where = terms.webhook_path(config, index), config.where(index)
        if path in _OURS or (config.server.counter and path in publicpage.PATHS):
            yield f"{where}.url: the path {path} is one of our own pages; choose another"
        proven = not provider_type(number.provider).needs_secret_path or config.server.origin_secret_env
        if not proven and len(path.rsplit("/", 1)[-1]) < SECRET_PATH_LENGTH_MIN:
            yield (
                f"{where}.url: nothing in a {number.provider} request proves who sent what; end the path in at least "
                f"{SECRET_PATH_LENGTH_MIN} random characters, or have the CDN add a secret (server.origin-secret-env)"
            )


def _api_errors(config: Config) -> Iterator[str]:
    for index, number in enumerate(config.numbers):
        if number.api_account_env is not None and number.provider not in WEBHOOK_APIS:
            yield (
                f"{config.where(index)}.api-account-env: nothing here calls {number.provider}'s API, only that of "
                f"{', '.join(WEBHOOK_APIS)}; leave api-account-env, api-key-env and api-secret-env out"
            )


def _warnings(config: Config, purse: Purse, prices: dict[str, tuple[int, int]], silence: str) -> Iterator[str]:
    if silence:
        yield silence
    acts = {act.path for act in insight.acts_of(config)}
    for index, number in enumerate(config.numbers):
        where, path = config.where(index), terms.webhook_path(config, index)
        if urlsplit(number.url).scheme != "https":
            yield f"{where}.url: without https everybody on the way can read and repeat what the provider sends"
        if path in acts:
            yield f"{where}.url: its path {path} is that of a button in alerts, which then is in none; choose another"
        if number.phone.startswith(("+336", "+337")):
            yield (
                f"{where}.phone: since 2023 French numbers in 06 and 07 are for people only (Arcep, decision 2022-1583); "
                "0937 to 0939 are for technical platforms"
            )
    yield from detaching.warnings(config)
    yield from chance.warning(config)
    yield from _slow_pace(config, purse, max(reply for reply, _ in prices.values()))
    if purse.per_day_micros > purse.kitty_micros:
        yield "budget.per-day: more than the kitty; the pace limits nothing"
    for index, other in enumerate(config.reply.in_):
        for prefix in other.prefixes:
            if prefix not in prices:
                yield f"reply.in[{index}].prefixes: {prefix!r} has a text but no price: senders there are never answered"
    yield from _unlike(config)


def _slow_pace(config: Config, purse: Purse, dearest_micros: int) -> Iterator[str]:
    """Say what a pace comes to that does not pay a reply a day, or whose quarter of a day does not pay one at once."""
    if purse.per_day_micros == 0:
        return
    numbers, at = len(config.numbers), " at each number" if len(config.numbers) > 1 else ""
    if config.budget.burst is None and purse.burst_micros > divide_up(purse.per_day_micros, BURST_SHARE):
        yield (
            f"budget: a quarter of {format_money(purse.per_day_micros)} a day does not pay the dearest reply{at} "
            f"({format_money(numbers * dearest_micros)}); so that it can be paid at all, that much goes at once"
        )
    if purse.per_day_micros < numbers * dearest_micros:
        hours = divide_up(numbers * dearest_micros * DAY_MS, purse.per_day_micros * HOUR_MS)
        yield f"budget: {format_money(purse.per_day_micros)} a day pays the dearest reply{at} once in {hours:,} hours"


def _unlike(config: Config) -> Iterator[str]:
    """Name what a price leaves out, and what it reaches too, in the prefixes of each number; those of several that are the same once."""
    seen: list[Collection[str]] = []
    for index, number in enumerate(config.numbers):
        priced = terms.prices_of(config, index).keys()
        if priced not in seen:
            seen.append(priced)
            where = f"{config.where(index)}.price.reply" if number.price.reply else "price.reply"
            yield from _unpriced_parts(where, priced)
            yield from _shared_codes(where, priced)


def _unpriced_parts(where: str, prices: Collection[str]) -> Iterator[str]:
    """Name the parts of a priced country that have calling codes of their own, and no price."""
    for code, others in plans.SAME_COUNTRY.items():
        missing = [f"+{other}" for other in others.split() if not _any_within(prices, f"+{other}")]
        if missing and _any_within(prices, f"+{code}"):
            yield (
                f"{where}: {', '.join(missing)} belong to the same country as +{code} and have no price: senders "
                "there are never answered"
            )


def _shared_codes(where: str, prices: Collection[str]) -> Iterator[str]:
    """Name the other countries that a price reaches because they share its calling code, and that have none of their own."""
    for code, by_country in plans.SHARED.items():
        reached = []
        for country, digits in by_country.items():
            ranges = [f"+{code}{first}" for first in digits.split()]
            met = [own for own in ranges if any(own.startswith(priced) for priced in prices)]
            if met and not any(_any_within(prices, own) for own in ranges):
                reached.append(f"{country} ({met[0]}…)")
        if reached:
            shown = ", ".join(reached[:_COUNTRIES_SHOWN])
            more = f" and {len(reached) - _COUNTRIES_SHOWN} more" if len(reached) > _COUNTRIES_SHOWN else ""
            yield (
                f"{where}: what is priced of +{code} reaches {shown}{more} too, which providers price "
                "apart: give them a price of their own, or replies there may cost more than is counted"
            )


def _any_within(prices: Iterable[str], prefix: str) -> bool:
    return any(priced.startswith(prefix) for priced in prices)


def _notes(config: Config) -> Iterator[str]:
    """Say what has to be seen to at the provider."""
    for name in dict.fromkeys(number.provider for number in config.numbers):
        kind = provider_type(name)
        if kind.note:
            yield f"{name}: {kind.note}"
        for ceiling in kind.ceilings:
            yield f"{name} limits the bill, if you have it do so: {ceiling.what} ({ceiling.source})"


def _suggestion(text: str) -> str | None:
    found = suggest(text)
    return found.text if found else None
