"""Decides a charge, for every ledger that decides in this process: read, check all, take from all.

The books are where it is read from and written to. Whoever calls `admit` makes it one atomic step.
"""

from typing import Protocol

from edge.core.bucket import clamp, take
from edge.core.charge import Charge, Decision
from edge.core.entry import Entry
from edge.core.reason import Reason
from edge.core.refusal import first_refusal
from edge.core.rules import Rules
from edge.core.watermarks import Watermarks


class Books(Protocol):
    """The place where charges are kept."""

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        ...

    def receive(self, micros: int) -> None:
        """Add what receiving has cost."""
        ...

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Write a charge with the states after it."""
        ...

    def clamp(self, charge: Charge, entry: Entry) -> None:
        """Write states that no grant can have led to any more (see :mod:`edge.core.bucket`, rule 2)."""
        ...


def admit(books: Books, rules: Rules, told: Watermarks, charge: Charge, now_ms: int) -> Decision:
    """Decide a charge, and write it if it is granted.

    What receiving has cost is told with it, unless it is a duplicate: then the message was received before.
    """
    entry = books.find(charge)
    if not entry.paid:
        owed_micros = told.receive(charge.received_micros)
        books.receive(owed_micros)
        entry.spent_micros += owed_micros
    _clamp(books, rules, charge, entry, now_ms)
    reason = _reason(rules, charge, entry, now_ms)
    if reason is Reason.ANSWERED:
        pace = charge.cost.pace
        entry.sender_tat_ms = take(rules.sender, entry.sender_tat_ms, now_ms)
        entry.block_tat_ms = take(rules.block, entry.block_tat_ms, now_ms)
        entry.pace_tat_ms = take(pace, entry.pace_tat_ms, now_ms)
        entry.spent_micros += charge.cost.micros
        books.pay(charge, entry, now_ms)
    return Decision(reason, entry.sender_tat_ms, entry.block_tat_ms, entry.pace_tat_ms, entry.spent_micros, now_ms)


def _reason(rules: Rules, charge: Charge, entry: Entry, now_ms: int) -> Reason:
    if entry.opted_out:
        return Reason.OPTED_OUT
    if entry.paid:
        return Reason.DUPLICATE
    refusal = first_refusal(
        rules,
        charge.cost,
        sender_tat_ms=entry.sender_tat_ms,
        block_tat_ms=entry.block_tat_ms,
        pace_tat_ms=entry.pace_tat_ms,
        spent_micros=entry.spent_micros,
        now_ms=now_ms,
    )
    return refusal or Reason.ANSWERED


def _clamp(books: Books, rules: Rules, charge: Charge, entry: Entry, now_ms: int) -> None:
    before = (entry.sender_tat_ms, entry.block_tat_ms, entry.pace_tat_ms)
    entry.sender_tat_ms = clamp(rules.sender, entry.sender_tat_ms, now_ms)
    entry.block_tat_ms = clamp(rules.block, entry.block_tat_ms, now_ms)
    entry.pace_tat_ms = clamp(charge.cost.pace, entry.pace_tat_ms, now_ms)
    if before != (entry.sender_tat_ms, entry.block_tat_ms, entry.pace_tat_ms):
        books.clamp(charge, entry)
