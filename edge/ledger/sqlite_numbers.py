"""The hours and minutes of each of several numbers in an SQLite file: tables of their own, so that those of all stay what they are.

They are made when their first row is written, and forgotten with the hours and minutes of all.
"""

import apsw

from edge.core.kept.hours import Growth, Hour, hour_from
from edge.core.kept.minutes import KeptMinute, minute_from
from edge.ledger import sqlite_later

_CREATE_HOUR = """
CREATE TABLE IF NOT EXISTS number_hour (
    at_ms INTEGER,
    number TEXT,
    messages INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    received_micros INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    replies_micros INTEGER NOT NULL,
    attached INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (at_ms, number)
) STRICT, WITHOUT ROWID
"""
_ADD_HOUR = """
INSERT INTO number_hour (at_ms, number, messages, segments, received_micros, replies, replies_micros)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (at_ms, number) DO UPDATE SET (messages, segments, received_micros, replies, replies_micros) = (
    messages + excluded.messages, segments + excluded.segments, received_micros + excluded.received_micros,
    replies + excluded.replies, replies_micros + excluded.replies_micros
)
"""
_BEGUN = "SELECT number FROM number_hour WHERE at_ms = ?"
_NOTE_DETACHED = "UPDATE number_hour SET attached = 0 WHERE at_ms = ? AND number = ? AND attached = 1"
_HOURS = """
SELECT number, at_ms, messages, segments, received_micros, replies, replies_micros, attached FROM number_hour
WHERE at_ms >= ? ORDER BY at_ms
"""
_CREATE_MINUTE = """
CREATE TABLE IF NOT EXISTS number_minute (
    at_ms INTEGER,
    number TEXT,
    messages INTEGER NOT NULL,
    again INTEGER NOT NULL,
    received_micros INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    replies_micros INTEGER NOT NULL,
    PRIMARY KEY (at_ms, number)
) STRICT, WITHOUT ROWID
"""
_ADD_MINUTE = """
INSERT INTO number_minute VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (at_ms, number) DO UPDATE SET (messages, again, received_micros, replies, replies_micros) = (
    messages + excluded.messages, again + excluded.again, received_micros + excluded.received_micros,
    replies + excluded.replies, replies_micros + excluded.replies_micros
)
"""
_MINUTES = """
SELECT number, at_ms, messages, again, received_micros, replies, replies_micros FROM number_minute
WHERE at_ms >= ? ORDER BY at_ms
"""
_PRUNE = "DELETE FROM number_{span} WHERE at_ms < (SELECT min(at_ms) FROM {span})"


def add_hour(connection: apsw.Connection, at_ms: int, number: str, growth: Growth, *, attached: bool) -> None:
    """Add to an hour of a number, which begins with that if it is not there yet."""
    sqlite_later.add(connection, _ADD_HOUR, _CREATE_HOUR, (at_ms, number, *growth.of_hour))
    if not attached:
        connection.execute(_NOTE_DETACHED, (at_ms, number))


def begun(connection: apsw.Connection, at_ms: int) -> set[str]:
    """Return the numbers whose hour is there."""
    return {number for (number,) in sqlite_later.rows(connection, _BEGUN, at_ms)}


def add_minute(connection: apsw.Connection, at_ms: int, number: str, growth: Growth) -> None:
    """Add to a minute of a number, which begins with that if it is not there yet."""
    sqlite_later.add(connection, _ADD_MINUTE, _CREATE_MINUTE, (at_ms, number, *growth.of_minute))


def hours(connection: apsw.Connection, since_ms: int) -> dict[str, list[Hour]]:
    """Return the hours of each number that began at an instant or after it."""
    found: dict[str, list[Hour]] = {}
    for number, *kept in sqlite_later.rows(connection, _HOURS, since_ms):
        found.setdefault(number, []).append(hour_from(kept))
    return found


def minutes(connection: apsw.Connection, since_ms: int) -> dict[str, list[KeptMinute]]:
    """Return the minutes of each number that began at an instant or after it."""
    found: dict[str, list[KeptMinute]] = {}
    for number, *kept in sqlite_later.rows(connection, _MINUTES, since_ms):
        found.setdefault(number, []).append(minute_from(kept))
    return found


def prune(connection: apsw.Connection) -> None:
    """Forget what those of all have forgotten."""
    for span in ("hour", "minute"):
        sqlite_later.rows(connection, _PRUNE.format(span=span))
