"""Whether the provider delivers to each number: a byte for each in a file, which its API writes and whoever plays the flood reads."""

import mmap
from pathlib import Path
from typing import Self

from loadtest.flood.arrival import Arrival

_DELIVERS, _HOLDS_BACK = ord("+"), ord("-")


class Line:
    """The file. Each process maps it for itself."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), 0)
        self._never_came: set[tuple[int, str]] = set()

    @classmethod
    def make(cls, path: Path, numbers: int) -> Self:
        """Make one that delivers to so many numbers."""
        path.write_bytes(bytes([_DELIVERS]) * numbers)
        return cls(path)

    def put(self, number: int, *, delivers: bool) -> None:
        """Deliver to a number from now on, or hold back; `number` is its place in the static file."""
        self._bytes[number] = _DELIVERS if delivers else _HOLDS_BACK

    def delivers(self, arrival: Arrival) -> bool:
        """Return whether an arrival that is due comes: a message that was held back is never delivered again, nor captured."""
        message = arrival.number, arrival.message_id
        if message in self._never_came:
            return False
        if self._bytes[arrival.number] == _DELIVERS or not arrival.kind.is_delivered:
            return True
        self._never_came.add(message)
        return False
