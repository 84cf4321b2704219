"""The marks up to which one worker has told a ledger what it saw, so that what it tells cumulatively is added once.

A worker says how much it has seen since it started, never how much more: telling twice, or a step that was rolled back,
then changes nothing. `answered` is not told: the ledger counts it as it pays.
"""

from collections.abc import Mapping

from edge.core.reason import Reason


class Watermarks:
    """The marks up to which the ledger knows."""

    def __init__(self) -> None:
        self._counts: dict[Reason, int] = {}
        self._micros = 0

    def receive(self, received_micros: int) -> int:
        """Return what receiving has cost since the mark, and move the mark; it never moves back."""
        owed_micros = max(0, received_micros - self._micros)
        self._micros += owed_micros
        return owed_micros

    def count(self, counts: Mapping[Reason, int]) -> dict[Reason, int]:
        """Return what was counted since the marks, and move them; they never move back."""
        owed: dict[Reason, int] = {
            reason: count - self._counts.get(reason, 0)
            for reason, count in counts.items()
            if reason is not Reason.ANSWERED and count > self._counts.get(reason, 0)
        }
        self._counts = {**self._counts, **{reason: counts[reason] for reason in owed}}
        return owed
