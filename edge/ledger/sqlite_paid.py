"""The replies in an SQLite file, each with what it cost: a table that is made when its first row is written, as that of the hours.

What a worker of an earlier version has paid has no row in it, but one among the charges for as long as those are kept.
"""

import apsw

from edge.core.kept.paid import Paid
from edge.ledger import sqlite_later

_CREATE = """
CREATE TABLE IF NOT EXISTS reply (
    seq INTEGER PRIMARY KEY,  -- that of its charge
    at_ms INTEGER NOT NULL,
    sender BLOB NOT NULL,
    segments INTEGER NOT NULL,
    micros INTEGER NOT NULL
) STRICT
"""
_ADD = "INSERT INTO reply VALUES (?, ?, ?, ?, ?)"
_CREATE_NUMBER = """
CREATE TABLE IF NOT EXISTS reply_number (
    seq INTEGER PRIMARY KEY,
    number TEXT NOT NULL  -- the one of several numbers that was written to
) STRICT
"""
_ADD_NUMBER = "INSERT INTO reply_number VALUES (?, ?)"
_NUMBERS = "SELECT seq, number FROM reply_number"
_CHARGES = "SELECT seq, at_ms, sender, 0, micros FROM charge ORDER BY seq"
_ALL = """
SELECT seq, at_ms, sender, segments, micros FROM reply
UNION ALL SELECT seq, at_ms, sender, 0, micros FROM charge WHERE seq NOT IN (SELECT seq FROM reply) ORDER BY seq
"""


def add(connection: apsw.Connection, seq: int, paid: Paid) -> None:
    """Add a reply."""
    sqlite_later.add(connection, _ADD, _CREATE, (seq, paid.at_ms, paid.sender, paid.segments, paid.micros))
    if paid.number:
        sqlite_later.add(connection, _ADD_NUMBER, _CREATE_NUMBER, (seq, paid.number))


def read(connection: apsw.Connection) -> list[Paid]:
    """Return all replies, the oldest first."""
    try:
        rows = list(connection.execute(_ALL))
    except apsw.SQLError:
        rows = list(connection.execute(_CHARGES))
    numbers = dict(sqlite_later.rows(connection, _NUMBERS))
    return [
        Paid(at_ms, sender, segments, micros, numbers.get(seq, "")) for seq, at_ms, sender, segments, micros in rows
    ]
