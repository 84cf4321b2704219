"""The meaning of the static file: its texts, prices, limits and money, in whole micros and milliseconds. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from edge.blocklimits import limits_of
from edge.config import SHARE, THOUSANDTHS, Config, Limit, path_of
from edge.core.alerting.watching import Terms as Watched
from edge.core.answering.routes import Routes
from edge.core.charging.charge import Totals
from edge.core.charging.intake import Intake, Sums
from edge.core.charging.pace import burst_of, cost_at, end_of, pace_of, per_day_of, reserves_of
from edge.core.charging.question import Route
from edge.core.charging.shares import Share, shares_of
from edge.core.detaching.detach import Seen, Times
from edge.core.detaching.detach import Terms as Detach
from edge.core.detaching.genuine import expected
from edge.core.detaching.webhook import NO_WAY
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Act
from edge.core.kept.hours import Hour, week_of
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.limits.bucket import count_limit
from edge.core.limits.limit import Limit as CoreLimit
from edge.core.limits.refusal import is_payable
from edge.core.limits.rules import Cost, Lasts, Pace, Rules, Sharing
from edge.core.seen.knocks import TABLE_BYTES, Knocks
from edge.core.showing.bill import Bill, bill_of
from edge.core.showing.forecast import Budget
from edge.core.showing.history import Lately
from edge.core.showing.overview import CountSenders, Known, Lookout, Overview, overview_of
from edge.core.showing.shareleft import shares_left
from edge.core.showing.status import left_of, status_of
from edge.core.text.encoding import Segments
from edge.core.text.segments import count, normalise
from edge.core.wire.receiving import Receiving

Value = TypeVar("Value")

GENEROUS = 13
"""So many replies an answer may cost in receiving, and so many messages of each person expected are paid: far above what people
come to, who write one to three times, and far below what a flood does."""
BURST_DAYS = 10
"""So long a last resort takes to fill: a flood of one day is none."""


class Text(msgspec.Struct, frozen=True):
    """One text that may be answered, and to whom."""

    prefixes: list[str]
    text: str
    segments: Segments


def budget_of(config: Config, spent_micros: int, now_ms: int, hours: Sequence[Hour] = ()) -> Budget:
    """Return the money of a number; with `lasts-until`, the pace follows from what is left now, and what is received."""
    return budgets_of(config)(spent_micros, now_ms, hours)


def budgets_of(config: Config) -> Callable[[int, int, Sequence[Hour]], Budget]:
    """Return what tells the money as `budget_of` does, for whoever asks again and again: what the file says is read once."""
    given, lasts, sharing = config.budget, lasts_of(config), sharing_of(config)
    said_per_day = given.per_day or 0  # one of the two is given
    said = Pace(given.burst or burst_of(said_per_day, _least_burst(config)), said_per_day)

    def budget(spent_micros: int, now_ms: int, hours: Sequence[Hour]) -> Budget:
        pace = said
        if lasts is not None:
            per_day = per_day_of(lasts, given.kitty, spent_micros, week_of(hours, now_ms), now_ms)
            pace = pace_of(lasts, per_day)
        return Budget(given.kitty, pace.per_day_micros, pace.burst_micros, reserves_of(pace, sharing))

    return budget


def lasts_of(config: Config) -> Lasts | None:
    """Return until when the kitty is to last; None where the file says the pace itself."""
    given = config.budget
    if given.lasts_until is None:
        return None
    return Lasts(end_of(given.lasts_until), given.burst or 0, _least_burst(config))


def _least_burst(config: Config) -> int:
    """Return what pays the dearest reply at each number, in micros: or a share would answer nobody there."""
    return len(config.numbers) * dearest_of(config)


def silence_of(config: Config, now_ms: int) -> str:
    """Return why a file has the number answer nobody; blank where it does not."""
    lasts = lasts_of(config)
    if lasts is not None and now_ms >= lasts.until_ms:
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


def may_reserve(config: Config, budget: Budget) -> bool:
    """Return whether anything is kept for second knocks, now or, where the pace changes each hour, in another one."""
    share = sharing_of(config).reserve_thousandths
    return share > 0 and (config.budget.lasts_until is not None or budget.reserve is not None)


def knocks_of(config: Config, budget: Budget, key: bytes, table: memoryview | None = None) -> Knocks | None:
    """Return where it is noted who knocks, in a table, of its own if none is given; None where nothing is kept for them."""
    if not may_reserve(config, budget):
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


def routes_of(config: Config, budget: Budget, index: int | None = None) -> Routes:
    """Return where the senders' prefixes lead at a number, or as `prices_of` has it without one.

    A pace that the ledger works out is not known before it says so.
    """
    if config.budget.lasts_until is not None:
        budget = Budget(budget.kitty_micros, budget.kitty_micros, budget.kitty_micros)
    prices, texts, sharing = prices_of(config, index).items(), texts_of(config), sharing_of(config)
    found = _blocks_of(config)
    usual = _usual(found)
    blocks = {prefix: None if own == usual else own for prefix, own in found.items()}
    return Routes(
        {
            prefix: Route(
                text, cost_of(budget, micros, sharing), texts[text].segments.segments, _longest(blocks, prefix)
            )
            for prefix, (text, micros) in prices
        }
    )


def cost_of(budget: Budget, micros: int, sharing: Sharing) -> Cost:
    """Return a price with what it takes out of the pace."""
    return cost_at(micros, Pace(budget.burst_micros, budget.per_day_micros), sharing)


def exchanges_of(config: Config) -> dict[str, int]:
    """Return, for every prefix that matters, what a message of one segment and its reply cost, in micros."""
    received_micros = received_of(config)
    return {prefix: micros + received_micros for prefix, (_, micros) in prices_of(config).items()}


def foreseen(config: Config, budget: Budget, totals: Totals, hours: Sequence[Hour]) -> Bill:
    """Return the bill that is to be expected after what a ledger holds, by its time."""
    left_micros, pace_left_micros = left_of(totals, budget)
    return bill_of(
        budget,
        exchanges_of(config),
        received_of(config),
        left_micros=left_micros,
        pace_left_micros=pace_left_micros,
        hours=hours,
        now_ms=totals.now_ms,
    )


def status_now(config: Config, totals: Totals, hours: Sequence[Hour], lately: Mapping[str, Lately]) -> dict[str, Any]:
    """Return the status of a number, by its ledger's totals and its hours of the last seven days.

    `lately` is what came to each number, where there are several.
    """
    budget = budget_of(config, totals.spent_micros, totals.now_ms, hours)
    bill, silence = foreseen(config, budget, totals, hours), silence_of(config, totals.now_ms)
    return status_of(
        totals,
        budget,
        config.price.currency,
        bill,
        silence,
        paused_by_file=config.paused,
        attachments=attachments_of(config, totals),
        shares=shares_left(totals, budget, phones_of(config), lately),
    )


def attachments_of(config: Config, totals: Totals) -> list[Attachment]:
    """Return what is known of each number at its provider; what is wrong where one is detached and nobody can attach it."""
    found = []
    for number in config.numbers:
        attachment = totals.attachments.get(number.phone, Attachment())
        if number.api_account_env is None and not (attachment.attached and attachment.is_settled):
            attachment = msgspec.structs.replace(attachment, trouble=NO_WAY)
        found.append(attachment)
    return found


def left_behind(config: Config, totals: Totals) -> dict[str, Attachment]:
    """Return the numbers that we may have detached, and that the file does not name any more."""
    ours = {number.phone for number in config.numbers}
    return {
        phone: found
        for phone, found in totals.attachments.items()
        if phone not in ours and not (found.attached and found.is_settled)
    }


def overview_now(
    config: Config, known: Known, lookout: Lookout, *, alerts_are_set: bool, count_senders: CountSenders
) -> Overview:
    """Return what the page shows, by what its ledger said."""
    totals = known.totals
    budget = budget_of(config, totals.spent_micros, totals.now_ms, known.hours)
    return overview_of(
        known,
        budget,
        lookout,
        currency=config.price.currency,
        price_micros=cheapest_of(config),
        silence=silence_of(config, totals.now_ms),
        alerts_are_set=alerts_are_set,
        attachments=attachments_of(config, totals),
        shares=shares_left(totals, budget, phones_of(config), known.lately),
        count_senders=count_senders,
    )


def receiving_of(config: Config, index: int = 0) -> Receiving:
    """Return what the provider of the number with an index charges for what it delivers."""
    price = config.price_at(index)
    return Receiving(price.received, price.received if price.received_media is None else price.received_media)


def watched_of(config: Config, budget: Budget) -> Watched:
    """Return what the watch goes by."""
    hours, _, minutes = config.alert.digest.partition(":")
    numbers = phones_of(config)
    part = budget.part(max(1, len(numbers)))
    return Watched(
        language=config.alert.language,
        currency=config.price.currency,
        kitty_micros=int(budget.kitty_micros),  # plain numbers: they are kept in notes
        burst_micros=int(part.burst_micros) - (part.reserve.burst_micros if part.reserve else 0),
        price_micros=cheapest_of(config),
        digest_minute=int(hours) * 60 + int(minutes) if minutes else None,
        quiet_ms=int(config.alert.quiet),
        numbers=tuple(numbers),
    )


def detach_of(config: Config, index: int | None = None) -> Detach:
    """Return what decides whether to detach the number with an index; what the file leaves out follows from its prices.

    Without an index the prices are the dearest of all numbers. The pace of receiving, and the people expected, are those of all.
    """
    given, segment = config.receiving, received_of(config)
    per_day = given.per_day or GENEROUS * given.people_per_day * segment
    return Detach(
        segment_micros=segment if index is None else config.price_at(index).received,
        per_answer_micros=given.per_answer or GENEROUS * dearest_of(config, index),
        people_per_day=given.people_per_day,
        per_day_micros=per_day,
        burst_micros=given.burst or BURST_DAYS * per_day,
        times=Times(given.time_off),
        at_once=config.reply.after == 0,
    )


def intake_of(config: Config, sums: Sums, hours: Sequence[Hour]) -> Intake:
    """Return what was received so far, by a number or by all; `hours` are all that the ledger has kept, of all numbers."""
    detach = detach_of(config)
    return Intake(
        burst_micros=detach.burst_micros,
        per_day_micros=detach.per_day_micros,
        window_ms=detach.times.window_ms,
        hours=hours,
        sums=sums,
    )


def sight_of(config: Config, index: int = 0) -> Callable[[Totals, Sequence[Hour], Sequence[Hour]], Seen]:
    """Return what tells all that bears on whether to detach the number with an index.

    From a ledger's totals, and the hours of the last seven days: those of all numbers, and the number's own.
    """
    phone, numbers, sharing = payer_of(config, index), len(config.numbers), sharing_of(config)
    prices, budgets = {micros for _, micros in prices_of(config, index).values()}, budgets_of(config)

    def seen(totals: Totals, hours: Sequence[Hour], own_hours: Sequence[Hour]) -> Seen:
        now_ms = totals.now_ms
        budget = budgets(totals.spent_micros, now_ms, hours)
        used = Share(totals.pace, totals.reserve)
        if phone:  # what the others have used is not in the way of whoever writes to this one
            used = shares_of(totals.shares, phones_of(config), totals.pace, totals.reserve)[phone]
        costs = [cost_of(budget, micros, sharing) for micros in prices]
        return Seen(
            now_ms=now_ms,
            anybody_payable=any(is_payable(cost, used.pace, used.reserve, now_ms) for cost in costs),
            kitty_pays=any(totals.spent_micros + micros <= config.budget.kitty for micros in prices),
            silent_ms=WITHOUT_END_MS if silence_of(config, now_ms) else max(0, totals.paused_until_ms - now_ms),
            expected=expected(own_hours, now_ms, config.receiving.people_per_day, numbers),
        )

    return seen


def acts_of(config: Config) -> list[Act]:
    """Return what the buttons in alerts may do: nothing where there is no alert, and detach only where the file says that it may be."""
    if not config.alert.to_env:
        return []
    return [Act.SILENCE, Act.DETACH] if config.receiving.detach == "yes" else [Act.SILENCE]


def button_urls_of(config: Config) -> dict[Act, str]:
    """Return the public address of each button, without what makes it one alert's; that of a webhook's path has none."""
    number, paths = urlsplit(config.number.url), webhook_paths(config)
    base = (config.alert.public_url or f"{number.scheme}://{number.netloc}").rstrip("/")
    return {act: f"{base}{act.path}" for act in acts_of(config) if act.path not in paths}


def webhook_path(config: Config, index: int = 0) -> str:
    """Return the path that the provider of the number with an index calls."""
    return path_of(config.numbers[index].url)


def webhook_paths(config: Config) -> list[str]:
    """Return those of all numbers."""
    return [path_of(number.url) for number in config.numbers]


def _longest(values: Mapping[str, Value], prefix: str) -> Value | None:
    found = max((known for known in values if prefix.startswith(known)), key=len, default=None)
    return None if found is None else values[found]
