"""The marks up to which one worker has told a ledger what it saw, so that what it tells cumulatively is added once.

A worker says how much it has seen since its sums began, never how much more: telling twice, or a step that was rolled back,
then changes nothing. `answered` is not told: the ledger counts it as it pays.
"""

from collections.abc import Mapping

from edge.core.wire.reason import Reason

RECEIVED = "received_micros"
SEGMENTS = "received_segments"


class Watermarks:
    """The marks up to which the ledger knows."""

    def __init__(self, marks: Mapping[str, int] | None = None) -> None:
        self.marks: Mapping[str, int] = marks or {}
        """By what is counted: the cost of receiving, in micros, its segments, each reason, and what came to each of several
        numbers (`mark_of`). It is replaced, never changed."""

    def receive(self, received_micros: int) -> int:
        """Return what receiving has cost since the mark, and move the mark; it never moves back."""
        return self._rise(RECEIVED, received_micros)

    def segments(self, segments: int) -> int:
        """Return the segments since the mark, and move the mark; it never moves back."""
        return self._rise(SEGMENTS, segments)

    def count(self, counts: Mapping[Reason, int]) -> dict[Reason, int]:
        """Return what was counted since the marks, and move them; they never move back."""
        owed: dict[Reason, int] = {
            reason: count - self.marks.get(reason, 0)
            for reason, count in counts.items()
            if reason is not Reason.ANSWERED and count > self.marks.get(reason, 0)
        }
        self.marks = {**self.marks, **{reason.value: counts[reason] for reason in owed}}
        return owed

    def came(self, number: str, sums: Mapping[str, int]) -> dict[str, int]:
        """Return what came to one of several numbers since the marks, and move them; they never move back."""
        return {what: owed for what, sum_ in sums.items() if (owed := self._rise(mark_of(number, what), sum_))}

    def _rise(self, name: str, sum_: int) -> int:
        owed = max(0, sum_ - self.marks.get(name, 0))
        if owed:
            self.marks = {**self.marks, name: sum_}
        return owed

    def moved(self, before: Mapping[str, int]) -> dict[str, int]:
        """Return the marks that are not what they were."""
        return {name: mark for name, mark in self.marks.items() if before.get(name) != mark}


def mark_of(number: str, what: str) -> str:
    """Return the name of the mark of what came to one of several numbers: also that of its sum."""
    return f"{number} {what}"
