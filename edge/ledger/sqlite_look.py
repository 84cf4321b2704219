"""Looking at an SQLite ledger: nothing is written, not even beside it, whoever owns it and whether or not a worker runs.

1. SQLite makes a log and a shared memory beside a file that it only reads, unless they are there, or it is told that the file
   does not change. So where there is a log, it is read as it is; where there is none, the file is taken to stand still.
2. A log that was left behind without its shared memory, as a copy of a folder may have it, can only be read by whoever
   writes: then a copy is read.
3. Whoever writes may begin or end meanwhile. Then what was read may be nonsense, and it is read again.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import apsw

from edge.access import why_not_read
from edge.errors import LedgerError
from edge.ledger import sqlite_state
from edge.ledger.sqlite_about import has_key
from edge.ledger.sqlite_books import APPLICATION_ID, VERSION
from edge.ledger.sqlite_file import BUSY_S, KEY_BYTES, check_library, key_path, wait
from edge.ledger.sqlite_watch import index_path, log_path

Found = TypeVar("Found")

_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


class Looked(NamedTuple):
    """What a ledger's file and the key beside it come to."""

    is_begun: bool
    """Whether there is a ledger; without one there is no key either."""
    key: bytes | None
    """The key that hashes numbers; a ledger whose beginning was cut short may lack it."""


def look(path: Path) -> Looked:
    """Return what is there. Raises LedgerError for what is no ledger, or one that must not be used."""
    check_library()
    try:
        # Looked at first: a process that begins a ledger at the same moment makes the key after it.
        key = _read_key(key_path(path))
        blank, had_key = read(path, lambda connection: _examine(connection, path)) if path.exists() else (True, False)
    except (apsw.Error, OSError) as error:
        reason = why_not_read(error) if isinstance(error, OSError) else str(error)
        raise LedgerError(f"{path}: cannot be used as a ledger: {reason}") from None
    if blank and key is not None:
        raise _lost(path, "empty" if path.exists() else "missing")
    if key is None and had_key:
        raise LedgerError(
            f"{key_path(path)}: missing: without it nobody is recognised, and everyone would be answered again. Restore it"
        )
    return Looked(not blank, key)


def read(path: Path, work: Callable[[apsw.Connection], Found]) -> Found:
    """Return what a function reads from a ledger that is there. Raises apsw.Error or OSError, and what the function raises."""
    deadline = time.monotonic() + BUSY_S
    while True:
        state = _State.of(path)
        try:
            with _opened(path, state) as connection:
                found = work(connection)
        except (apsw.Error, OSError, LedgerError):
            if state == _State.of(path) or time.monotonic() > deadline:
                raise
        else:
            if state == _State.of(path) or time.monotonic() > deadline:
                return found


class _State(NamedTuple):
    """What must not change while a ledger is read."""

    file: tuple[int, int, int, int] | tuple[()]
    """That of a file that is taken to stand still."""
    has_log: bool
    is_shared: bool

    @classmethod
    def of(cls, path: Path) -> "_State":
        """Return the state of now."""
        has_log = _size(log_path(path)) > 0
        is_shared = has_log and index_path(path).exists()
        found = path.stat()
        return cls(
            () if is_shared else (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns), has_log, is_shared
        )


def _size(path: Path) -> int:
    """Return the size of a file, which may be gone by now."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def _opened(path: Path, state: _State) -> Iterator[apsw.Connection]:
    if state.has_log and not state.is_shared:
        with tempfile.TemporaryDirectory(prefix="antirelou-") as folder:
            copy = Path(folder) / path.name
            for part in (path, log_path(path)):
                shutil.copyfile(part, copy.with_name(part.name))
            with _closing(apsw.Connection(os.fspath(copy))) as connection:
                yield connection
        return
    how = "readonly_shm=1" if state.is_shared else "immutable=1"
    with _closing(apsw.Connection(f"file:{quote(os.fsencode(path))}?mode=ro&{how}", flags=_READ_ONLY)) as connection:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        yield connection


@contextmanager
def _closing(connection: apsw.Connection) -> Iterator[apsw.Connection]:
    try:
        connection.set_busy_handler(wait)
        yield connection
    finally:
        connection.close(force=True)


def _examine(connection: apsw.Connection, path: Path) -> tuple[bool, bool]:
    """Return whether a database is blank, and whether it has had a key. Raises LedgerError if it is no ledger of ours."""
    application_id = connection.pragma("application_id")
    if not application_id and not list(connection.execute("SELECT 1 FROM sqlite_master")):
        return True, False
    if application_id != APPLICATION_ID:
        raise LedgerError(f"{path}: a database, but not a ledger; name another file in ledger.url")
    version = connection.pragma("user_version")
    if version != VERSION:
        raise LedgerError(f"{path}: version {version}, and this program knows {VERSION}; run the one that wrote it")
    try:
        sqlite_state.read(connection)
    except LedgerError as error:
        raise LedgerError(f"{path}: {error}") from None
    return False, has_key(connection) or bool(list(connection.execute("SELECT 1 FROM sender LIMIT 1")))


def _read_key(path: Path) -> bytes | None:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {why_not_read(error)}; a ledger needs its key") from None
    if len(key) != KEY_BYTES:
        raise LedgerError(f"{path}: holds {len(key)} bytes, not {KEY_BYTES}; restore it from a backup")
    return key


def _lost(path: Path, what: str) -> LedgerError:
    return LedgerError(
        f"{path}: {what}, but its key {key_path(path)} is there: what was spent is not known. "
        "Restore the ledger, or delete the key to begin again with a full kitty"
    )
