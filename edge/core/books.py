"""Decides a charge, for every ledger that decides in this process: read, check all, take from all.

The books are where it is read from and written to. Whoever calls `admit` or `tell` makes it one atomic step.
"""

from collections.abc import Mapping
from typing import Protocol

from edge.core.bucket import bucket_after, clear_at
from edge.core.charge import Charge, Decision, Tally
from edge.core.entry import Entry
from edge.core.hours import Growth
from edge.core.pause import is_paused
from edge.core.reason import Reason
from edge.core.refusal import first_refusal
from edge.core.rules import Rules
from edge.core.watermarks import Watermarks


class Books(Protocol):
    """The place where charges are kept."""

    growth: Growth
    """What this step has added to its hour so far."""

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        ...

    def receive(self, micros: int) -> None:
        """Add what receiving has cost."""
        ...

    def count(self, counts: Mapping[Reason, int]) -> None:
        """Add to the tally."""
        ...

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Write a charge with the states after it."""
        ...


def admit(books: Books, rules: Rules, told: Watermarks, charge: Charge, now_ms: int) -> Decision:
    """Decide a charge at an instant of the ledger's time, and write it if it is granted.

    What receiving has cost is told with it, unless it is a duplicate: then the message was received before.
    """
    entry = books.find(charge)
    if not entry.paid:
        entry.spent_micros += _receive(books, told, charge.received_micros)
    pace = charge.cost.pace
    clears = clear_at(rules.sender, entry.sender), clear_at(rules.block, entry.block), clear_at(pace, entry.pace)
    reason = _reason(rules, charge, entry, clears, now_ms)
    if reason is Reason.ANSWERED:
        entry.sender = bucket_after(rules.sender, clears[0], now_ms)
        entry.block = bucket_after(rules.block, clears[1], now_ms)
        entry.pace = bucket_after(pace, clears[2], now_ms)
        entry.spent_micros += charge.cost.micros
        books.pay(charge, entry, now_ms)
        books.growth.messages += 1
        books.growth.replies += 1
        books.growth.replies_micros += charge.cost.micros
    return Decision(reason, entry.sender, entry.block, entry.pace, entry.spent_micros, now_ms)


def tell(books: Books, told: Watermarks, tally: Tally) -> None:
    """Add what a worker has seen since it last told."""
    _receive(books, told, tally.received_micros)
    counts = told.count(tally.counts)
    books.count(counts)
    books.growth.segments += told.segments(tally.segments)
    books.growth.messages += sum(count for reason, count in counts.items() if reason.received)


def _receive(books: Books, told: Watermarks, received_micros: int) -> int:
    owed_micros = told.receive(received_micros)
    books.receive(owed_micros)
    books.growth.received_micros += owed_micros
    return owed_micros


def _reason(rules: Rules, charge: Charge, entry: Entry, clears: tuple[int, int, int], now_ms: int) -> Reason:
    if is_paused(entry.paused_until_ms, now_ms):
        return Reason.PAUSED
    if entry.opted_out:
        return Reason.OPTED_OUT
    if entry.paid:
        return Reason.DUPLICATE
    sender, block, pace = clears
    refusal = first_refusal(
        rules, charge.cost, sender=sender, block=block, pace=pace, spent_micros=entry.spent_micros, now_ms=now_ms
    )
    return refusal or Reason.ANSWERED
