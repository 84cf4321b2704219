"""The embedded ledger: one SQLite file for all workers of a machine, written by group commit.

A transaction begins as a writer (`BEGIN IMMEDIATE`), so what it reads is the latest that any worker wrote, and the machine's
clock is read inside. An answer leaves only after its commit, and after a look whether that went into the file that lies there.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from pathlib import Path
from typing import Any

import apsw

from edge.core.charging.books import admit, tell
from edge.core.charging.charge import Charge, Decision, Tally, Totals
from edge.core.charging.ledger import RETRY_HORIZON_MS, Hear
from edge.core.charging.watermarks import Watermarks
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Button
from edge.core.kept.hours import Hour
from edge.core.kept.lease import Lease
from edge.core.kept.minutes import KeptMinute
from edge.core.limits.rules import Rules, Standing
from edge.errors import LedgerDown, described
from edge.ledger.batcher import TIMEOUT_S, Batcher
from edge.ledger.known import Known
from edge.ledger.sqlite_books import SqliteBooks
from edge.ledger.sqlite_held import HeldFile
from edge.units import HOUR_MS

Work = Callable[[SqliteBooks, Watermarks], Any]
"""Part of a transaction, given the books and what they were told so far."""


class SqliteLedger:
    """One worker's connection to the file; made inside a running event loop, after `sqlite_file.prepare`."""

    def __init__(
        self,
        path: Path,
        rules: Rules,
        clock: Callable[[], int],
        hear: Hear,
        *,
        known: Known | None = None,
        teller: str = "",
    ) -> None:
        """Take what is known of the ledger, and by whose name it is told; nothing is opened before it is asked."""
        self._path = path
        self._rules = rules
        self._clock = clock
        self._hear = hear
        self._file = HeldFile(path, known or Known())
        self._teller = teller
        self._told: Watermarks | None = None
        self._seen_seq: int | None = None
        self._pruned_ms: int | None = None
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._batcher: Batcher[Work, Any] = Batcher(self._run)

    async def admit(self, charge: Charge) -> Decision:
        """Charge a reply, or say why not."""
        decision: Decision = await self._batcher.ask(
            lambda books, told: admit(books, self._rules, told, charge, books.now_ms)
        )
        return decision

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again, if they ever were."""
        known: bool = await self._batcher.ask(lambda books, _: books.opt_out(sender))
        return known

    async def tell(self, tally: Tally) -> Standing:
        """Add what a worker has seen since it last told; return what holds now for all workers."""
        standing: Standing = await self._batcher.ask(lambda books, told: self._tell(books, told, tally))
        return standing

    async def pause(self, for_ms: int | None) -> int:
        """Pay no reply for so long; return when it ends."""
        until_ms: int = await self._batcher.ask(lambda books, _: books.pause(for_ms))
        return until_ms

    async def resume(self) -> bool:
        """Pay replies again; return whether it was paused."""
        was_paused: bool = await self._batcher.ask(lambda books, _: books.resume())
        return was_paused

    async def keep_attachment(self, phone: str, before: Attachment, after: Attachment) -> bool:
        """Keep what is wanted of a number, if it is still as it was before."""
        is_same: bool = await self._batcher.ask(lambda books, _: books.keep_attachment(phone, before, after))
        return is_same

    async def press(self, button: Button, for_ms: int) -> int | None:
        """Pause for so long by a button; return when the pause ends, or None where it does not count."""
        until_ms: int | None = await self._batcher.ask(lambda books, _: books.press(button, for_ms))
        return until_ms

    async def press_to_detach(self, button: Button, phone: str, before: Attachment, after: Attachment) -> bool | None:
        """Keep by a button what is wanted of a number, if it counts and the number is still as it was before."""
        pressed: bool | None = await self._batcher.ask(
            lambda books, _: books.press_to_detach(button, phone, before, after)
        )
        return pressed

    async def watch(self, holder: str, length_ms: int, notes: str | None = None) -> Lease:
        """Ask for the lease on the watch."""
        lease: Lease = await self._batcher.ask(lambda books, _: books.watch(holder, length_ms, notes))
        return lease

    async def note(self, what: str) -> None:
        """Note for the watch that something has happened."""
        await self._batcher.ask(lambda books, _: books.note(what))

    async def forget(self) -> None:
        """Forget how far the teller's sums are known, since they are gone."""
        await self._batcher.ask(self._forget)

    async def totals(self) -> Totals:
        """Return the sums over all workers."""
        totals: Totals = await self._batcher.ask(lambda books, _: books.totals())
        return totals

    async def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours that began at an instant or after it."""
        hours: list[Hour] = await self._batcher.ask(lambda books, _: books.hours(since_ms))
        return hours

    async def minutes(self, since_ms: int) -> list[KeptMinute]:
        """Return the minutes that began at an instant or after it."""
        minutes: list[KeptMinute] = await self._batcher.ask(lambda books, _: books.minutes(since_ms))
        return minutes

    async def hours_of_each(self, since_ms: int) -> Mapping[str, list[Hour]]:
        """Return the same hours of each of several numbers."""
        hours: Mapping[str, list[Hour]] = await self._batcher.ask(lambda books, _: books.hours_of_each(since_ms))
        return hours

    async def minutes_of_each(self, since_ms: int) -> Mapping[str, list[KeptMinute]]:
        """Return the same minutes of each of several numbers."""
        minutes: Mapping[str, list[KeptMinute]] = await self._batcher.ask(
            lambda books, _: books.minutes_of_each(since_ms)
        )
        return minutes

    async def close(self) -> None:
        """Finish what waits, and close the file; what is stuck on a dead disk is left behind."""
        await self._batcher.close()
        closed = asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
        self._thread.shutdown(wait=False)
        await asyncio.wait([closed], timeout=TIMEOUT_S)

    def _forget(self, books: SqliteBooks, told: Watermarks) -> None:
        books.forget(self._teller)
        told.marks = {}

    def _tell(self, books: SqliteBooks, told: Watermarks, tally: Tally) -> Standing:
        pace = tell(books, self._rules, told, tally, books.now_ms)
        books.keep_time()
        books.begin_hour()
        if self._pruned_ms is None or books.now_ms - self._pruned_ms >= HOUR_MS:
            books.prune()
            self._pruned_ms = books.now_ms
        return Standing(books.is_paused, pace)

    async def _run(self, works: Sequence[Work]) -> list[Any]:
        loop = asyncio.get_running_loop()
        try:
            step = loop.run_in_executor(self._thread, self._transact, works)
        except RuntimeError as error:  # no thread to be had
            raise LedgerDown(f"{self._path}: {error}") from error
        results, news = await step
        if news:
            self._hear(news)
        return results

    def _transact(self, works: Sequence[Work]) -> tuple[list[Any], tuple[str, ...]]:
        """Do all of it as one transaction, or none of it; in the thread."""
        told, seen_seq = copy(self._told), self._seen_seq
        done = False
        try:
            connection = self._file.open()
            connection.execute("BEGIN IMMEDIATE")
            books = SqliteBooks(connection, self._rules, self._clock())
            results, news = self._work(books, works)
            connection.execute("COMMIT")
            known = self._file.known
            self._file.settle(Known(known.id, *books.sums, news[-1] if news else known.last_id))
            done = True
        except LedgerDown:
            raise
        except (apsw.Error, OSError, MemoryError) as error:
            raise LedgerDown(f"{self._path}: {described(error)}") from error
        finally:
            if not done:
                # What was told is untold, what was heard is unheard, and the next try begins with a new connection: what the
                # file says of a teller is read again, since it may be another copy by then.
                self._told, self._seen_seq = None if self._teller else told, seen_seq
                self._file.drop()
        return results, news

    def _work(self, books: SqliteBooks, works: Sequence[Work]) -> tuple[list[Any], tuple[str, ...]]:
        if self._seen_seq is None:
            self._seen_seq = books.last_seq_before(books.now_ms - RETRY_HORIZON_MS)
        if self._told is None:
            self._told = Watermarks(books.marks(self._teller) if self._teller else {})
        before = self._told.marks
        results = [work(books, self._told) for work in works]
        if self._teller:
            books.mark(self._teller, self._told.moved(before))
        books.close()
        news, self._seen_seq = books.news(self._seen_seq)
        return results, news
