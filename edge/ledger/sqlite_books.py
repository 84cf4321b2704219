"""The books in one SQLite file: every statement on its tables (:mod:`edge.ledger.sqlite_tables`)."""

from collections.abc import Mapping
from copy import copy
from functools import partial
from typing import Any

import apsw
import msgspec

from edge.core.charging.charge import Charge, Totals
from edge.core.charging.entry import Entry
from edge.core.charging.shares import Share
from edge.core.charging.states import States
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Button
from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import Growth, Hour, Week, hour_of, week_begins, week_of
from edge.core.kept.instant import Instant
from edge.core.kept.lease import Lease
from edge.core.kept.minutes import KeptMinute, minute_of
from edge.core.kept.paid import Paid
from edge.core.kept.pause import NOT_PAUSED, is_paused, paused_until
from edge.core.limits.bucket import UNUSED, Bucket, bucket_at, clear_at
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Rules
from edge.core.wire.reason import Reason
from edge.ledger import (
    sqlite_attachment,
    sqlite_hours,
    sqlite_lease,
    sqlite_minutes,
    sqlite_numbers,
    sqlite_paid,
    sqlite_pause,
    sqlite_reserve,
    sqlite_shares,
)
from edge.units import DAY_MS, divide_up

KEPT_MS = 30 * DAY_MS
KEPT_COUNT = 100_000
"""Charges are pruned when they are both older and further back than this: a wrong clock alone forgets nothing recent.

The state of a block is kept as long, whether or not it is full by today's limit: tomorrow's may be stricter.
"""

_LAST = "SELECT at_ms FROM charge ORDER BY seq DESC LIMIT 1"
_PAID = "SELECT EXISTS (SELECT 1 FROM charge WHERE message_id = ?)"
_SENDER = "SELECT opted_out, used, at_ms, tat_ms, written_tat_ms FROM sender WHERE key = ?"
_BLOCK = "SELECT used, at_ms, tat_ms, written_tat_ms FROM block WHERE key = ?"
_SENDER_1 = "SELECT opted_out, 0, tat_ms, tat_ms, tat_ms FROM sender WHERE key = ?"
_BLOCK_1 = "SELECT 0, tat_ms, tat_ms, tat_ms FROM block WHERE key = ?"
"""The same of format 1, for whoever only looks."""
_ACCOUNT = """
SELECT pace_used, pace_at_ms, pace_tat_ms, replies, replies_micros, received_micros, counted_micros, now_ms, clock_ms
FROM account
"""
_ACCOUNT_1 = """
SELECT 0, pace_tat_ms, pace_tat_ms, replies, replies_micros, received_micros, replies_micros, 0, 0 FROM account
"""
"""The same of format 1, for whoever only looks."""
_SET_ACCOUNT = """
UPDATE account SET
    (pace_used, pace_at_ms, pace_tat_ms, replies, replies_micros, received_micros, counted_micros, now_ms, clock_ms)
    = (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SET_BUCKET = """
INSERT INTO {table} (key, used, at_ms, tat_ms, written_tat_ms) VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (key) DO UPDATE SET
    (used, at_ms, tat_ms, written_tat_ms) = (excluded.used, excluded.at_ms, excluded.tat_ms, excluded.written_tat_ms)
