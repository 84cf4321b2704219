"""Decides a charge, for every ledger that decides in this process: read, check all, take from all.

The books are where it is read from and written to. Whoever calls `admit` or `tell` makes it one atomic step.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from edge.core.charging.charge import Charge, Decision, Tally
from edge.core.charging.entry import Entry
from edge.core.charging.pace import cost_at, pace_of, per_day_of
from edge.core.charging.shares import Share, shares_of
from edge.core.charging.watermarks import Watermarks
from edge.core.kept.hours import Growth, Week
from edge.core.kept.pause import is_paused
from edge.core.limits.bucket import CLEAR, UNUSED, bucket_after, clear_at
from edge.core.limits.refusal import first_refusal, is_above
from edge.core.limits.rules import Cost, Pace, Rules
from edge.core.wire.reason import Reason, again_in, received_in


class Books(Protocol):
    """The place where charges are kept."""

    growth: Growth
    """What this step has added to its hour and its minute so far."""

    @property
    def spent_micros(self) -> int:
        """The money that is gone from the kitty."""
        ...

    def week(self) -> Week:
        """Return what receiving has cost in the last seven days."""
        ...

    def per_day(self, kitty_micros: int, until_ms: int) -> int | None:
        """Return the pace of the hour, as it was worked out for such a kitty and such a day; None if it was not yet."""
        ...

    def keep_per_day(self, kitty_micros: int, until_ms: int, per_day_micros: int) -> None:
        """Write the pace of the hour."""
        ...

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        ...

    def shares(self) -> Mapping[str, Share]:
        """Return the share of each number as it was written last; it is asked where there are several."""
        ...

    def keep_shares(self, shares: Mapping[str, Share]) -> None:
        """Write them."""
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
    paced = pace_now(books, rules, now_ms)
    if paced is not None:
        charge = msgspec.structs.replace(charge, cost=cost_at(charge.cost.micros, paced, rules.sharing))
    entry = books.find(charge)
    if not entry.paid:
        entry.spent_micros += _receive(books, told, charge.received_micros)
    pace, kept = charge.cost.pace, charge.cost.reserve
    block_limit = charge.block_limit or rules.block
    shares = _shares(books, rules, charge, entry)
    mine = shares.get(charge.number) or Share(entry.pace, entry.reserve)
    clears = clear_at(rules.sender, entry.sender), clear_at(block_limit, entry.block), clear_at(pace, mine.pace)
    reserve = CLEAR if kept is None else clear_at(kept.limit, mine.reserve)
    reason = _reason(rules, charge, entry, (*clears, reserve), now_ms)
    if reason is Reason.ANSWERED:
        entry.sender = bucket_after(rules.sender, clears[0], now_ms)
        entry.block = bucket_after(block_limit, clears[1], now_ms)
        draws = kept is not None and not is_above(charge.cost, (clears[2], reserve), now_ms)
        used = bucket_after(kept.limit, reserve, now_ms) if kept is not None and draws else mine.reserve
        mine = Share(bucket_after(pace, clears[2], now_ms), used, mine.replies + 1)
        if charge.cost.whole is None:
            entry.pace, entry.reserve = mine.pace, mine.reserve
        else:
            _take_from_all(charge.cost.whole, entry, now_ms, draws=draws)
            books.keep_shares({**shares, charge.number: mine})
        entry.spent_micros += charge.cost.micros
        books.pay(charge, entry, now_ms)
        books.growth.messages += 1
        books.growth.replies += 1
        books.growth.replies_micros += charge.cost.micros
        if charge.number:
            for what, more in (("messages", 1), ("replies", 1), ("replies_micros", charge.cost.micros)):
                books.growth.add(charge.number, what, more)
    reserved, whole = UNUSED if kept is None else mine.reserve, entry.pace if shares else UNUSED
    return Decision(reason, entry.sender, entry.block, mine.pace, entry.spent_micros, now_ms, paced, reserved, whole)


def tell(books: Books, rules: Rules, told: Watermarks, tally: Tally, now_ms: int) -> Pace | None:
    """Add what a worker has seen since it last told, and return the pace of the hour where it is not the file's."""
    _receive(books, told, tally.received_micros)
    counts = told.count(tally.counts)
    books.count(counts)
    books.growth.segments += told.segments(tally.segments)
    books.growth.messages += received_in(counts)
    books.growth.again += again_in(counts)
    for number, came in tally.numbers.items():
        for what, more in told.came(number, msgspec.structs.asdict(came)).items():
            books.growth.add(number, what, more)
    return pace_now(books, rules, now_ms)


def pace_now(books: Books, rules: Rules, now_ms: int) -> Pace | None:
    """Return the pace of the hour, worked out if nobody has done it yet; None where it is the file's."""
    lasts = rules.lasts
    if lasts is None:
        return None
    per_day_micros = books.per_day(rules.kitty_micros, lasts.until_ms)
    if per_day_micros is None:
        per_day_micros = per_day_of(lasts, rules.kitty_micros, books.spent_micros, books.week(), now_ms)
        books.keep_per_day(rules.kitty_micros, lasts.until_ms, per_day_micros)
    return pace_of(lasts, per_day_micros)


def _shares(books: Books, rules: Rules, charge: Charge, entry: Entry) -> Mapping[str, Share]:
    """Return the share of each number; none where there is one number, which has all of the pace."""
    if charge.cost.whole is None:
        return {}
    return shares_of(books.shares(), rules.numbers, entry.pace, entry.reserve)


def _take_from_all(whole: Cost, entry: Entry, now_ms: int, *, draws: bool) -> None:
    """Take a reply from the pace of all numbers, and from its reserve if it is taken from that of the share."""
    entry.pace = bucket_after(whole.pace, clear_at(whole.pace, entry.pace), now_ms)
    if draws and whole.reserve is not None:
        limit = whole.reserve.limit
        entry.reserve = bucket_after(limit, clear_at(limit, entry.reserve), now_ms)


def _receive(books: Books, told: Watermarks, received_micros: int) -> int:
    owed_micros = told.receive(received_micros)
    books.receive(owed_micros)
    books.growth.received_micros += owed_micros
    return owed_micros


def _reason(rules: Rules, charge: Charge, entry: Entry, clears: tuple[int, int, int, int], now_ms: int) -> Reason:
    if is_paused(entry.paused_until_ms, now_ms):
        return Reason.PAUSED
    if entry.opted_out:
        return Reason.OPTED_OUT
    if entry.paid:
        return Reason.DUPLICATE
    sender, block, pace, reserve = clears
    refusal = first_refusal(
        rules,
        charge.cost,
        sender=sender,
        block=block,
        pace=pace,
        spent_micros=entry.spent_micros,
        now_ms=now_ms,
        known=(pace, reserve),
        knock=charge.knock,
        whole=CLEAR if charge.cost.whole is None else clear_at(charge.cost.whole.pace, entry.pace),
        block_limit=charge.block_limit,
    )
    return refusal or Reason.ANSWERED
