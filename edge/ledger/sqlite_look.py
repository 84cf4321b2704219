"""Looking at an SQLite ledger: nothing is written, not even beside it, whoever owns it and whether or not a worker runs.

1. SQLite makes a log and a shared memory beside a file that it only reads, unless they are there, or it is told that the file
   does not change. So where there is a log, it is read as it is; where there is none, the file is taken to stand still.
2. A log that was left behind without its shared memory, as a copy of a folder may have it, can only be read by whoever
   writes: then a copy is read.
3. Whoever writes may begin or end meanwhile. Then what was read may be nonsense, and it is read again.
4. A log without a frame that counts, as a kill between the header and the first frame leaves it, is as good as none. SQLite
   looks into it again and again, for ten seconds, and then says "locking protocol".
"""

import os
import shutil
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import apsw

from edge.errors import LedgerError
from edge.ledger import sqlite_state
from edge.ledger.sqlite_about import has_key
from edge.ledger.sqlite_file import BUSY_S, KEY_BYTES, check_library, key_path, wait
from edge.ledger.sqlite_tables import APPLICATION_ID, VERSION
from edge.ledger.sqlite_watch import index_path, log_path
from edge.system.access import check_is_file, read_file, why_not_read

Found = TypeVar("Found")

_KEY_FILE_BYTES_MAX = 4_096
"""More than a key has, so that the complaint can say how much is there."""
_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
_LOG_HEADER = struct.Struct(">6I8s")
"""Of a log: mark, version, four numbers, and a sum over them (https://sqlite.org/fileformat2.html#the_write_ahead_log)."""
_LOG_MARKS, _LOG_VERSION = {0x377F0682: "<", 0x377F0683: ">"}, 3_007_000
"""A mark tells in which order of bytes the sum is worked out."""


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
        if os.path.lexists(path):  # links that lead in a circle are there, too
            check_is_file(path)
        blank, had_key = read(path, lambda connection: _examine(connection, path)) if path.exists() else (True, False)
        if key is None and had_key:  # it was begun in between: what says that there is a key is written after the key
            key = _read_key(key_path(path))
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
        has_log = _has_frames(log_path(path))
        is_shared = has_log and index_path(path).exists()
        found = path.stat()
        return cls(
            () if is_shared else (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns), has_log, is_shared
        )


def _has_frames(log: Path) -> bool:
    """Return whether a log, which may be gone by now, goes on after a header that is whole."""
    try:
        with log.open("rb", buffering=0) as file:
            found = file.read(_LOG_HEADER.size + 1)  # at once: it may be written meanwhile
    except FileNotFoundError:
        return False
    if len(found) <= _LOG_HEADER.size:
        return False
    header = found[: _LOG_HEADER.size]
    mark, version, *_, total = _LOG_HEADER.unpack(header)
    return mark in _LOG_MARKS and version == _LOG_VERSION and total == _sum(header[:24], _LOG_MARKS[mark])


def _sum(words: bytes, order: str) -> bytes:
    """Return the sum over a header (https://sqlite.org/fileformat2.html#checksum_algorithm)."""
    first = second = 0
    for one, other in struct.iter_unpack(f"{order}2I", words):
        first = (first + one + second) % 2**32
        second = (second + other + first) % 2**32
    return struct.pack(">2I", first, second)


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
        key = read_file(path, _KEY_FILE_BYTES_MAX)
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
