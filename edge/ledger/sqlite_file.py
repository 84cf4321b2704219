"""The SQLite file itself: where its parts lie, how it is opened to be written, and what tells it from another one.

WAL and `synchronous=FULL`: a commit is on disk before it returns. Several workers are several connections, and SQLite from 3.7.0
to 3.51.2 can then lose commits (https://sqlite.org/wal.html#walresetbug), so an older one is refused.
"""

import os
import time
from pathlib import Path

import apsw

from edge.errors import LedgerError

SQLITE_MIN = (3, 51, 3)
KEY_BYTES = 32
BUSY_S = 1.0
"""The longest wait for another worker's transaction: those take milliseconds."""
_POLL_S = 0.000_5


def key_path(path: Path) -> Path:
    """Return where the key of a ledger lies."""
    return path.with_name(path.name + ".key")


def check_library() -> None:
    """Raise LedgerError for an SQLite that is not to be trusted with money."""
    if tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) < SQLITE_MIN:
        raise LedgerError(f"SQLite {apsw.sqlite_lib_version()} can lose commits; install apsw with 3.51.3 or newer")


def connect(path: Path) -> apsw.Connection:
    """Open a connection that commits durably, to a file that is there."""
    connection = apsw.Connection(os.fspath(path), apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_handler(wait)
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()
        raise
    return connection


def identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from another one put in its place."""
    status = path.stat()
    return status.st_dev, status.st_ino


def wait(tries: int) -> bool:
    """Wait a moment for another connection, and return whether to try again."""
    # SQLite's own handler sleeps up to 100 ms at a time; the reply waits meanwhile.
    time.sleep(_POLL_S)
    return tries * _POLL_S < BUSY_S
