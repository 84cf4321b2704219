"""Works something out beside a flood: in a copy of this process, for judging and drawing take longer than a message may wait."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gevent import monkey
from gevent import os as cooperative

_NICE = 10
_CHUNK_BYTES = 1 << 16


def aside(work: Callable[[], str]) -> str:
    """Return what `work` returns; empty if it fails. Other greenlets go on meanwhile, and nothing that it changes is changed here."""
    fork: Any = monkey.get_original("os", "fork")
    read_end, write_end = os.pipe()
    child = fork()
    if child == 0:
        _tell(work, write_end)
    os.close(write_end)
    try:
        return b"".join(_chunks(read_end)).decode()
    finally:
        os.close(read_end)
        with suppress(ChildProcessError):  # Locust's own loop may have buried it
            os.waitpid(child, 0)


def _tell(work: Callable[[], str], write_end: int) -> None:
    """Do the work, write it down, and be gone: nothing of what this process was may go on in its copy."""
    try:
        os.nice(_NICE)
        with open(write_end, "wb", closefd=False) as file:
            file.write(work().encode())
    finally:
        os._exit(0)


def _chunks(descriptor: int) -> Any:
    while chunk := cooperative.tp_read(descriptor, _CHUNK_BYTES):
        yield chunk
