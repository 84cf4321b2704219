"""What a server has posted for whoever asks it to reload: that it runs, and what became of the last time.

One file for each static file, in the folder of the machine's state, locked by its server for as long as that lives: so a number
of a process that is long gone, or somebody else's by now, is never sent a signal.
"""

import fcntl
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple


class Posted(NamedTuple):
    """What stands there."""

    server: int
    """The process."""
    reloads: int
    """So many were asked for since it began."""
    said: str
    """What became of the last one, in one line."""
    state: str
    """That of the last one: refused, begun, or done when all workers have been replaced."""


REFUSED, BEGUN, DONE = "refused", "begun", "done"


class Bulletin:
    """A server's own, from `open` on; where nothing can be kept, nothing is."""

    def __init__(self, folder: Path | None, file: Path) -> None:
        """Take the folder of the machine's state, None for none, and the static file."""
        self._path = None if folder is None else path_of(folder, file)
        self._descriptor: int | None = None
        self._reloads = 0

    def open(self) -> None:
        """Say that this process serves the file, and hears when it is to reload."""
        if self._path is None:
            return
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._descriptor = descriptor
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(0, "", DONE)

    def refused(self, why: str) -> None:
        """Say that a reload was asked for, and changed nothing."""
        self._reloads += 1
        self._write(self._reloads, why, REFUSED)

    def begun(self, what: str) -> None:
        """Say that one was asked for, and what is different."""
        self._reloads += 1
        self._write(self._reloads, what, BEGUN)

    def done(self) -> None:
        """Say that all workers have been replaced."""
        if self._descriptor is not None:
            with suppress(OSError):
                posted = _read(self._descriptor)
                if posted is not None and posted.state == BEGUN:
                    self._write(posted.reloads, posted.said, DONE)

    def _write(self, *posted: object) -> None:
        if self._descriptor is not None:
            text = json.dumps([os.getpid(), *posted]).encode()
            with suppress(OSError):
                os.pwrite(self._descriptor, text, 0)
                os.ftruncate(self._descriptor, len(text))


def path_of(folder: Path, file: Path) -> Path:
    """Return where the server of a static file posts."""
    return folder / f"server-{hashlib.blake2b(os.fsencode(os.path.realpath(file)), digest_size=8).hexdigest()}"


def posted(folder: Path, file: Path) -> Posted | None:
    """Return what the server of a static file has posted; None where none runs, or it is just writing. Raises OSError."""
    try:
        descriptor = os.open(path_of(folder, file), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return _read(descriptor) if _is_locked(descriptor) else None
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _read(descriptor: int) -> Posted | None:
    try:
        found: list[Any] = json.loads(os.pread(descriptor, 65_536, 0))
    except ValueError:
        return None
    return Posted(*found)
