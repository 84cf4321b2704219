"""What was received so far, by all of our numbers and by each of several: for whoever looks again and again.

The totals of a ledger are those of all numbers. Of each of several it keeps the hours: their sums go on from look to look, and
only the hours since the last one are asked for. What such sums begin with says nothing; what is added to them does.
"""

from collections.abc import Mapping, Sequence

from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow
from edge.core.kept.hours import Hour, hour_of
from edge.core.wire.reason import received_in


def inflow_of(totals: Totals) -> Inflow:
    """Return what was received by all numbers since the ledger was made."""
    return Inflow(totals.now_ms, received_in(totals.counts), totals.received_micros)


class Running:
    """The inflow as of the last look."""

    def __init__(self) -> None:
        self._all = Inflow(0, 0, 0)
        self._since_ms: int | None = None
        self._over: dict[str, tuple[int, int]] = {}
        """For each of several numbers, messages and money of the hours that are over."""
        self._now: Mapping[str, Sequence[Hour]] = {}

    def begins(self, now_ms: int) -> int:
        """Return from which instant on the hours of each number are to be fed."""
        return hour_of(now_ms) if self._since_ms is None else self._since_ms

    def feed(self, totals: Totals, hours: Mapping[str, Sequence[Hour]]) -> None:
        """Take the ledger's totals, and the hours of each number; nothing where there is one."""
        self._all = inflow_of(totals)
        begins_ms = self.begins(totals.now_ms)
        self._since_ms = max((hour.at_ms for kept in hours.values() for hour in kept), default=begins_ms)
        for number, kept in hours.items():
            over = [hour for hour in kept if hour.at_ms < self._since_ms]
            self._over[number] = _plus(self._over.get(number, (0, 0)), over)
        self._now = {number: [hour for hour in kept if hour.at_ms >= self._since_ms] for number, kept in hours.items()}

    def inflow(self, number: str = "") -> Inflow:
        """Return that of one of several numbers; blank is all of them."""
        if not number:
            return self._all
        messages, micros = _plus(self._over.get(number, (0, 0)), self._now.get(number, ()))
        return Inflow(self._all.at_ms, messages, micros, self._all.micros)


def _plus(sums: tuple[int, int], hours: Sequence[Hour]) -> tuple[int, int]:
    messages, micros = sums
    return messages + sum(hour.messages for hour in hours), micros + sum(hour.received_micros for hour in hours)
