"""A process that ends with the one that started it, whatever ends that: an error, a signal, `kill -9`.

1. It has a session of its own, so a Ctrl-C at the terminal reaches its parent alone, which ends it in its turn.
2. Where the system can (Linux), it is sent SIGTERM the moment its parent is gone. Elsewhere it is ended by whatever its parent
   still gets to do: not after `kill -9`.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of <linux/prctl.h>."""
_ENDING_S = 15.0
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a program to end."""


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], output: IO[str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for as long as the block takes; its output goes where the parent's goes, or to a file."""
    process = subprocess.Popen(  # noqa: S603  our own program
        command,
        env=environ,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=tie(os.getpid(), signal.SIGTERM),  # noqa: PLW1509  there is one thread
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_ENDING_S)
    finally:
        process.kill()
        process.wait()


def tie(parent: int, number: signal.Signals) -> Callable[[], None]:
    """Return what a child calls first of all, to be sent a signal when its parent is gone."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def be_tied() -> None:
        prctl(_PARENT_DEATH_SIGNAL, number)
        if os.getppid() != parent:  # it was gone before that
            os._exit(1)

    return be_tied


@contextmanager
def passing_on(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Leave it to a process to end in its own way when this one is asked to; whoever asks again is obeyed at once.

    Yields the signals that have asked.
    """
    asked: list[int] = []

    def ask(number: int, _frame: Any) -> None:
        asked.append(number)
        process.terminate()
        stop_at_once()

    before = {number: signal.signal(number, ask) for number in STOPS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_at_once() -> None:
    """Have whatever asks this process to end raise KeyboardInterrupt, so that what was started is ended as well."""
    for number in STOPS:
        signal.signal(number, signal.default_int_handler)
