"""The clocks of the processes that play, compared with that of the one that leads: each begins at the same instant by its own.

1. A process is asked for its time again and again. Of each round trip only this is known: its answer was given between question
   and answer. The shortest one tells most.
2. Steady clocks are compared, not those on the wall: two machines need not agree on the time of day, and nobody sets them.
"""

import time

ROUNDS = 8


def steady_us() -> int:
    """Return this process's steady clock."""
    return time.perf_counter_ns() // 1_000


class Clock:
    """What is known of one process's clock."""

    def __init__(self) -> None:
        self._asked_us = 0
        self._rounds = 0
        self._ahead_us = 0
        self.error_us = 1 << 62
        """The most by which it may be another than it seems."""

    def ask(self, now_us: int) -> None:
        """Note that it is asked now."""
        self._asked_us = now_us

    def hear(self, theirs_us: int, now_us: int) -> None:
        """Take its answer, which has just come."""
        self._rounds += 1
        error_us = (now_us - self._asked_us) // 2 + 1
        if error_us < self.error_us:
            self.error_us = error_us
            self._ahead_us = theirs_us - (self._asked_us + now_us) // 2

    @property
    def is_known(self) -> bool:
        """Whether it was asked often enough."""
        return self._rounds >= ROUNDS

    def theirs_us(self, ours_us: int) -> int:
        """Return what it shows when ours shows an instant."""
        return ours_us + self._ahead_us
