"""Whether the files of a ledger are still those that a worker has opened, and who else has which of them open.

SQLite takes it for granted that nobody removes, replaces or writes to its files behind its back. Whoever goes on with a log
that was removed pays replies that nobody finds again; whoever opens the file anew beside them counts a second time, and what
both write makes one file of two accounts.

1. A look costs some microseconds, and is taken before and after each transaction, never for a message that is refused.
2. Who has a ledger open marks on its key, as a lock that ends with the process, which files those are. So nobody opens it
   anew before all have let go of what was removed, and nobody writes back what others have gone beyond.
3. In the same way each marks how many replies it knows of: an older copy is one for all of them, also for who came last.
"""

import fcntl
import hashlib
import os
import struct
import sys
from pathlib import Path
from typing import NamedTuple

Identity = tuple[int, int]
"""Device and inode."""

_SALTS = slice(16, 24)
"""Where the header of a log has what tells it from the log before it (https://sqlite.org/fileformat2.html#walformat)."""
_HAS_MARKS = sys.platform == "linux"
"""Elsewhere there are no locks that belong to an open file; there a worker is for trying things out."""
_MARK = struct.Struct("hhqqi4x")
"""`struct flock`."""
_REPLIES, _END = 2**60, 2**62
"""Below the first lie the marks of files, from there on those of replies."""


class Sight(NamedTuple):
    """What lies where a ledger lies."""

    file: Identity
    log: Identity | None
    log_index: Identity | None
    size: int
    written_ns: int
    """When the file was last written to; that takes a checkpoint, or a stranger."""
    salts: bytes
    log_size: int

    @property
    def files(self) -> tuple[Identity, Identity | None, Identity | None]:
        """The three files: none of them changes while somebody has the ledger open."""
        return self.file, self.log, self.log_index

    def is_touched(self, now: "Sight") -> bool:
        """Return whether somebody has written to the file, or begun the log anew, since this was seen; another worker may."""
        return (self.size, self.written_ns, self.salts) != (now.size, now.written_ns, now.salts) or (
            now.log_size < self.log_size
        )

    @property
    def mark(self) -> int:
        """A number that only those have in common who have the same files open."""
        digest = hashlib.blake2b(repr(self.files).encode(), digest_size=7).digest()
        return 1 + int.from_bytes(digest, "big")


def log_path(path: Path) -> Path:
    """Return where the log of a ledger lies."""
    return path.with_name(f"{path.name}-wal")


def index_path(path: Path) -> Path:
    """Return where the index of the log lies."""
    return path.with_name(f"{path.name}-shm")


class OpenLog:
    """The log of a ledger, kept open to be looked into: a look takes no file descriptor, and strangers may have taken all."""

    def __init__(self) -> None:
        self._identity: Identity | None = None
        self._descriptor: int | None = None

    def look(self, path: Path) -> tuple[Identity | None, bytes, int]:
        """Return which file it is, what tells it from the one before it, and its size. Raises OSError."""
        try:
            status = path.stat()
            if self._descriptor is None or self._identity != _identity(status):
                self.close()
                self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                status = os.fstat(self._descriptor)
                self._identity = _identity(status)
        except FileNotFoundError:
            return None, b"", 0
        return self._identity, os.pread(self._descriptor, _SALTS.stop, 0)[_SALTS], status.st_size

    def close(self) -> None:
        """Let go of it. SQLite has no locks on it that would go as well."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._identity = self._descriptor = None


def look(path: Path, log: OpenLog | None = None) -> Sight:
    """Return what lies there, with the log that is kept open, if one is. Raises OSError if the ledger itself does not."""
    file = path.stat()
    kept = log or OpenLog()
    try:
        identity, salts, log_size = kept.look(log_path(path))
    finally:
        if log is None:
            kept.close()
    return Sight(
        _identity(file), identity, _identity_of(index_path(path)), file.st_size, file.st_mtime_ns, salts, log_size
    )


class Marks:
    """The marks of one worker on the key of a ledger, and those of others."""

    def __init__(self, key: Path) -> None:
        """Take the path of the key. Raises OSError."""
        self._descriptor = os.open(key, os.O_RDONLY | os.O_CLOEXEC)
        self._replies: int | None = None

    def set_files(self, sight: Sight) -> None:
        """Mark which files we have open."""
        self._lock(fcntl.F_RDLCK, sight.mark)

    def has_other_files(self, sight: Sight) -> bool:
        """Return whether somebody else has other files than these open."""
        return self._is_marked(0, sight.mark) or self._is_marked(sight.mark + 1, _REPLIES)

    def set_replies(self, replies: int) -> None:
        """Mark how many replies we know of."""
        if replies != self._replies:
            self._lock(fcntl.F_RDLCK, _REPLIES + replies)
            if self._replies is not None:
                self._lock(fcntl.F_UNLCK, _REPLIES + self._replies)
            self._replies = replies

    def has_more_replies(self, replies: int) -> bool:
        """Return whether somebody else knows of more replies."""
        return self._is_marked(_REPLIES + replies + 1, _END)

    def close(self) -> None:
        """Take back our marks."""
        os.close(self._descriptor)

    def _lock(self, kind: int, at: int) -> None:
        if _HAS_MARKS:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _MARK.pack(kind, os.SEEK_SET, at, 1, 0))

    def _is_marked(self, start: int, end: int) -> bool:
        if not _HAS_MARKS:
            return False
        asked = _MARK.pack(fcntl.F_WRLCK, os.SEEK_SET, start, end - start, 0)
        kind, *_ = _MARK.unpack(fcntl.fcntl(self._descriptor, fcntl.F_OFD_GETLK, asked))
        return bool(kind != fcntl.F_UNLCK)


def _identity_of(path: Path) -> Identity | None:
    try:
        return _identity(path.stat())
    except FileNotFoundError:
        return None


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino
