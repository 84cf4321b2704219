"""Who speaks for a machine while the ledger is away: one worker, which holds the lock of a file, and what it has said stands in it.

Without a folder that can be written nobody can agree on it, and each worker speaks.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

NOTES_BYTES_MAX = 1_000_000


class Voice:
    """The file of one ledger's workers on a machine."""

    def __init__(self, folder: Path | None, owner: str) -> None:
        """Take the folder, and what tells the ledger from others."""
        self._path = None if folder is None else folder / f"antirelou-{owner[:8]}-voice"
        self._descriptor: int | None = None
        self._said = b""
        self.is_taken = False
        """Whether this worker speaks."""

    def take(self) -> bool:
        """Return whether this worker speaks."""
        if self.is_taken:
            return True
        if self._path is None:
            self.is_taken = True
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            self.is_taken = True
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self.is_taken = True
        self._descriptor, self._said = descriptor, os.pread(descriptor, NOTES_BYTES_MAX, 0)
        return True

    @property
    def notes(self) -> bytes:
        """What whoever spoke has kept."""
        return self._said

    def keep(self, notes: bytes) -> None:
        """Keep what was said, for whoever speaks next; on a full disk it is kept in memory alone."""
        self._said = notes
        if self._descriptor is not None:
            with suppress(OSError):
                os.pwrite(self._descriptor, notes, 0)
                os.ftruncate(self._descriptor, len(notes))

    def release(self) -> None:
        """Let another worker speak."""
        self.is_taken = False
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
