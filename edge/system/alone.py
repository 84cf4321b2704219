"""One process at a time in a folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAUSE_S = 0.01


@contextmanager
def alone_in(folder: Path, tries: int) -> Iterator[None]:
    """Keep other processes of ours from working in a folder meanwhile; between two tries there are 10 ms.

    Raises OSError where folders cannot be locked; BlockingIOError if somebody was there at each try: a process of ours is
    done soon, but anybody who can read a folder can lock it for as long as they like.
    """
    with _open(folder) as descriptor:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tries -= 1
                if tries <= 0:
                    raise
                time.sleep(_PAUSE_S)
        yield


def try_alone_in(folder: Path) -> None:
    """Raise OSError where a folder cannot be locked; one in which somebody works just now can be."""
    with _open(folder) as descriptor, suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _open(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
