"""What one worker has seen, as running sums: in memory, or in a file that outlives the worker.

They only grow (but for what is taken back, see :mod:`edge.core.received`). Telling them is telling all of them: a ledger keeps
the mark up to which it knows them, by the name of their teller.
"""

from edge.core.charge import Tally
from edge.core.reason import Reason

NAMES = ("received_micros", *(reason.value for reason in Reason))
"""The sum in each cell."""
_RECEIVED = 0
_CELLS = {reason: cell for cell, reason in enumerate(Reason, start=1)}


class Sums:
    """Sums in cells, a whole number in each."""

    def __init__(self, cells: list[int] | memoryview | None = None) -> None:
        self._cells = [0] * len(NAMES) if cells is None else cells

    @property
    def received_micros(self) -> int:
        """What receiving has cost."""
        return self._cells[_RECEIVED]

    def receive(self, micros: int) -> None:
        """Add what receiving a message costs, or take it back."""
        self._cells[_RECEIVED] += micros

    def count(self, reason: Reason) -> None:
        """Count an answer."""
        self._cells[_CELLS[reason]] += 1

    def tally(self) -> Tally:
        """Return all of them, as of now."""
        return tally_of(dict(zip(NAMES, self._cells, strict=True)))


def tally_of(sums: dict[str, int]) -> Tally:
    """Return what sums by their names say; reasons of another version of the program are left out."""
    return Tally({reason: sums[reason.value] for reason in Reason if reason.value in sums}, sums["received_micros"])
