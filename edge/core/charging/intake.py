"""What was received lately, and in all: the windows and the pace by which it is decided whether to detach.

1. A window begins when the number was attached, or when whoever looks began to look: what was before is not in it. Losing one
   costs what an hour may cost, once.
2. The pace of receiving is a bucket of money like that of replies (:mod:`edge.core.limits.bucket`), but nothing is refused by it, so it
   may owe. It is one for all numbers. It follows from the hours that the ledger has kept; nothing else is stored, and a message does no work for it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from edge.core.kept.hours import Hour
from edge.core.limits.bucket import CLEAR, bucket_at, money_limit
from edge.units import DAY_MS


class Inflow(NamedTuple):
    """What had been received, as of an instant of the ledger's time, since some other one, such as when it was made."""

    at_ms: int
    messages: int
    micros: int
    of_all_micros: int | None = None
    """Where these are one number's of several: what receiving had cost at all of them, whose pace is one."""

    @property
    def paced_micros(self) -> int:
        """What the pace of receiving is used by."""
        return self.micros if self.of_all_micros is None else self.of_all_micros


class Window(NamedTuple):
    """What came in a window."""

    messages: int
    micros: int
    lasted_ms: int


class Intake:
    """Its memory: the inflow of a window, and what of the pace is used."""

    def __init__(
        self, *, burst_micros: int, per_day_micros: int, window_ms: int, hours: Sequence[Hour], inflow: Inflow
    ) -> None:
        """Take the longest window, all hours that the ledger has kept, and the inflow at the same instant."""
        self._window_ms = window_ms
        self._limit = money_limit(price=1, burst=burst_micros, amount=per_day_micros, period_ms=DAY_MS)
        self._clear = CLEAR
        for hour in sorted(hours, key=lambda hour: hour.at_ms):
            self._use(hour.received_micros, hour.at_ms)
        self._inflows = [inflow]

    def feed(self, inflow: Inflow, since_ms: int) -> None:
        """Take the inflow of this instant; the windows begin at `since_ms` if that is later than they did."""
        self._use(inflow.paced_micros - self._inflows[-1].paced_micros, inflow.at_ms)
        self._inflows.append(inflow)
        before = bisect_left(self._inflows, since_ms, key=_instant)
        del self._inflows[: min(before, len(self._inflows) - 1)]
        del self._inflows[: self._place(inflow.at_ms - self._window_ms)]

    def lately(self, window_ms: int) -> Window:
        """Return what came in the last so much time, at most the longest window."""
        last = self._inflows[-1]
        first = self._inflows[self._place(last.at_ms - window_ms)]
        return Window(last.messages - first.messages, last.micros - first.micros, last.at_ms - first.at_ms)

    @property
    def left_micros(self) -> int:
        """What the pace of receiving still holds; negative where it owes."""
        return self._limit.capacity - bucket_at(self._limit, self._clear, self._inflows[-1].at_ms).used

    def _use(self, micros: int, now_ms: int) -> None:
        limit = self._limit
        self._clear = max(self._clear, now_ms * limit.amount) + micros * limit.period_ms

    def _place(self, at_ms: int) -> int:
        """Return the place of the last inflow that is not after an instant, or of the first one."""
        return max(0, bisect_right(self._inflows, at_ms, key=_instant) - 1)


def _instant(inflow: Inflow) -> int:
    return inflow.at_ms
