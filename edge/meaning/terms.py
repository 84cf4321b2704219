"""The meaning of the static file: its texts, prices, limits and money, in whole micros and milliseconds. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from edge.config import SHARE, THOUSANDTHS, Config, Limit, path_of
from edge.core.answering.routes import Routes
from edge.core.charging.charge import Totals
from edge.core.charging.pace import burst_of, cost_at, end_of, pace_of, per_day_of, reserves_of
from edge.core.charging.question import Route
from edge.core.kept.hours import Hour, week_of
from edge.core.limits.bucket import UNUSED, count_limit
from edge.core.limits.limit import Limit as CoreLimit
from edge.core.limits.rules import Cost, Lasts, Pace, Rules, Sharing
from edge.core.seen.knocks import TABLE_BYTES, Knocks
from edge.core.showing.forecast import Purse
from edge.core.text.encoding import Segments
from edge.core.text.segments import count, normalise
from edge.core.wire.receiving import Receiving
from edge.meaning.blocklimits import limits_of

Value = TypeVar("Value")


class Text(msgspec.Struct, frozen=True):
    """One text that may be answered, and to whom."""

    prefixes: list[str]
    text: str
    segments: Segments


def purse_of(config: Config, spent_micros: int, now_ms: int) -> Purse:
    """Return the money of a number of which no ledger is asked; with `lasts-until`, the pace follows from what is left now."""
    return purse_after(config, Totals({}, 0, spent_micros, UNUSED, now_ms))


def purse_after(config: Config, totals: Totals, hours: Sequence[Hour] = ()) -> Purse:
    """Return the money of a number after what a ledger holds; with `lasts-until`, the pace is the one that the ledger keeps.

    Where nobody has worked one out in this hour yet, it is what whoever comes first would.
    """
    return purses_of(config)(totals, hours)


def purses_of(config: Config) -> Callable[[Totals, Sequence[Hour]], Purse]:
    """Return what tells the money as `purse_after` does, for whoever asks again and again: what the file says is read once."""
    given, lasts, sharing = config.budget, lasts_of(config), sharing_of(config)
    said_per_day = given.per_day or 0  # one of the two is given
    said = Pace(given.burst or burst_of(said_per_day, _least_burst(config)), said_per_day)

    def purse(totals: Totals, hours: Sequence[Hour]) -> Purse:
        pace = said
        if lasts is not None:
            hourly = totals.hourly
            per_day = None if hourly is None else hourly.per_day(given.kitty, lasts.until_ms)
            if per_day is None:
                week = week_of(hours, totals.now_ms)
                per_day = per_day_of(lasts, given.kitty, totals.spent_micros, week, totals.now_ms)
            pace = pace_of(lasts, per_day)
        return Purse(given.kitty, pace.per_day_micros, pace.burst_micros, reserves_of(pace, sharing), lasts)

    return purse


def lasts_of(config: Config) -> Lasts | None:
    """Return until when the kitty is to last; None where the file says the pace itself."""
    given = config.budget
    if given.lasts_until is None:
        return None
    return Lasts(end_of(given.lasts_until), given.burst or 0, _least_burst(config))


def is_over(config: Config, now_ms: int) -> bool:
    """Return whether the day is over until which the kitty was to last."""
    lasts = lasts_of(config)
    return lasts is not None and now_ms >= lasts.until_ms


def _least_burst(config: Config) -> int:
    """Return what pays the dearest reply at each number, in micros: or a share would answer nobody there."""
    return len(config.numbers) * dearest_of(config)


def silence_of(config: Config, now_ms: int) -> str:
    """Return why a file has the number answer nobody; blank where it does not."""
    if is_over(config, now_ms):
        return f"budget.lasts-until: {config.budget.lasts_until} is over, so nobody is answered; write a day to come, or per-day"
    return "paused: nobody is answered until it is false" if config.paused else ""


def dearest_of(config: Config, index: int | None = None) -> int:
    """Return what the dearest reply costs, in micros: at the number with an index, or at any."""
    return max(micros for _, micros in prices_of(config, index).values())


def cheapest_of(config: Config) -> int:
    """Return what the cheapest reply costs, in micros, at the number where it is; 0 where nobody is answered."""
    each = (prices_of(config, index) for index in range(len(config.numbers)))
    return min((micros for prices in each for _, micros in prices.values()), default=0)


def rules_of(config: Config) -> Rules:
    """Return what holds for every reply."""
    return Rules(
        sender=_limit(config.limit.sender),
        block=_usual(_blocks_of(config)),
        kitty_micros=config.budget.kitty,
        lasts=lasts_of(config),
        sharing=sharing_of(config),
        numbers=numbers_of(config),
    )


def _blocks_of(config: Config) -> dict[str, CoreLimit]:
    """Return the limit of a block for each prefix that has a price."""
    return {prefix: _limit(limit) for prefix, limit in limits_of(config).items()}


def _usual(blocks: Mapping[str, CoreLimit]) -> CoreLimit:
    """Return the one of which what was used counts the longest: a ledger and a gate forget none before that."""
    return max(blocks.values(), key=lambda limit: limit.refill_ms)


def _limit(given: Limit) -> CoreLimit:
    return count_limit(burst=given.burst, count=given.count, period_ms=given.period)


def numbers_of(config: Config) -> tuple[str, ...]:
    """Return our numbers, where there are several, in an order that is not that of the file."""
    return tuple(sorted(phones_of(config)))


def phones_of(config: Config) -> list[str]:
    """Return our numbers in the order of the file, where there are several."""
    return [number.phone for number in config.numbers] if len(config.numbers) > 1 else []


def payer_of(config: Config, index: int) -> str:
    """Return the number whose share pays for replies at the number with an index; blank where there is one number."""
    return config.numbers[index].phone if len(config.numbers) > 1 else ""


def sharing_of(config: Config) -> Sharing:
    """Return how replies share the pace."""
    share = SHARE if config.knock.share is None else config.knock.share
    return Sharing(dearest_of(config), round(share * THOUSANDTHS), len(config.numbers))


def may_reserve(config: Config, purse: Purse) -> bool:
    """Return whether anything is kept for second knocks, now or, where the pace changes each hour, in another one."""
    share = sharing_of(config).reserve_thousandths
    return share > 0 and (config.budget.lasts_until is not None or purse.reserve is not None)


def knocks_of(config: Config, purse: Purse, key: bytes, table: memoryview | None = None) -> Knocks | None:
    """Return where it is noted who knocks, in a table, of its own if none is given; None where nothing is kept for them."""
    if not may_reserve(config, purse):
        return None
    table = memoryview(bytearray(TABLE_BYTES)) if table is None else table
    return Knocks(key, table, after_ms=config.knock.after, most=config.knock.most)


def texts_of(config: Config) -> list[Text]:
    """Return the texts, the default one first, as they are sent and counted."""
    texts = [(["*"], config.reply.text), *((other.prefixes, other.text) for other in config.reply.in_)]
    return [Text(prefixes, normalise(text), count(text)) for prefixes, text in texts]


def prices_of(config: Config, index: int | None = None) -> dict[str, tuple[int, int]]:
    """Return, for every prefix that matters, the index of its text and the price of that reply in micros.

    At the number with an index; without one, at the dearest of all numbers.
    """
    if index is None:
        dearest: dict[str, tuple[int, int]] = {}
        for one in range(len(config.numbers)):
            for prefix, own in prices_of(config, one).items():
                dearest[prefix] = max(own, dearest.get(prefix, own))
        return dict(sorted(dearest.items()))
    texts, per_segment_of = texts_of(config), config.price_at(index).reply
    replies = {prefix: index for index, text in enumerate(texts[1:], start=1) for prefix in text.prefixes}
    prices: dict[str, tuple[int, int]] = {}
    for prefix in {*replies, *per_segment_of}:
        per_segment = _longest(per_segment_of, prefix)
        if per_segment is not None:
            text = _longest(replies, prefix) or 0
            prices[prefix] = text, per_segment * texts[text].segments.segments
    return dict(sorted(prices.items()))


def received_of(config: Config) -> int:
    """Return what a segment costs that comes in, in micros: at the dearest of all numbers."""
    return max(config.price_at(index).received for index in range(len(config.numbers)))


def routes_of(config: Config, purse: Purse, index: int | None = None) -> Routes:
    """Return where the senders' prefixes lead at a number, or as `prices_of` has it without one.

    A pace that the ledger works out is not known before it says so.
    """
    if config.budget.lasts_until is not None:
        purse = Purse(purse.kitty_micros, purse.kitty_micros, purse.kitty_micros)
    prices, texts, sharing = prices_of(config, index).items(), texts_of(config), sharing_of(config)
    found = _blocks_of(config)
    usual = _usual(found)
    blocks = {prefix: None if own == usual else own for prefix, own in found.items()}
    return Routes(
        {
            prefix: Route(
                text, cost_of(purse, micros, sharing), texts[text].segments.segments, _longest(blocks, prefix)
            )
            for prefix, (text, micros) in prices
        }
    )


def cost_of(purse: Purse, micros: int, sharing: Sharing) -> Cost:
    """Return a price with what it takes out of the pace."""
    return cost_at(micros, Pace(purse.burst_micros, purse.per_day_micros), sharing)


def exchanges_of(config: Config) -> dict[str, int]:
    """Return, for every prefix that matters, what a message of one segment and its reply cost, in micros."""
    received_micros = received_of(config)
    return {prefix: micros + received_micros for prefix, (_, micros) in prices_of(config).items()}


def receiving_of(config: Config, index: int = 0) -> Receiving:
    """Return what the provider of the number with an index charges for what it delivers."""
    price = config.price_at(index)
    return Receiving(price.received, price.received if price.received_media is None else price.received_media)


def webhook_path(config: Config, index: int = 0) -> str:
    """Return the path that the provider of the number with an index calls."""
    return path_of(config.numbers[index].url)


def webhook_paths(config: Config) -> list[str]:
    """Return those of all numbers."""
    return [path_of(number.url) for number in config.numbers]


def _longest(values: Mapping[str, Value], prefix: str) -> Value | None:
    found = max((known for known in values if prefix.startswith(known)), key=len, default=None)
    return None if found is None else values[found]
