"""What one worker has told a ledger so far, so that what it tells cumulatively is added once.

A worker says how much it has seen since it started, never how much more: telling twice, or a step that was rolled back,
then changes nothing. `answered` is not told: the ledger counts it as it pays.
"""

from collections.abc import Mapping

from edge.charge import Tally
from edge.verdict import Reason


class Told:
    """The marks up to which the ledger knows."""

    def __init__(self) -> None:
        self._counts: Mapping[Reason, int] = {}
        self._micros = 0

    def owed_micros(self, received_micros: int) -> int:
        """Return what receiving has cost since the mark."""
        return max(0, received_micros - self._micros)

    def owed_counts(self, tally: Tally) -> dict[Reason, int]:
        """Return what was counted since the mark."""
        return {
            reason: count - self._counts.get(reason, 0)
            for reason, count in tally.counts.items()
            if reason is not Reason.ANSWERED and count > self._counts.get(reason, 0)
        }

    def received(self, received_micros: int) -> None:
        """Move the mark of what receiving has cost; it never moves back."""
        self._micros = max(self._micros, received_micros)

    def tallied(self, tally: Tally) -> None:
        """Move all marks."""
        self.received(tally.received_micros)
        self._counts = dict(tally.counts)
