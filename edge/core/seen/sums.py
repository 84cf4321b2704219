"""What one worker has seen, as running sums: in memory, or in a file that outlives the worker.

They only grow (but for what is taken back, see :mod:`edge.core.seen.received`). Telling them is telling all of them: a ledger keeps
the mark up to which it knows them, by the name of their teller.
"""

from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason

NAMES = ("received_micros", "received_segments", *(reason.value for reason in Reason))
"""The sum in each cell."""
_RECEIVED, _SEGMENTS = 0, 1
_CELLS = {reason: cell for cell, reason in enumerate(Reason, start=2)}


class Sums:
    """Sums in cells, a whole number in each."""

    def __init__(self, cells: list[int] | memoryview | None = None) -> None:
        self._cells = [0] * len(NAMES) if cells is None else cells

    @property
    def received_micros(self) -> int:
        """What receiving has cost."""
        return self._cells[_RECEIVED]

    def receive(self, micros: int, segments: int) -> None:
        """Add what receiving a message costs, and its segments; or take them back."""
        self._cells[_RECEIVED] += micros
        self._cells[_SEGMENTS] += segments

    def count(self, reason: Reason) -> None:
        """Count an answer."""
        self._cells[_CELLS[reason]] += 1

    def tally(self) -> Tally:
        """Return all of them, as of now."""
        return tally_of(dict(zip(NAMES, self._cells, strict=True)))


def tally_of(sums: dict[str, int]) -> Tally:
    """Return what sums by their names say; what another version of the program counts is left out, or 0."""
    counts = {reason: sums[reason.value] for reason in Reason if reason.value in sums}
    return Tally(counts, sums["received_micros"], sums.get("received_segments", 0))
