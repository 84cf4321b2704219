"""The minutes in an SQLite file: a table that is made when its first row is written, as that of the hours is."""

import apsw

from edge.core.kept.hours import Growth
from edge.core.kept.minutes import KEPT_COUNT, KEPT_MS, KeptMinute, minute_from
from edge.ledger import sqlite_later

_CREATE = """
CREATE TABLE IF NOT EXISTS minute (
    at_ms INTEGER PRIMARY KEY,
    messages INTEGER NOT NULL,
    again INTEGER NOT NULL,
    received_micros INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    replies_micros INTEGER NOT NULL
) STRICT
"""
_ADD = """
INSERT INTO minute (at_ms, messages, again, received_micros, replies, replies_micros) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (at_ms) DO UPDATE SET (messages, again, received_micros, replies, replies_micros) = (
    messages + excluded.messages, again + excluded.again, received_micros + excluded.received_micros,
    replies + excluded.replies, replies_micros + excluded.replies_micros
)
"""
_SINCE = """
SELECT at_ms, messages, again, received_micros, replies, replies_micros FROM minute WHERE at_ms >= ? ORDER BY at_ms
"""
_PRUNE = """
DELETE FROM minute WHERE at_ms < ? AND at_ms <= (SELECT at_ms FROM minute ORDER BY at_ms DESC LIMIT 1 OFFSET ?)
"""


def add(connection: apsw.Connection, at_ms: int, growth: Growth) -> None:
    """Add to a minute, which begins with that if it is not there yet."""
    sqlite_later.add(connection, _ADD, _CREATE, (at_ms, *growth.of_minute))


def read(connection: apsw.Connection, since_ms: int) -> list[KeptMinute]:
    """Return the minutes that began at an instant or after it; none where none was ever written."""
    return list(map(minute_from, sqlite_later.rows(connection, _SINCE, since_ms)))


def prune(connection: apsw.Connection, now_ms: int) -> None:
    """Forget what is too old."""
    sqlite_later.rows(connection, _PRUNE, now_ms - KEPT_MS, KEPT_COUNT - 1)
