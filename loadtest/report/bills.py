"""The bills of a flood: without a gate, at the price of 2017 and at one segment of today's file, and with one."""

import heapq
from collections.abc import Iterable

import msgspec

from loadtest.judge.fairness import EXCHANGE_2017_MICROS
from loadtest.judge.judgement import Judgement

_DAY_US, _HOUR_US, _MINUTE_US = 86_400_000_000, 3_600_000_000, 60_000_000

Payment = tuple[int, int]
"""An instant and an amount."""


class Bill(msgspec.Struct, frozen=True):
    """One way of answering a flood."""

    name: str
    messages: int
    replies: int
    micros: int
    lasts_us: int | None
    """The kitty lasts so long in the world's time; extrapolated if it outlives the flood, None if nothing is spent."""


def bills(judgement: Judgement) -> list[Bill]:
    """Return the three ways, the dearest first."""
    run, demand, fair = judgement.run, judgement.evidence.demand, judgement.fairness
    prices, kitty, speed = run.prices, int(run.config.budget.kitty), run.scenario.speed
    received = list(zip(demand.received_us, demand.receiving_micros, demand.received_at, strict=True))
    held_back = zip(demand.held_back_us, demand.held_back_micros, demand.held_back_at, strict=True)
    written = list(heapq.merge(received, held_back))

    def bill(name: str, messages: int, replies: int, micros: int, payments: Iterable[Payment]) -> Bill:
        lasts_us = _lasts_us(payments, kitty, demand.last_us)
        return Bill(name, messages, replies, micros, None if lasts_us is None else int(lasts_us * speed))

    paid = list(judgement.evidence.account.replies())
    received_paid = ((at_us, micros) for at_us, micros, _ in received)
    gated = heapq.merge(received_paid, ((reply.done_us, reply.price_micros) for reply in paid))
    return [
        bill(
            "no gate, two segments, prices of 2017",
            len(written),
            len(written),
            fair.without_gate_2017_micros,
            ((at_us, EXCHANGE_2017_MICROS) for at_us, _, _ in written),
        ),
        bill(
            "no gate, one segment, prices of the file",
            len(written),
            len(written),
            fair.without_gate_micros,
            ((at_us, micros + prices[number].reply_micros) for at_us, micros, number in written),
        ),
        bill("with the gate", len(received), len(paid), fair.with_gate_micros, gated),
    ]


def _lasts_us(payments: Iterable[Payment], kitty: int, last_us: int) -> int | None:
    spent = 0
    for at_us, micros in payments:
        if spent + micros > kitty:
            return at_us
        spent += micros
    return last_us * kitty // spent if spent else None


def show_span(us: int | None) -> str:
    """Return a length of time in its two largest units."""
    if us is None:
        return "for ever"
    days, rest = divmod(us, _DAY_US)
    hours, rest = divmod(rest, _HOUR_US)
    if days >= 10:  # noqa: PLR2004  hours no longer matter
        return f"{days:,} days"
    minutes, rest = divmod(rest, _MINUTE_US)
    counts = ((days, "d"), (hours, "h"), (minutes, "min"), (rest // 1_000_000, "s"))
    used = [f"{count} {unit}" for count, unit in counts if count]
    return " ".join(used[:2]) or "0 s"
