"""What one worker has seen, as running sums: in memory, or in a file that outlives the worker.

They only grow (but for what is taken back, see :mod:`edge.core.seen.received`). Telling them is telling all of them: a ledger keeps
the mark up to which it knows them, by the name of their teller.
"""

from collections.abc import Sequence

from edge.core.charging.charge import Came, Tally
from edge.core.charging.watermarks import mark_of
from edge.core.wire.reason import AGAIN, Reason

NAMES = ("received_micros", "received_segments", *(reason.value for reason in Reason))
"""The sum in each cell; those of each number come behind, where there are several."""
_RECEIVED, _SEGMENTS = 0, 1
_CELLS = {reason: cell for cell, reason in enumerate(Reason, start=2)}
_OF_NUMBER = Came.__struct_fields__
_CAME = frozenset(reason for reason in Reason if reason.received and reason is not Reason.ANSWERED)


def names_of(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the name of each cell; `numbers` are ours, where there are several."""
    return (*NAMES, *(mark_of(number, what) for number in numbers for what in _OF_NUMBER))


class Sums:
    """Sums in cells, a whole number in each."""

    def __init__(self, cells: list[int] | memoryview | None = None, numbers: Sequence[str] = ()) -> None:
        """Take the cells, one for each name of `names_of`, or begin them."""
        self._names = names_of(numbers)
        self._cells = [0] * len(self._names) if cells is None else cells
        self._of_numbers: list[Sums] = []

    def move(self, cells: list[int] | memoryview) -> None:
        """Go on in other cells, which hold the same; so do the sums of each number."""
        self._cells = cells
        for sums in self._of_numbers:
            sums.move(cells)

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
        return tally_of(dict(zip(self._names, self._cells, strict=True)))

    def of(self, number: str) -> "Sums":
        """Return the same sums for what comes to one of several numbers; blank is the only one."""
        if not number:
            return self
        self._of_numbers.append(NumberSums(self._cells, self._names, number))
        return self._of_numbers[-1]


class NumberSums(Sums):
    """The sums of all, and beside them those of one number, for what comes to it."""

    def __init__(self, cells: list[int] | memoryview, names: tuple[str, ...], number: str) -> None:
        self._names, self._cells, self._of_numbers = names, cells, []
        messages, again, self._own_received, self._own_segments = (
            names.index(mark_of(number, what)) for what in _OF_NUMBER
        )
        own = ((messages, _CAME), (again, AGAIN))
        self._counting = {
            reason: (_CELLS[reason], *(cell for cell, reasons in own if reason in reasons)) for reason in Reason
        }
        """The cells that each reason is counted in: looked up once a message."""

    def receive(self, micros: int, segments: int) -> None:
        """Add what receiving a message costs, and its segments; or take them back."""
        cells = self._cells
        cells[_RECEIVED] += micros
        cells[_SEGMENTS] += segments
        cells[self._own_received] += micros
        cells[self._own_segments] += segments

    def count(self, reason: Reason) -> None:
        """Count an answer."""
        for cell in self._counting[reason]:
            self._cells[cell] += 1


def tally_of(sums: dict[str, int]) -> Tally:
    """Return what sums by their names say; what another version of the program counts is left out, or 0."""
    counts = {reason: sums[reason.value] for reason in Reason if reason.value in sums}
    came: dict[str, dict[str, int]] = {}
    for name, sum_ in sums.items():
        number, _, what = name.partition(" ")
        if what in _OF_NUMBER:
            came.setdefault(number, {})[what] = sum_
    numbers = {number: Came(**own) for number, own in came.items()}
    return Tally(counts, sums["received_micros"], sums.get("received_segments", 0), numbers)
