"""The hours in an SQLite file: a table that is made when its first row is written, so that every program of this format can share the file."""

import apsw
import msgspec

from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import KEPT_COUNT, KEPT_MS, NOTHING, Growth, Hour, hour_from
from edge.ledger import sqlite_later

_CREATE = """
CREATE TABLE IF NOT EXISTS hour (
    at_ms INTEGER PRIMARY KEY,
    messages INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    received_micros INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    replies_micros INTEGER NOT NULL,
    attached INTEGER NOT NULL DEFAULT 1,
    per_day_micros INTEGER,  -- the pace of the hour, where it is worked out, and for which kitty and until when
    kitty_micros INTEGER,
    until_ms INTEGER
) STRICT
"""
_ADD = """
INSERT INTO hour (at_ms, messages, segments, received_micros, replies, replies_micros) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (at_ms) DO UPDATE SET (messages, segments, received_micros, replies, replies_micros) = (
    messages + excluded.messages, segments + excluded.segments, received_micros + excluded.received_micros,
    replies + excluded.replies, replies_micros + excluded.replies_micros
)
"""
_HAS = "SELECT 1 FROM hour WHERE at_ms = ?"
_SINCE = """
SELECT at_ms, messages, segments, received_micros, replies, replies_micros, attached FROM hour
WHERE at_ms >= ? ORDER BY at_ms
"""
_HOURLY = "SELECT per_day_micros, kitty_micros, until_ms FROM hour WHERE at_ms = ? AND per_day_micros IS NOT NULL"
_KEEP_HOURLY = "UPDATE hour SET (per_day_micros, kitty_micros, until_ms) = (?, ?, ?) WHERE at_ms = ?"
_NOTE_DETACHED = "UPDATE hour SET attached = 0 WHERE at_ms = ? AND attached = 1"
_PRUNE = """
DELETE FROM hour WHERE at_ms < ? AND at_ms <= (SELECT at_ms FROM hour ORDER BY at_ms DESC LIMIT 1 OFFSET ?)
"""


def add(connection: apsw.Connection, at_ms: int, growth: Growth) -> None:
    """Add to an hour, which begins with that if it is not there yet."""
    sqlite_later.add(connection, _ADD, _CREATE, (at_ms, *growth.of_hour))


def note_detached(connection: apsw.Connection, at_ms: int) -> None:
    """Note that the provider did not bring messages in all of an hour, which is there."""
    connection.execute(_NOTE_DETACHED, (at_ms,))


def has(connection: apsw.Connection, at_ms: int) -> bool:
    """Return whether an hour is there."""
    return bool(sqlite_later.rows(connection, _HAS, at_ms))


def read(connection: apsw.Connection, since_ms: int) -> list[Hour]:
    """Return the hours that began at an instant or after it."""
    return list(map(hour_from, sqlite_later.rows(connection, _SINCE, since_ms)))


def hourly(connection: apsw.Connection, at_ms: int) -> Hourly | None:
    """Return the pace of an hour, if one was worked out."""
    found = sqlite_later.rows(connection, _HOURLY, at_ms)
    return Hourly(*found[0]) if found else None


def keep_hourly(connection: apsw.Connection, at_ms: int, pace: Hourly) -> None:
    """Write the pace of an hour, which begins with that if it is not there yet."""
    add(connection, at_ms, NOTHING)
    connection.execute(_KEEP_HOURLY, (*msgspec.structs.astuple(pace), at_ms))


def prune(connection: apsw.Connection, now_ms: int) -> None:
    """Forget what is too old."""
    sqlite_later.rows(connection, _PRUNE, now_ms - KEPT_MS, KEPT_COUNT - 1)
