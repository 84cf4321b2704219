"""A ledger in a file, before a worker opens it: looked at by all commands, begun and brought up to date by `serve` alone."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from edge.core.charging.charge import Totals
from edge.core.charging.states import States
from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute
from edge.core.kept.paid import Paid
from edge.core.limits.rules import Rules
from edge.errors import LedgerError
from edge.ledger import sqlite_about, sqlite_hours, sqlite_minutes, sqlite_numbers, sqlite_paid, sqlite_state
from edge.ledger.about import About, fingerprint
from edge.ledger.known import Known
from edge.ledger.place import Found, Place
from edge.ledger.sqlite_begin import begin
from edge.ledger.sqlite_books import SqliteBooks
from edge.ledger.sqlite_file import identity, key_path
from edge.ledger.sqlite_look import look as look_at_file
from edge.ledger.sqlite_look import read
from edge.ledger.sqlite_watch import log_path
from edge.system.access import why_not_written

Result = TypeVar("Result")


def look(path: Path, place: Place) -> Found | None:
    """Return what is known of a ledger, or None where there is none yet. Raises LedgerError for one that must not be used."""
    looked = look_at_file(path)
    if looked.key is None:
        return None
    file = _about_of(place)(looked.key)
    about = _read(path, lambda connection: sqlite_about.check(connection, path, file))
    return Found(looked.key, _id(path), str(path), owner=fingerprint(looked.key), first=about.numbers[0])


def check_written(path: Path) -> None:
    """Raise LedgerError where a worker could not write, without writing."""
    for part in (path.parent, path, log_path(path)):
        reason = why_not_written(
            part, may_be_missing=part != path.parent
        )  # the log comes and goes with those who write
        if reason:
            remedy = "; make it, or write another ledger.url" if reason == os.strerror(errno.ENOENT) else ""
            raise LedgerError(f"{path}: cannot be written: {part}: {reason}{remedy}")


def prepare(path: Path, place: Place) -> Found:
    """Begin a ledger where there is none, bring it up to date, and see that it can be written. Raises LedgerError."""
    found = look(path, place)
    check_written(path)
    is_new = found is None and begin(path)
    key = key_path(path).read_bytes() if found is None else found.hash_key
    about = sqlite_about.update(path, _about_of(place)(key))
    return Found(key, _id(path), str(path), is_new, fingerprint(key), about.numbers[0])


def adopt(path: Path, place: Place) -> tuple[str, ...]:
    """Have a ledger be for another number, and return those that it was for. Raises LedgerError."""
    key = look_at_file(path).key
    if key is None:
        raise LedgerError(
            f"{path}: nothing was begun there, so nothing is to be adopted; `antirelou serve` begins a ledger"
        )
    return sqlite_about.adopt(path, _about_of(place)(key))


def totals(path: Path, rules: Rules, now_ms: int) -> Totals:
    """Return the sums that a ledger holds, which was looked at. Raises LedgerError."""
    return _read(path, lambda connection: SqliteBooks(connection, rules, now_ms).totals())


def hours(path: Path, since_ms: int) -> list[Hour]:
    """Return the hours that began at an instant or after it, of a ledger that was looked at. Raises LedgerError."""
    return _read(path, lambda connection: sqlite_hours.read(connection, since_ms))


def minutes(path: Path, since_ms: int) -> list[KeptMinute]:
    """Return the minutes that began at an instant or after it, of a ledger that was looked at. Raises LedgerError."""
    return _read(path, lambda connection: sqlite_minutes.read(connection, since_ms))


def hours_of_each(path: Path, since_ms: int) -> dict[str, list[Hour]]:
    """Return the same hours of each of several numbers, of a ledger that was looked at. Raises LedgerError."""
    return _read(path, lambda connection: sqlite_numbers.hours(connection, since_ms))


def minutes_of_each(path: Path, since_ms: int) -> dict[str, list[KeptMinute]]:
    """Return the same minutes of each of several numbers, of a ledger that was looked at. Raises LedgerError."""
    return _read(path, lambda connection: sqlite_numbers.minutes(connection, since_ms))


def paid(path: Path) -> list[Paid]:
    """Return the replies of a ledger that was looked at, the oldest first. Raises LedgerError."""
    return _read(path, sqlite_paid.read)


def states(path: Path, rules: Rules, sender: bytes, block: bytes) -> States:
    """Return what a ledger that was looked at holds of a sender and of a block. Raises LedgerError."""
    return _read(path, lambda connection: SqliteBooks(connection, rules, 0).states(sender, block))


def known(path: Path) -> Known:
    """Return what a ledger is known by, and how far it has come. Raises LedgerError."""
    return _read(path, sqlite_state.read)


def others(folder: Path) -> list[Path]:
    """Return the ledgers in a folder, as far as they have their keys."""
    return sorted(path for key in folder.glob("*.key") if (path := key.with_suffix("")).exists())


def _read(path: Path, work: Callable[[apsw.Connection], Result]) -> Result:
    try:
        return read(path, work)
    except (apsw.Error, OSError) as error:
        raise LedgerError(f"{path}: cannot be read: {error}") from None


def _id(path: Path) -> str:
    return "{}:{}".format(*identity(path))


def _about_of(place: Place) -> Callable[[bytes], About]:
    return lambda key: About(place.currency, fingerprint(key), place.numbers)
