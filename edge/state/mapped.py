"""A file that is memory: what is stored in it is the kernel's at once, so that it survives the process, `kill -9` included.

1. It is allocated whole before it is mapped: a store into a file that has no room on its disk would kill the process.
2. Pages in front, one unless there are very many names, say whose it is and what it holds. A file that says something else, or is
   not whole, is not opened.
3. It appears whole and once, whoever else makes it at the same moment.
4. Nothing is written through at once: after a power cut it may be as it was half a minute before (Linux writes such pages after some
   thirty seconds).
"""

import fcntl
import mmap
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

HEAD_BYTES = mmap.PAGESIZE
"""A head is so long, or a multiple of it where it says more. What it says ends with the first blank byte."""
CELL_BYTES = 8
VERSION = 1


def name_of(owner: str, what: str) -> str:
    """Return the name of a file of one ledger."""
    return f"antirelou-{owner[:8]}-{what}"


class Head(msgspec.Struct, frozen=True):
    """What a file says of itself."""

    version: int
    owner: str
    """What tells the ledger from others."""
    teller: str
    """The name by which the ledger knows what it was told of this file; blank for one that tells nothing."""
    names: tuple[str, ...]
    """The names of the whole numbers that it holds, if it holds such."""
    body_bytes: int


class NotWholeError(OSError):
    """A file is shorter than it says, or says nothing that is understood."""


class Mapped:
    """An open file: its head, and its body in memory."""

    def __init__(self, path: Path) -> None:
        """Open a file. Raises OSError; NotWholeError if it is no file of this kind, or not all of it."""
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            self.head, self._head_bytes, self._memory = _map(self._descriptor)
        except BaseException:
            os.close(self._descriptor)
            raise

    def take(self) -> bool:
        """Lock it until it is closed, or the process ends; return False if somebody else has, or it is no longer in its place."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return self.is_in_place()

    def is_in_place(self) -> bool:
        """Return whether it still has its name: it may have been removed, or another one put in its place."""
        with suppress(OSError):
            return os.path.samestat(self.path.stat(), os.fstat(self._descriptor))
        return False

    @property
    def body(self) -> memoryview:
        """What it holds, byte by byte."""
        return memoryview(self._memory)[self._head_bytes :]

    def cells(self) -> dict[str, int]:
        """Return the whole numbers in it, by their names."""
        return dict(zip(self.head.names, self.body.cast("q"), strict=True))

    def close(self) -> None:
        """Let go of the lock; what is mapped stays mapped as long as somebody holds a view of it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # the map has a descriptor of its own, which would hold the lock
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        """Have it closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def size_of(head: Head) -> int:
    """Return how many bytes a file takes."""
    return _long(msgspec.json.encode(head)) + head.body_bytes


def make(path: Path, head: Head) -> None:
    """Make a file, blank, unless there is one. Raises OSError, and then nothing stays."""
    said = msgspec.json.encode(head)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    try:
        os.posix_fallocate(descriptor, 0, size_of(head))
        os.pwrite(descriptor, said, 0)
        os.fsync(descriptor)
        _put(name, path)
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)


def _put(name: str, path: Path) -> None:
    try:
        path.hardlink_to(name)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links: whoever is last has the file
        Path(name).replace(path)


def _map(descriptor: int) -> tuple[Head, int, mmap.mmap]:
    said = _said(descriptor)
    try:
        head = msgspec.json.decode(said, type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotWholeError("not a file of the state") from None
    if head.version != VERSION:
        raise NotWholeError(f"version {head.version}, and this program knows {VERSION}")
    size = _long(said) + head.body_bytes
    if os.fstat(descriptor).st_size != size:
        raise NotWholeError("not whole")
    return head, _long(said), mmap.mmap(descriptor, size)


def _said(descriptor: int) -> bytes:
    """Return what a file says of itself."""
    said = b""
    while b"\0" not in said and (page := os.pread(descriptor, HEAD_BYTES, len(said))):
        said += page
    return said.partition(b"\0")[0]


def _long(said: bytes) -> int:
    """Return how long a head is that says this, with the byte that ends it."""
    return (len(said) // HEAD_BYTES + 1) * HEAD_BYTES
