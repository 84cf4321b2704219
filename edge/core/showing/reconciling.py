"""Our books against the provider's bill: replies one by one, receiving by the hour, and the price that the bill has. Pure.

1. A reply of ours and a row of the bill belong together when they are of one person, and less than half a day apart: clocks
   differ, and a reply may wait at the provider. Both go in the order of time, so that each has one other at most.
2. Of receiving the ledger keeps hours. So it is compared over all hours that the bill touches, and a bill of whole days is exact.
3. A price is proposed where most rows have another one than the file.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from edge.core.kept.hours import Hour, hour_of
from edge.core.kept.paid import Paid
from edge.units import HOUR_MS, MINUTE_MS, divide_up

WITHIN_MS = 12 * HOUR_MS
EDGE_MS = MINUTE_MS
"""So much before its first instant and after its last one a bill is taken to be whole."""


class Span(msgspec.Struct, frozen=True):
    """The time that a bill is about, both ends included. It may have rows beyond, which are another bill's."""

    from_ms: int
    until_ms: int

    def holds(self, at_ms: int, edge_ms: int = 0) -> bool:
        """Return whether an instant lies in it, or so near."""
        return self.from_ms - edge_ms <= at_ms <= self.until_ms + edge_ms


class Billed(msgspec.Struct, frozen=True, gc=False):
    """One row of a bill."""

    line: int
    at_ms: int
    person: str
    """The other number."""
    is_reply: bool
    segments: int
    """0 where the bill does not say."""
    micros: int | None
    """None where the bill has no price yet."""
    id: str = ""
    """The provider's, where the row came from its API and has no line."""


class Matching(msgspec.Struct):
    """Our replies and those of the bill, matched one by one: what came of them."""

    matched: list[tuple[Paid, Billed]] = []
    missing: list[Paid] = []
    """Ours that the bill does not have."""
    extra: list[Billed] = []
    """The bill's that we did not pay."""
    of_no_number: list[Paid] = []
    """Ours that the bill does not have, and that may be on another number's (:mod:`edge.core.showing.booked`)."""

    @property
    def priced(self) -> list[tuple[Paid, Billed]]:
        """Those that both have, at another price."""
        return [pair for pair in self.matched if pair[1].micros not in (None, pair[0].micros)]

    @property
    def differs(self) -> bool:
        """Whether anything is different."""
        return bool(self.missing or self.extra or self.priced)


class Inbound(msgspec.Struct, frozen=True):
    """What receiving came to, on one side."""

    messages: int
    micros: int
    unpriced: int = 0
    """Messages without a price yet."""


def span_of(rows: Sequence[Billed]) -> Span:
    """Return from when until when a bill is, by its rows, of which there is one at least."""
    instants = [row.at_ms for row in rows]
    return Span(min(instants), max(instants))


def match(ours: Iterable[Paid], theirs: Iterable[Billed], key_of: Callable[[str], bytes], span: Span) -> Matching:
    """Return what came of the replies of a bill; `key_of` hashes a number as the ledger does."""
    replies = Matching([], [], [])
    books: dict[bytes, list[Paid]] = defaultdict(list)
    bill: dict[bytes, list[Billed]] = defaultdict(list)
    for paid in ours:
        if span.holds(paid.at_ms, WITHIN_MS + EDGE_MS):
            books[paid.sender].append(paid)
    for row in theirs:
        if row.is_reply:
            bill[key_of(row.person)].append(row)
    for key in dict.fromkeys([*books, *bill]):
        _pair(books.get(key, []), bill.get(key, []), replies)
    replies.matched = [pair for pair in replies.matched if any(span.holds(one.at_ms) for one in pair)]
    replies.missing = sorted(
        (paid for paid in replies.missing if span.holds(paid.at_ms, EDGE_MS)), key=lambda paid: paid.at_ms
    )
    replies.extra = sorted((row for row in replies.extra if span.holds(row.at_ms)), key=lambda row: row.line)
    return replies


def _pair(ours: list[Paid], theirs: list[Billed], replies: Matching) -> None:
    """Pair what two sides have of one person."""
    ours, theirs = sorted(ours, key=lambda paid: paid.at_ms), sorted(theirs, key=lambda row: row.at_ms)
    while ours and theirs:
        paid, row = ours[0], theirs[0]
        if abs(paid.at_ms - row.at_ms) <= WITHIN_MS:
            replies.matched.append((ours.pop(0), theirs.pop(0)))
        elif paid.at_ms < row.at_ms:
            replies.missing.append(ours.pop(0))
        else:
            replies.extra.append(theirs.pop(0))
    replies.missing += ours
    replies.extra += theirs


def received(rows: Sequence[Billed], hours: Sequence[Hour], span: Span) -> tuple[Inbound, Inbound]:
    """Return what receiving came to by our books and by the bill, over the hours that the bill touches."""
    inbound = [row for row in rows if not row.is_reply and span.holds(row.at_ms)]
    of_bill = touched(hours, span)
    ours = Inbound(sum(hour.messages for hour in of_bill), sum(hour.received_micros for hour in of_bill))
    return ours, Inbound(
        len(inbound), sum(row.micros or 0 for row in inbound), sum(row.micros is None for row in inbound)
    )


def touched(hours: Iterable[Hour], span: Span) -> list[Hour]:
    """Return the hours that a bill touches."""
    first_ms, last_ms = hour_of(span.from_ms), hour_of(span.until_ms)
    return [hour for hour in hours if first_ms <= hour.at_ms <= last_ms]


def usual_price(rows: Iterable[Billed]) -> int | None:
    """Return what a segment costs in most of some rows, the dearest of equally many; None where no row has a price."""
    prices = Counter(divide_up(row.micros, max(1, row.segments)) for row in rows if row.micros is not None)
    return max(prices, key=lambda micros: (prices[micros], micros), default=None)


def proposals(rows: Sequence[Billed], prices: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return, for each prefix of the file that the bill has another price for, that of the file and that of the bill."""
    by_prefix: dict[str, list[Billed]] = defaultdict(list)
    for row in rows:
        prefix = max((known for known in prices if row.person.startswith(known)), key=len, default=None)
        if row.is_reply and prefix is not None:
            by_prefix[prefix].append(row)
    found = {prefix: (prices[prefix], usual_price(rows)) for prefix, rows in sorted(by_prefix.items())}
    return {prefix: (ours, bill) for prefix, (ours, bill) in found.items() if bill is not None and bill != ours}
