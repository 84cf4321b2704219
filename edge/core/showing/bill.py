"""The whole bill, foreseen: what replies cost at most, and what receiving costs, which nothing here bounds.

Pure arithmetic on micros; rounding is to the pessimistic side.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from edge.core.kept.hours import Hour, week_of
from edge.core.showing.forecast import Purse
from edge.units import format_money

MESSAGES = (1_000, 10_000, 100_000)
"""So many a day: a number that is known, one that a forum has found, and a flood."""


class Bill(msgspec.Struct, frozen=True):
    """What is to be expected of a number, from now on."""

    exchanges: Mapping[str, int]
    """By prefix what a message of one segment and its reply cost, in micros."""
    worst_hour_micros: int
    worst_day_micros: int
    receiving_micros: Mapping[int, int]
    """By so many messages a day, of one segment each, what receiving them costs a day."""
    received_micros: int | None
    """What receiving has cost a day in the last seven days; None where no hour of them is known."""
    lasts_until: dt.date
    """At the pace of replies alone."""
    lasts_until_received: dt.date | None
    """With receiving as in the last seven days."""


def bill_of(
    purse: Purse,
    exchanges: Mapping[str, int],
    segment_micros: int,
    *,
    left_micros: int,
    pace_left_micros: int,
    hours: Sequence[Hour],
    now_ms: int,
) -> Bill:
    """Return what is to be expected; `hours` are those of the last seven days, by the ledger's time, which says `now_ms`."""
    week = week_of(hours, now_ms)
    return Bill(
        exchanges,
        purse.worst_hour_micros(left_micros),
        purse.worst_day_micros(left_micros),
        {messages: messages * segment_micros for messages in MESSAGES},
        week.per_day_micros,
        purse.lasts_until(left_micros, pace_left_micros, now_ms),
        None
        if week.per_day_micros is None
        else purse.lasts_until(left_micros, pace_left_micros, now_ms, week.per_day_micros),
    )


def as_json(bill: Bill) -> dict[str, Any]:
    """Return a bill as `check --json` and the status have it; money as decimal strings."""
    until = bill.lasts_until_received
    return {
        "exchanges": {prefix: format_money(micros) for prefix, micros in bill.exchanges.items()},
        "worst_hour": format_money(bill.worst_hour_micros),
        "worst_day": format_money(bill.worst_day_micros),
        "receiving_a_day": {str(messages): format_money(micros) for messages, micros in bill.receiving_micros.items()},
        "received_a_day": None if bill.received_micros is None else format_money(bill.received_micros),
        "lasts_until": bill.lasts_until.isoformat(),
        "lasts_until_with_receiving": None if until is None else until.isoformat(),
    }
