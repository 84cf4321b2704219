"""What went wrong inside, in the log: one traceback a minute, and how many more there were.

Of an error its kind is shown and where it was raised, never its words: they may hold a number or a text.
"""

import logging
import time
import traceback
from collections.abc import Callable

PAUSE_S = 60.0

log = logging.getLogger("antirelou")


class Faults:
    """One worker's faults."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._said_s: float | None = None
        self._unsaid = 0

    def say(self, error: Exception) -> None:
        """Log a fault, or count it if one was logged a moment ago."""
        now_s = self._monotonic()
        if self._said_s is not None and now_s - self._said_s < PAUSE_S:
            self._unsaid += 1
            return
        more = f" ({self._unsaid} more since the last one was shown)" if self._unsaid else ""
        self._said_s, self._unsaid = now_s, 0
        where = "".join(traceback.format_tb(error.__traceback__)).rstrip()
        log.error("fault: %s, silent all the same%s; please report it:\n%s", type(error).__name__, more, where)
