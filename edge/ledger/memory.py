"""A ledger in this process's memory: for tests and for trying things out. It forgets everything when it ends.

The ledgers of several workers may share one set of books, as they would share a file.
"""

from collections.abc import Callable
from itertools import islice

from edge.core.books import admit
from edge.core.bucket import UNUSED, Bucket
from edge.core.charge import Charge, Decision, Tally, Totals
from edge.core.entry import Entry
from edge.core.instant import BEGINNING, Instant
from edge.core.lease import NOTED, Held, Lease, ask, noted
from edge.core.ledger import Hear
from edge.core.pause import NOT_PAUSED, is_paused, paused_until
from edge.core.reason import Reason
from edge.core.rules import Rules
from edge.core.watermarks import Watermarks


class MemoryBooks:
    """Books in memory: all that a file would hold."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.senders: dict[bytes, Bucket] = {}
        self.blocks: dict[bytes, Bucket] = {}
        self.opted_out: set[bytes] = set()
        self.counts: dict[Reason, int] = {}
        self.pace = UNUSED
        self.instant = BEGINNING
        self.replies_micros = 0
        self.received_micros = 0
        self.told: dict[str, Watermarks] = {}
        self.paused_until_ms = NOT_PAUSED
        self.held = Held()
        self.noted: dict[str, list[int]] = {what: [] for what in NOTED}

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        return Entry(
            paused_until_ms=self.paused_until_ms,
            paid=charge.message_id in self.ids,
            opted_out=charge.sender in self.opted_out,
            sender=self.senders.get(charge.sender, UNUSED),
            block=self.blocks.get(charge.block, UNUSED),
            pace=self.pace,
            spent_micros=self.replies_micros + self.received_micros,
        )

    def receive(self, micros: int) -> None:
        """Add what receiving has cost."""
        self.received_micros += micros

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Write a charge with the states after it."""
        self.ids[charge.message_id] = now_ms
        self.replies_micros += charge.cost.micros
        self.senders[charge.sender] = entry.sender
        self.blocks[charge.block] = entry.block
        self.pace = entry.pace


class MemoryLedger:
    """One worker's view of books in memory."""

    def __init__(
        self, rules: Rules, clock: Callable[[], int], hear: Hear, books: MemoryBooks | None = None, teller: str = ""
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._books = books or MemoryBooks()
        self._hear = hear
        self._teller = teller
        self._told = self._books.told.setdefault(teller, Watermarks()) if teller else Watermarks()
        self._seen = 0

    async def admit(self, charge: Charge) -> Decision:
        """Charge a reply, or say why not."""
        instant = self._instant()
        decision = admit(self._books, self._rules, self._told, charge, instant.now_ms)
        if decision.reason is Reason.ANSWERED:
            self._books.instant = instant
        self._tell_news()
        return decision

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again, if they ever were."""
        known = sender in self._books.senders
        if known:
            self._books.opted_out.add(sender)
        self._tell_news()
        return known

    async def tell(self, tally: Tally) -> bool:
        """Add what a worker has seen since it last told; return whether it is paused by hand."""
        self._books.receive(self._told.receive(tally.received_micros))
        for reason, count in self._told.count(tally.counts).items():
            self._books.counts[reason] = self._books.counts.get(reason, 0) + count
        instant = self._instant()
        if instant.is_behind:
            self._books.instant = instant
        self._tell_news()
        return is_paused(self._books.paused_until_ms, instant.now_ms)

    async def pause(self, for_ms: int | None) -> int:
        """Pay no reply for so long; return when it ends."""
        books, books.instant = self._books, self._instant()
        books.paused_until_ms = paused_until(books.paused_until_ms, for_ms, books.instant.now_ms)
        self._tell_news()
        return books.paused_until_ms

    async def resume(self) -> bool:
        """Pay replies again; return whether it was paused."""
        books, books.instant = self._books, self._instant()
        was_paused = is_paused(books.paused_until_ms, books.instant.now_ms)
        books.paused_until_ms = NOT_PAUSED
        self._tell_news()
        return was_paused

    async def watch(self, holder: str, length_ms: int, notes: str | None = None) -> Lease:
        """Ask for the lease on the watch."""
        books, now_ms = self._books, self._instant().now_ms
        books.held, is_held, is_new = ask(books.held, holder, length_ms, notes, now_ms)
        self._tell_news()
        return Lease(is_held, is_new, books.held.notes, dict(books.noted), now_ms)

    async def note(self, what: str) -> None:
        """Note for the watch that something has happened."""
        self._books.noted[what] = noted(self._books.noted[what], self._instant().now_ms)
        self._tell_news()

    async def forget(self) -> None:
        """Forget how far the teller's sums are known, since they are gone."""
        self._books.told.pop(self._teller, None)

    async def totals(self) -> Totals:
        """Return the sums over all workers."""
        books = self._books
        counts = {**books.counts, Reason.ANSWERED: len(books.ids)}
        self._tell_news()
        return Totals(
            counts,
            books.replies_micros,
            books.received_micros,
            books.pace,
            self._instant().now_ms,
            next(reversed(books.ids.values()), 0),
            books.paused_until_ms,
        )

    async def close(self) -> None:
        """Nothing waits, and nothing is kept."""

    def _instant(self) -> Instant:
        return self._books.instant.at(self._clock())

    def _tell_news(self) -> None:
        news = tuple(islice(self._books.ids, self._seen, None))
        self._seen += len(news)
        if news:
            self._hear(news)
