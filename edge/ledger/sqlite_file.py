"""The SQLite file itself: made once, checked at every start, never quietly replaced.

1. The key that hashes numbers lies beside the ledger, mode 0600, and is made once, after it. Without its key a ledger knows
   nobody; without its ledger a key means that money was counted and the count is gone. Both are refused, not mended.
2. WAL and `synchronous=FULL`: a commit is on disk before it returns. Several workers are several connections, and SQLite
   from 3.7.0 to 3.51.2 can then lose commits (https://sqlite.org/wal.html#walresetbug), so an older one is refused.
"""

import os
import secrets
import tempfile
import time
from pathlib import Path

import apsw

from edge.errors import LedgerError
from edge.ledger import sqlite_state
from edge.ledger.sqlite_books import ADDITIONS, APPLICATION_ID, SCHEMA, VERSION

SQLITE_MIN = (3, 51, 3)
KEY_BYTES = 32
BUSY_S = 1.0
"""The longest wait for another worker's transaction: those take milliseconds."""
_POLL_S = 0.000_5


def key_path(path: Path) -> Path:
    """Return where the key of a ledger lies."""
    return path.with_name(path.name + ".key")


def prepare(path: Path) -> bytes:
    """Make or check the ledger and its key, and return the key. Raises LedgerError: what is wrong and what to do."""
    if tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) < SQLITE_MIN:
        raise LedgerError(f"SQLite {apsw.sqlite_lib_version()} can lose commits; install apsw with 3.51.3 or newer")
    try:
        # Looked at before anything is made: a process that starts at the same moment makes the key after the ledger.
        had_key = key_path(path).exists()
        if had_key and not path.exists():
            raise _lost(path, "missing")
        connection = _open(path)
        try:
            if not _is_blank(connection):
                _check(connection, path)
            elif had_key:
                raise _lost(path, "empty")
            _make_durable(connection)  # only now: what is not ours is not touched
            _create(connection)
            return _key(connection, path)
        finally:
            connection.close()
    except (apsw.Error, OSError) as error:
        raise LedgerError(f"{path}: cannot be used as a ledger: {error}") from None


def connect(path: Path) -> apsw.Connection:
    """Open a connection that commits durably, to a file that is there."""
    connection = _open(path, apsw.SQLITE_OPEN_READWRITE)
    try:
        _make_durable(connection)
    except BaseException:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()
        raise
    return connection


def _open(path: Path, flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE) -> apsw.Connection:
    connection = apsw.Connection(os.fspath(path), flags)
    connection.set_busy_handler(_wait)
    return connection


def _make_durable(connection: apsw.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA synchronous = FULL")


def _wait(tries: int) -> bool:
    # SQLite's own handler sleeps up to 100 ms at a time; the reply waits meanwhile.
    time.sleep(_POLL_S)
    return tries * _POLL_S < BUSY_S


def _lost(path: Path, what: str) -> LedgerError:
    return LedgerError(
        f"{path}: {what}, but its key {key_path(path)} is there: what was spent is not known. "
        "Restore the ledger, or delete the key to begin again with a full kitty"
    )


def _is_blank(connection: apsw.Connection) -> bool:
    return not connection.pragma("application_id") and not list(connection.execute("SELECT 1 FROM sqlite_master"))


def _create(connection: apsw.Connection) -> None:
    connection.transaction_mode = "IMMEDIATE"
    with connection:
        if _is_blank(connection):  # still: another process may have been faster
            connection.execute(SCHEMA + ADDITIONS)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", VERSION)


def _check(connection: apsw.Connection, path: Path) -> None:
    # What is refused is left as it was, with the log beside it: it may be of another state, and what is lost be in it.
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    if connection.pragma("application_id") != APPLICATION_ID:
        raise LedgerError(f"{path}: a database, but not a ledger; name another file in ledger.url")
    version = connection.pragma("user_version")
    if version != VERSION:
        raise LedgerError(f"{path}: version {version}, and this program knows {VERSION}; run the one that wrote it")
    try:
        sqlite_state.read(connection)
    except LedgerError as error:
        raise LedgerError(f"{path}: {error}") from None
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)


def _key(connection: apsw.Connection, path: Path) -> bytes:
    try:
        key = key_path(path).read_bytes()
    except FileNotFoundError:
        if list(connection.execute("SELECT 1 FROM sender LIMIT 1")):
            raise LedgerError(
                f"{key_path(path)}: missing: without it nobody is recognised, and everyone would be answered again. "
                "Restore it"
            ) from None
        key = _make_key(key_path(path))
    if len(key) != KEY_BYTES:
        raise LedgerError(f"{key_path(path)}: holds {len(key)} bytes, not {KEY_BYTES}; restore it from a backup")
    return key


def _make_key(path: Path) -> bytes:
    """Make the key appear whole and once, whoever else starts at the same moment, and stay after a power cut."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(name)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path.read_bytes()
