"""One process at a time in a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes of ours from working in a folder meanwhile. Raises OSError where folders cannot be locked."""
    with _open(folder) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
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
