"""Whether the provider delivers to the number: one byte in a file, which its API writes and whoever plays the flood reads."""

import mmap
from pathlib import Path
from typing import Self

from loadtest.flood.arrival import Arrival

_DELIVERS, _HOLDS_BACK = b"+", b"-"


class Line:
    """The file. Each process maps it for itself."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        with path.open("r+b") as file:
            self._byte = mmap.mmap(file.fileno(), 1)
        self._never_came: set[str] = set()

    @classmethod
    def make(cls, path: Path) -> Self:
        """Make one that delivers."""
        path.write_bytes(_DELIVERS)
        return cls(path)

    def put(self, *, delivers: bool) -> None:
        """Deliver from now on, or hold back."""
        self._byte[:1] = _DELIVERS if delivers else _HOLDS_BACK

    def delivers(self, arrival: Arrival) -> bool:
        """Return whether an arrival that is due comes: a message that was held back is never delivered again, nor captured."""
        if arrival.message_id in self._never_came:
            return False
        if self._byte[:1] == _DELIVERS or not arrival.kind.is_delivered:
            return True
        self._never_came.add(arrival.message_id)
        return False
