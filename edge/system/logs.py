"""What a process says on stderr, and on stdout while it serves, without ever waiting for who reads it.

A pipe that nobody reads is full after 64 KiB. The next line would stop whoever writes it: a worker with all its answers, or the
server with a reload or a stop. So a thread of its own writes the lines, tracebacks and warnings included. What does not fit
meanwhile is lost, and how much it was is said as soon as somebody reads again.
"""

import io
import os
import select
import sys
import threading
from contextlib import suppress
from multiprocessing.util import Finalize
from queue import SimpleQueue

LINES_MAX = 1_000
"""How many lines wait to be written."""
END_S = 0.5
"""How long the end of a process waits for its last lines."""

GRANIAN = {
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": formatter, "stream": "ext://edge.system.logs.stderr"}
        for name, formatter in (("console", "generic"), ("access", "access"))
    }
}
"""What Granian logs, in the words of :mod:`logging.config`."""


class Output(io.TextIOBase):
    """A text file whose `write` never waits."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.begin()

    def begin(self) -> None:
        """Begin anew, in a process that was forked: it has the lines of its parent, but not the thread that writes them."""
        self._texts: SimpleQueue[bytes | threading.Event] = (
            SimpleQueue()
        )  # a signal handler may interrupt its own `put`
        self._counting = threading.RLock()  # and this
        self._lost = 0
        self._writer: threading.Thread | None = None

    def write(self, text: str) -> int:
        """Have a text written soon, or lost."""
        raw = text.encode(self.encoding, self.errors)
        if self._texts.qsize() < LINES_MAX:
            self._texts.put(raw)
        else:
            with self._counting:
                self._lost += text.count("\n")
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_forever, daemon=True)
            self._writer.start()
            Finalize(None, self.end, exitpriority=0)
        return len(text)

    def end(self) -> None:
        """Wait until all is written, but not for long."""
        written = threading.Event()
        self._texts.put(written)
        written.wait(END_S)

    def fileno(self) -> int:
        """Return the descriptor that is written to."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def _write_forever(self) -> None:
        while True:
            text = self._texts.get()
            if isinstance(text, threading.Event):
                text.set()
            else:
                self._write(text)
            if self._lost and self._texts.empty():
                with self._counting:
                    lost, self._lost = self._lost, 0
                self._write(b"%d lines of this process were lost, since nobody read them\n" % lost)

    def _write(self, raw: bytes) -> None:
        with suppress(OSError):  # who read it has gone
            while raw:
                try:
                    raw = raw[os.write(self._descriptor, raw) :]
                except BlockingIOError:  # whoever shares it has made it so
                    select.select([], [self._descriptor], [])


stdout = Output(1)
stderr = Output(2)
os.register_at_fork(after_in_child=stdout.begin)
os.register_at_fork(after_in_child=stderr.begin)


def never_wait() -> None:
    """Have all that this process says on stderr, whoever says it, written like that."""
    sys.stderr = stderr