"""
_SET_SENDER, _SET_BLOCK = (_SET_BUCKET.format(table=table) for table in ("sender", "block"))
_MARK = "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (teller, name) DO UPDATE SET mark = excluded.mark"
_COUNT = "INSERT INTO tally VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count"

_TAT_MAX_MS = 2**53
"""Format 1 adds to it, and what it holds must fit in 64 bits."""


class Account(msgspec.Struct):
    """The one row of sums."""

    pace_used: int
    pace_at_ms: int
    pace_tat_ms: int
    replies: int
    replies_micros: int
    received_micros: int
    counted_micros: int
    now_ms: int
    clock_ms: int


class SqliteBooks:
    """Books on an open connection, for one transaction, which the caller holds.

    The account is read at its beginning and written by `close`, however many charges share it.
    """

    def __init__(self, connection: apsw.Connection, rules: Rules, clock_ms: int) -> None:
        self._connection = connection
        self._rules = rules
        self._account = self._read_account()
        self._found = copy(self._account)
        self._instant = Instant(self._account.now_ms, self._account.clock_ms).at(clock_ms)
        self.now_ms = self._instant.now_ms
        """The instant of the transaction by the ledger's time."""
        self.growth = Growth()
        self._begins_hour = False
        self._begun: set[str] = set()
        """Those of several numbers whose hour is to be there at the end."""
        self._detached: set[str] = set()
        """Those of our numbers that the provider does not bring messages for in all of the hour."""
        self._paused_until_ms = sqlite_pause.read(connection)
        self._reserve: Bucket | None = None
        """None before it is read: where nothing is kept, it never is."""
        self._shares: Mapping[str, Share] | None = None
        """As above: where there is one number, they never are."""
        self._has_new_shares = False

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        [(paid,)] = self._rows(_PAID, (charge.message_id,))
        sender, block = self._rows(_SENDER, (charge.sender,)), self._rows(_BLOCK, (charge.block,))
        return Entry(
            paused_until_ms=self._paused_until_ms,
            paid=bool(paid),
            opted_out=bool(sender and sender[0][0]),
            sender=_bucket(self._rules.sender, *sender[0][1:]) if sender else UNUSED,
            block=_bucket(charge.block_limit or self._rules.block, *block[0]) if block else UNUSED,
            pace=self._pace((charge.cost.whole or charge.cost).pace),
            spent_micros=self.spent_micros,
            reserve=UNUSED if charge.cost.reserve is None else self._kept(),
        )

    def states(self, sender: bytes, block: bytes) -> States:
        """Return what is held of a sender and of a block, in whichever format: for whoever only looks."""
        try:
            senders, blocks = self._rows(_SENDER, (sender,)), self._rows(_BLOCK, (block,))
        except apsw.SQLError:
            senders, blocks = self._rows(_SENDER_1, (sender,)), self._rows(_BLOCK_1, (block,))
        return States(
            bool(senders and senders[0][0]),
            _bucket(self._rules.sender, *senders[0][1:]) if senders else UNUSED,
            _bucket(self._rules.block, *blocks[0]) if blocks else UNUSED,
        )

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Write a charge with the states after it."""
        self._connection.execute(
            "INSERT INTO charge (message_id, sender, micros, at_ms) VALUES (?, ?, ?, ?)",
            (charge.message_id, charge.sender, charge.cost.micros, now_ms),
        )
        paid = Paid(now_ms, charge.sender, charge.segments, charge.cost.micros, charge.number)
        sqlite_paid.add(self._connection, self._connection.last_insert_rowid(), paid)
        sender, block, pace = entry.sender, entry.block, entry.pace
        self._connection.execute(
            _SET_SENDER, (charge.sender, sender.used, sender.at_ms, _tat_ms(self._rules.sender, sender))
        )
        tat_ms = _tat_ms(charge.block_limit or self._rules.block, block)
        self._connection.execute(_SET_BLOCK, (charge.block, block.used, block.at_ms, tat_ms))
        if self._reserve not in (None, entry.reserve):
            sqlite_reserve.write(self._connection, entry.reserve)
            self._reserve = entry.reserve
        account = self._account
        account.pace_used, account.pace_at_ms, account.pace_tat_ms = (
            pace.used,
            pace.at_ms,
            _tat_ms((charge.cost.whole or charge.cost).pace, pace),
        )
        account.replies += 1
        account.replies_micros += charge.cost.micros
        account.counted_micros += charge.cost.micros
        self._keep_time()

    def shares(self) -> Mapping[str, Share]:
        """Return the share of each number."""
        if self._shares is None:
            self._shares = sqlite_shares.read(self._connection)
        return self._shares

    def keep_shares(self, shares: Mapping[str, Share]) -> None:
        """Have them written at the end."""
        self._shares, self._has_new_shares = shares, True

    def keep_time(self) -> None:
        """Write how far time has come, where the clock alone does not say it."""
        if self._instant.is_behind:
            self._keep_time()

    def receive(self, micros: int) -> None:
        """Add what receiving has cost."""
        self._account.received_micros += micros

    @property
    def is_paused(self) -> bool:
        """Whether it is paused by hand."""
        return is_paused(self._paused_until_ms, self.now_ms)

    def pause(self, for_ms: int | None) -> int:
        """Pay no reply for so long; return when it ends."""
        self._set_pause(paused_until(self._paused_until_ms, for_ms, self.now_ms))
        return self._paused_until_ms

    def resume(self) -> bool:
        """Pay replies again; return whether it was paused."""
        was_paused = self.is_paused
        self._set_pause(NOT_PAUSED)
        return was_paused

    def keep_attachment(self, phone: str, before: Attachment, after: Attachment) -> bool:
        """Keep what is wanted of a number, if it is still as it was before."""
        is_same = sqlite_attachment.read(self._connection).get(phone, Attachment()) == before
        if is_same:
            sqlite_attachment.write(self._connection, phone, after)
            if not (before.attached and after.attached):  # in some of the hour
                self._detached.add(phone)
            self._keep_time()
        return is_same

    def press(self, button: Button, for_ms: int) -> int | None:
        """Pause for so long by a button, if it counts."""
        return self.pause(for_ms) if sqlite_pause.press(self._connection, button, self.now_ms) else None

    def press_to_detach(self, button: Button, phone: str, before: Attachment, after: Attachment) -> bool | None:
        """Keep by a button what is wanted of a number, if it counts and the number is still as it was before."""
        if sqlite_attachment.read(self._connection).get(phone, Attachment()) != before:
            return False
        if not sqlite_pause.press(self._connection, button, self.now_ms):
            return None
        return self.keep_attachment(phone, before, after)

    def watch(self, holder: str, length_ms: int, notes: str | None) -> Lease:
        """Have somebody ask for the lease on the watch."""
        return sqlite_lease.watch(self._connection, holder, length_ms, notes, self.now_ms)

    def note(self, what: str) -> None:
        """Note for the watch that something has happened."""
        sqlite_lease.note(self._connection, what, self.now_ms)

    def close(self) -> None:
        """Write the account, the hour and the minute if anything in them changed: a transaction that only read stays one."""
        if self._begins_hour or self._detached or not self.growth.is_nothing:
            sqlite_hours.add(self._connection, hour_of(self.now_ms), self.growth)
        if self._detached:
            sqlite_hours.note_detached(self._connection, hour_of(self.now_ms))
        if not self.growth.is_nothing:
            sqlite_minutes.add(self._connection, minute_of(self.now_ms), self.growth)
        self._keep_numbers()
        if self._shares is not None and self._has_new_shares:
            sqlite_shares.write(self._connection, self._shares)
        if self._account != self._found:
            self._connection.execute(_SET_ACCOUNT, msgspec.structs.astuple(self._account))

    @property
    def sums(self) -> tuple[int, int]:
        """How many replies were paid, and what receiving has cost."""
        return self._account.replies, self._account.received_micros

    def begin_hour(self) -> None:
        """Have the hour there at the end, though nothing was received in it, of each number; and whether one is detached in it."""
        self._begins_hour = not sqlite_hours.has(self._connection, hour_of(self.now_ms))
        self._detached |= sqlite_attachment.detached(self._connection)
        if self._rules.numbers:
            self._begun |= {*self._rules.numbers} - sqlite_numbers.begun(self._connection, hour_of(self.now_ms))

    @property
    def spent_micros(self) -> int:
        """The money that is gone from the kitty."""
        return self._account.replies_micros + self._account.received_micros

    def week(self) -> Week:
        """Return what receiving has cost in the last seven days."""
        return week_of(self.hours(week_begins(self.now_ms)), self.now_ms)

    def per_day(self, kitty_micros: int, until_ms: int) -> int | None:
        """Return the pace of the hour, if it was worked out for that."""
        hourly = sqlite_hours.hourly(self._connection, hour_of(self.now_ms))
        return None if hourly is None else hourly.per_day(kitty_micros, until_ms)

    def keep_per_day(self, kitty_micros: int, until_ms: int, per_day_micros: int) -> None:
        """Write the pace of the hour."""
        pace = Hourly(per_day_micros, kitty_micros, until_ms)
        sqlite_hours.keep_hourly(self._connection, hour_of(self.now_ms), pace)

    def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours that began at an instant or after it."""
        return sqlite_hours.read(self._connection, since_ms)

    def minutes(self, since_ms: int) -> list[KeptMinute]:
        """Return the minutes that began at an instant or after it."""
        return sqlite_minutes.read(self._connection, since_ms)

    def hours_of_each(self, since_ms: int) -> dict[str, list[Hour]]:
        """Return the same hours of each of several numbers."""
        return sqlite_numbers.hours(self._connection, since_ms)

    def minutes_of_each(self, since_ms: int) -> dict[str, list[KeptMinute]]:
        """Return the same minutes of each of several numbers."""
        return sqlite_numbers.minutes(self._connection, since_ms)

    def count(self, counts: Mapping[Reason, int]) -> None:
        """Add to the tally."""
        for reason, count in counts.items():
            self._connection.execute(_COUNT, (reason.value, count))

    def marks(self, teller: str) -> dict[str, int]:
        """Return how far a teller's sums are known."""
        return dict(self._rows("SELECT name, mark FROM told WHERE teller = ?", (teller,)))

    def mark(self, teller: str, moved: Mapping[str, int]) -> None:
        """Write how far they are known now."""
        for name, mark in moved.items():
            self._connection.execute(_MARK, (teller, name, mark))

    def forget(self, teller: str) -> None:
        """Forget how far they are known."""
        self._connection.execute("DELETE FROM told WHERE teller = ?", (teller,))

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
            Bucket(account.pace_used + account.replies_micros - account.counted_micros, account.pace_at_ms),
            self.now_ms,
            next((at_ms for (at_ms,) in self._rows(_LAST)), 0),
            self._paused_until_ms,
            sqlite_attachment.read(self._connection),
            self._kept(),
            sqlite_shares.read(self._connection),
            sqlite_hours.hourly(self._connection, hour_of(self.now_ms)),
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

    def prune(self) -> None:
        """Forget charges that no provider retries any more, and blocks that were full again before all that are kept."""
        self._connection.execute(
            "DELETE FROM charge WHERE at_ms < ? AND seq <= (SELECT max(seq) FROM charge) - ?",
            (self.now_ms - KEPT_MS, KEPT_COUNT),
        )
        self._connection.execute("DELETE FROM block WHERE max(at_ms, tat_ms) < (SELECT min(at_ms) FROM charge)")
        sqlite_hours.prune(self._connection, self.now_ms)
        sqlite_minutes.prune(self._connection, self.now_ms)
        sqlite_numbers.prune(self._connection)

    def _keep_numbers(self) -> None:
        """Add to the hour and to the minute of each of several numbers; its hour may be there without anything in it."""
        connection, grown = self._connection, self.growth.numbers
        for number in {*self._begun, *self._detached.intersection(self._rules.numbers), *grown}:
            growth, attached = grown.get(number, Growth()), number not in self._detached
            sqlite_numbers.add_hour(connection, hour_of(self.now_ms), number, growth, attached=attached)
        for number, growth in grown.items():
            sqlite_numbers.add_minute(connection, minute_of(self.now_ms), number, growth)

    def _read_account(self) -> Account:
        try:
            [row] = self._rows(_ACCOUNT)
        except apsw.SQLError:
            [row] = self._rows(_ACCOUNT_1)
        return Account(*row)

    def _kept(self) -> Bucket:
        if self._reserve is None:
            self._reserve = sqlite_reserve.read(self._connection)
        return self._reserve

    def _pace(self, limit: Limit) -> Bucket:
        account = self._account
        pace = Bucket(account.pace_used, account.pace_at_ms)
        uncounted_micros = account.replies_micros - account.counted_micros
        if uncounted_micros:  # paid by a worker of format 1, by now
            used = bucket_at(limit, clear_at(limit, pace), self.now_ms).used
            pace = Bucket(used + uncounted_micros, self.now_ms)
            account.pace_used, account.pace_at_ms, account.counted_micros = (
                pace.used,
                pace.at_ms,
                account.replies_micros,
            )
        return pace

    def _set_pause(self, until_ms: int) -> None:
        sqlite_pause.write(self._connection, until_ms)
        self._paused_until_ms = until_ms
        self._keep_time()

    def _keep_time(self) -> None:
        self._account.now_ms, self._account.clock_ms = self._instant.now_ms, self._instant.clock_ms

    def _rows(self, sql: str, bindings: tuple[str | bytes | int, ...] = ()) -> list[Any]:
        return list(self._connection.execute(sql, bindings))


def _bucket(limit: Limit, used: int, at_ms: int, tat_ms: int, written_tat_ms: int) -> Bucket:
    bucket = Bucket(used, at_ms)
    if tat_ms == written_tat_ms:
        return bucket
    return max(bucket, Bucket(0, tat_ms), key=partial(clear_at, limit))


def _tat_ms(limit: Limit, bucket: Bucket) -> int:
    return min(_TAT_MAX_MS, divide_up(clear_at(limit, bucket), limit.amount))
