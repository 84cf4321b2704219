"""A bell that a signal rings: what the server waits for until it is told to reload or to end, or until a worker dies.

Python runs a signal's handler between two steps of the main thread, and a :class:`threading.Event` is no match for that:

1. It holds a lock while it is set, cleared or about to be waited for. A handler that sets it just then waits for its own thread,
   for ever: a server that hears no signal any more, and replaces no worker.
2. A signal that comes after the last step before a wait, or to another thread, leaves its handler for later: until something
   else ends the wait.

So the bell is a pipe. Nothing is locked, and Python itself writes to it as a signal comes (docs.python.org, signal.set_wakeup_fd).
"""

import os
import signal
from contextlib import suppress
from multiprocessing.connection import wait

_CHUNK_BYTES = 4096


class Bell:
    """Rung or not, as a :class:`threading.Event` is set; one thread waits."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        for end in (self._out, self._in):
            os.set_blocking(end, False)

    def ring_at_signals(self) -> None:
        """Have every signal that has a handler in Python ring it, in this process. Raises ValueError in another thread than the main one."""
        signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)
        os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))

    def set(self) -> None:
        """Ring it."""
        with suppress(BlockingIOError):  # it rings already, thousands of times
            os.write(self._in, b"\0")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds for it to ring, or for ever, and return whether it does: until it is cleared."""
        return bool(wait([self._out], timeout))

    def clear(self) -> None:
        """Silence it; the handler of what rang it has been run by then."""
        with suppress(BlockingIOError):
            while os.read(self._out, _CHUNK_BYTES):
                pass
