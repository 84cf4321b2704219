"""The provider between a flood and the worker: it delivers while it is attached, and each change takes a while.

What is sent while it is detached is held back: nobody answers it, nobody pays for it, and nobody sees it.
"""

from collections.abc import Sequence

from edge.units import DAY_MS


class Line:
    """What the provider was asked for so far, and what it does."""

    def __init__(self, delay_ms: int) -> None:
        self._delay_ms = delay_ms
        self._delivers = True
        self._coming: list[tuple[int, bool]] = []
        """The changes that are not in effect yet, in their order."""
        self.held_back = 0
        self.changes_ms: list[int] = []
        self.off_ms = 0
        self._off_since_ms = 0

    def ask(self, *, attached: bool, now_ms: int) -> None:
        """Ask for a change."""
        self.changes_ms.append(now_ms)
        self._coming.append((now_ms + self._delay_ms, attached))

    def delivers(self, now_ms: int) -> bool:
        """Return whether what is sent at an instant is delivered; it is counted where it is not."""
        self._settle(now_ms)
        self.held_back += not self._delivers
        return self._delivers

    def end(self, now_ms: int) -> None:
        """Take an instant for the end of it all."""
        self._settle(now_ms)
        if not self._delivers:
            self.off_ms += now_ms - self._off_since_ms

    def _settle(self, now_ms: int) -> None:
        while self._coming and self._coming[0][0] <= now_ms:
            at_ms, self._delivers = self._coming.pop(0)
            if self._delivers:
                self.off_ms += at_ms - self._off_since_ms
            else:
                self._off_since_ms = at_ms


def changes_in_a_day(changes_ms: Sequence[int]) -> int:
    """Return how many changes were asked for in the worst 24 hours."""
    most, first = 0, 0
    for place, at_ms in enumerate(changes_ms):
        while changes_ms[first] <= at_ms - DAY_MS:
            first += 1
        most = max(most, place - first + 1)
    return most
