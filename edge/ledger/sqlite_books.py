"""The books in one SQLite file: the schema, and every statement on it.

Numbers and texts never get here: senders and blocks are keyed hashes. Money and time are integers, as everywhere.
"""

from typing import Any

import apsw
import msgspec

from edge.core.charge import Charge, Totals
from edge.core.entry import Entry
from edge.core.reason import Reason
from edge.units import DAY_MS

VERSION = 1
APPLICATION_ID = 0x616E7472  # "antr", so that `file` and we can tell it from another database

KEPT_MS = 30 * DAY_MS
KEPT_COUNT = 100_000
"""Charges are pruned when they are both older and further back than this: a wrong clock alone forgets nothing recent."""

SCHEMA = """
CREATE TABLE charge (
    seq INTEGER PRIMARY KEY,  -- the newest charge is never pruned, so no number is given twice
    message_id TEXT NOT NULL UNIQUE,
    sender BLOB NOT NULL,
    micros INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sender (key BLOB PRIMARY KEY, tat_ms INTEGER NOT NULL, opted_out INTEGER NOT NULL DEFAULT 0)
    STRICT, WITHOUT ROWID;
CREATE TABLE block (key BLOB PRIMARY KEY, tat_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tally (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pace_tat_ms INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    replies_micros INTEGER NOT NULL,
    received_micros INTEGER NOT NULL
) STRICT;
INSERT INTO account VALUES (1, 0, 0, 0, 0);
"""

_FIND = """
SELECT EXISTS (SELECT 1 FROM charge WHERE message_id = ?1),
    ifnull((SELECT opted_out FROM sender WHERE key = ?2), 0),
    ifnull((SELECT tat_ms FROM sender WHERE key = ?2), 0),
    ifnull((SELECT tat_ms FROM block WHERE key = ?3), 0)
"""
_ACCOUNT = "SELECT pace_tat_ms, replies, replies_micros, received_micros FROM account"
_SET_ACCOUNT = "UPDATE account SET (pace_tat_ms, replies, replies_micros, received_micros) = (?, ?, ?, ?)"
_SET_SENDER = "INSERT INTO sender (key, tat_ms) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET tat_ms = excluded.tat_ms"
_SET_BLOCK = "INSERT INTO block (key, tat_ms) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET tat_ms = excluded.tat_ms"
_COUNT = "INSERT INTO tally VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count"


class Account(msgspec.Struct):
    """The one row of sums."""

    pace_tat_ms: int
    replies: int
    replies_micros: int
    received_micros: int


class SqliteBooks:
    """Books on an open connection, for one transaction, which the caller holds.

    The account is read at its beginning and written by `close`, however many charges share it.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        [row] = self._rows(_ACCOUNT)
        self._account, self._found = Account(*row), Account(*row)

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        account = self._account
        [(paid, opted_out, sender_tat_ms, block_tat_ms)] = self._rows(
            _FIND, (charge.message_id, charge.sender, charge.block)
        )
        return Entry(
            paid=bool(paid),
            opted_out=bool(opted_out),
            sender_tat_ms=sender_tat_ms,
            block_tat_ms=block_tat_ms,
            pace_tat_ms=account.pace_tat_ms,
            spent_micros=account.replies_micros + account.received_micros,
        )

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Write a charge with the states after it."""
        self._connection.execute(
            "INSERT INTO charge (message_id, sender, micros, at_ms) VALUES (?, ?, ?, ?)",
            (charge.message_id, charge.sender, charge.cost.micros, now_ms),
        )
        self._account.replies += 1
        self._account.replies_micros += charge.cost.micros
        self.clamp(charge, entry)

    def clamp(self, charge: Charge, entry: Entry) -> None:
        """Write the states; of a sender that was never paid for there is none."""
        if entry.sender_tat_ms:
            self._connection.execute(_SET_SENDER, (charge.sender, entry.sender_tat_ms))
        if entry.block_tat_ms:
            self._connection.execute(_SET_BLOCK, (charge.block, entry.block_tat_ms))
        self._account.pace_tat_ms = entry.pace_tat_ms

    def receive(self, micros: int) -> None:
        """Add what receiving has cost."""
        self._account.received_micros += micros

    def close(self) -> None:
        """Write the account if anything in it changed: a transaction that only read stays one."""
        if self._account != self._found:
            self._connection.execute(_SET_ACCOUNT, msgspec.structs.astuple(self._account))

    def count(self, counts: dict[Reason, int]) -> None:
        """Add to the tally."""
        for reason, count in counts.items():
            self._connection.execute(_COUNT, (reason.value, count))

    def opt_out(self, sender: bytes) -> bool:
        """Mark a sender, if there ever was a reply to them."""
        self._connection.execute("UPDATE sender SET opted_out = 1 WHERE key = ?", (sender,))
        return self._connection.changes() > 0

    def totals(self) -> Totals:
        """Return the sums over all workers; reasons of another version of the program are left out."""
        account = self._account
        known = {reason.value: reason for reason in Reason}
        counts = {known[reason]: count for reason, count in self._rows("SELECT * FROM tally") if reason in known}
        return Totals(
            {**counts, Reason.ANSWERED: account.replies},
            account.replies_micros,
            account.received_micros,
            account.pace_tat_ms,
        )

    def last_seq_before(self, at_ms: int) -> int:
        """Return the number of the last charge before the first one at or after an instant."""
        [(seq,)] = self._rows(
            "SELECT ifnull((SELECT min(seq) - 1 FROM charge WHERE at_ms >= ?), (SELECT max(seq) FROM charge))", (at_ms,)
        )
        return int(seq or 0)

    def news(self, seq: int) -> tuple[tuple[str, ...], int]:
        """Return the message ids charged after that one, and the number of the newest."""
        rows = self._rows("SELECT seq, message_id FROM charge WHERE seq > ? ORDER BY seq", (seq,))
        return tuple(message_id for _, message_id in rows), rows[-1][0] if rows else seq

    def prune(self, now_ms: int) -> None:
        """Forget charges that no provider retries any more, and blocks that are full again."""
        self._connection.execute(
            "DELETE FROM charge WHERE at_ms < ? AND seq <= (SELECT max(seq) FROM charge) - ?",
            (now_ms - KEPT_MS, KEPT_COUNT),
        )
        self._connection.execute("DELETE FROM block WHERE tat_ms <= ?", (now_ms,))

    def _rows(self, sql: str, bindings: tuple[str | bytes | int, ...] = ()) -> list[Any]:
        return list(self._connection.execute(sql, bindings))
