"""What the last day's minutes of all numbers came to, and of each of several, by the ledger's time: for the history, and for the flood that is on.

A minute is there if something came in it. What is told later than it was received counts in the minute in which it is told.
"""

from collections.abc import Iterable

import msgspec

from edge.core.kept.hours import Growth
from edge.units import DAY_MS, MINUTE_MS

KEPT_MS = DAY_MS
KEPT_COUNT = KEPT_MS // MINUTE_MS
"""Minutes are forgotten when they are both older and further back than this: a wrong clock alone forgets nothing recent."""


class KeptMinute(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One minute, from `at_ms` on."""

    at_ms: int
    messages: int
    """Those that came, without the retries of answered ones."""
    again: int
    """Those of senders who were answered before."""
    received_micros: int
    replies: int
    replies_micros: int


def minute_of(now_ms: int) -> int:
    """Return the beginning of the minute of an instant."""
    return now_ms - now_ms % MINUTE_MS


def day_begins(now_ms: int) -> int:
    """Return from which instant on minutes bear on the last day."""
    return minute_of(now_ms) - DAY_MS


def minute_from(numbers: Iterable[int]) -> KeptMinute:
    """Return a minute as it is kept: whole numbers in the order of its fields."""
    return KeptMinute(*numbers)


def grown_minute(minute: KeptMinute | None, at_ms: int, growth: Growth) -> KeptMinute:
    """Return a minute with what a step adds to it; it begins with that if there is none yet."""
    had = (0, 0, 0, 0, 0) if minute is None else msgspec.structs.astuple(minute)[1:]
    return KeptMinute(at_ms, *(mine + more for mine, more in zip(had, growth.of_minute, strict=True)))
