"""The schedule of one process: what it has to send and when, encoded and signed ahead of time.

1. Signing a message costs several times what sending it does, so it is done before the flood starts, and in its pauses.
2. Of n processes, process w plays the arrivals whose `index % n == w`. All make the whole flood, so that the seed decides
   everything and nothing has to be shared.
3. Only `AHEAD_MAX` arrivals are held: a flood of any length fits.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from loadtest.flood.arrival import Arrival

AHEAD_MAX = 50_000
"""About 50 MB, and some two seconds of signing."""
NEVER_US = 1 << 62


class Due(NamedTuple):
    """One arrival, ready to send."""

    at_us: int
    payload: bytes
    arrival: Arrival


class Schedule:
    """The arrivals of one process in the order in which they are due."""

    def __init__(
        self, flood: Iterable[Arrival], encode: Callable[[Arrival], bytes], *, place: int = 0, of: int = 1
    ) -> None:
        """Take the whole flood; `place` is this process among all of them."""
        self._flood, self._place, self._of = iter(flood), place, of
        self._encode = encode
        self._ahead: deque[Due] = deque()
        self._ended = False
        self.next_at_us = 0
        """The instant at which the next arrival is due; NEVER_US after the last one."""
        self.last_us = 0
        """The instant at which the last arrival that has been looked at is due, whichever process plays it."""
        self.prepare(1)

    @property
    def hungry(self) -> bool:
        """Whether there is more to prepare, and room for it."""
        return not self._ended and len(self._ahead) < AHEAD_MAX

    def prepare(self, count: int) -> None:
        """Encode some more arrivals."""
        for arrival in islice(self._mine(), 0 if self._ended else count):
            self._ahead.append(Due(arrival.at_us, self._encode(arrival), arrival))
        self.next_at_us = self._ahead[0].at_us if self._ahead else NEVER_US

    def pop(self) -> Due:
        """Take the arrival that is due next."""
        due = self._ahead.popleft()
        if self._ahead:
            self.next_at_us = self._ahead[0].at_us
        else:
            self.prepare(1)
        return due

    def stop(self) -> None:
        """Drop everything that is not sent yet."""
        self._ahead.clear()
        self._ended = True
        self.next_at_us = NEVER_US

    def _mine(self) -> Iterator[Arrival]:
        for arrival in self._flood:
            self.last_us = arrival.at_us
            if arrival.index % self._of == self._place:
                yield arrival
        self._ended = True
