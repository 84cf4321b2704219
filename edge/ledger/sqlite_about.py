"""What a ledger in a file says of itself: its format, and whose money it counts.

1. A later format than one knows is refused, and so is a ledger of other money. To see that, nothing is written.
2. An earlier format is brought up to date as a whole or not at all, after a copy of it as it was, while workers of the program
   before may go on beside (:data:`edge.ledger.sqlite_tables.ADDITIONS`).
"""

import datetime as dt
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from edge.errors import LedgerError
from edge.ledger import sqlite_later
from edge.ledger.about import About
from edge.ledger.sqlite_file import connect
from edge.ledger.sqlite_saved import copy
from edge.ledger.sqlite_tables import ADDITIONS, FORMAT

log = logging.getLogger("antirelou")

_LAST = "SELECT replies, (SELECT at_ms FROM charge ORDER BY seq DESC LIMIT 1) FROM account"


def copy_path(path: Path) -> Path:
    """Return where the copy of a ledger lies that was brought up to date."""
    return path.with_name(f"{path.name}.format-1")


def check(connection: apsw.Connection, path: Path, file: About) -> About:
    """Return what a ledger says, or will say, that serves a static file. Raises LedgerError if it is of a later format, or of other money."""
    said = _read(connection)
    _check_format(said, path)
    refusal = _about(said).refusal(file)
    if refusal:
        raise LedgerError(f"{path}: {refusal}")
    return _about(said).joined(file)


def update(path: Path, file: About) -> About:
    """Bring a ledger up to date, and return what it says with a static file. Raises LedgerError, and then nothing is changed."""
    with _writing(path) as connection:
        if not _read(connection):
            _upgrade(connection, path)
        about = check(connection, path, file)
        write(connection, about)
    return about


def adopt(path: Path, file: About) -> tuple[str, ...]:
    """Have a ledger be for the numbers of a static file, and return those that it was for. Raises LedgerError."""
    with _writing(path) as connection:
        if not _read(connection):
            _upgrade(connection, path)
        held = _about(_read(connection))
        check(connection, path, About(file.currency, file.fingerprint, held.numbers))
        write(connection, About(file.currency, file.fingerprint, file.numbers))
    return held.numbers


@contextmanager
def _writing(path: Path) -> Iterator[apsw.Connection]:
    """Open a ledger for one transaction. Raises LedgerError for whatever fails in it, and then no new copy stays either."""
    copy = _inode(copy_path(path))
    done = False
    try:
        connection = connect(path)
        try:
            connection.transaction_mode = "IMMEDIATE"
            with connection:
                yield connection
            done = True
        finally:
            connection.close()
    except (apsw.Error, OSError) as error:
        raise LedgerError(f"{path}: cannot be brought up to date: {error}; nothing was changed") from None
    finally:
        if not done and _inode(copy_path(path)) != copy:
            copy_path(path).unlink()


def _inode(path: Path) -> int | None:
    return path.stat().st_ino if path.exists() else None


def has_key(connection: apsw.Connection) -> bool:
    """Return whether a ledger says that there is a key to it."""
    return bool(_about(_read(connection)).fingerprint)


def _read(connection: apsw.Connection) -> dict[str, str]:
    """Return what the table says; nothing in the first format, which has none."""
    if not list(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'")):
        return {}
    return dict(connection.execute("SELECT name, value FROM about"))


def _about(said: dict[str, str]) -> About:
    return About(said.get("currency", ""), said.get("fingerprint", ""), tuple(said.get("numbers", "").split()))


def write(connection: apsw.Connection, about: About) -> None:
    """Have a ledger say that; it is written whatever it said before, so that one that cannot be written is known at the start."""
    wanted = {
        "id": _read(connection).get("id") or secrets.token_hex(8),  # by which a worker knows it again
        "currency": about.currency,
        "fingerprint": about.fingerprint,
        "numbers": " ".join(about.numbers),
    }
    for item in wanted.items():
        sqlite_later.keep(connection, *item)


def _check_format(said: dict[str, str], path: Path) -> None:
    found = int(said.get("format", "1"))
    if found > FORMAT:
        raise LedgerError(f"{path}: format {found}, and this program knows {FORMAT}; run the one that wrote it")


def _upgrade(connection: apsw.Connection, path: Path) -> None:
    """Add what is new, after a copy; nobody else writes meanwhile."""
    _copy(path)
    [(replies, last_ms)] = connection.execute(_LAST)
    connection.execute(ADDITIONS)
    log.warning(
        "ledger: %s is of format %d from now on; as it was, with %d replies%s, it lies in %s",
        *(path, FORMAT, replies, _said(last_ms), copy_path(path)),
    )


def _copy(path: Path) -> None:
    """Copy the ledger as it is on disk, by a connection that only reads."""
    source = apsw.Connection(os.fspath(path))
    try:
        copy(source, copy_path(path), path.stat().st_mode)
    finally:
        source.close()


def _said(last_ms: int | None) -> str:
    if last_ms is None:
        return ""
    return f", the last one at {dt.datetime.fromtimestamp(last_ms // 1000, dt.UTC):%Y-%m-%d %H:%M} UTC"
