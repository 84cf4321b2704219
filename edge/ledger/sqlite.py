"""The embedded ledger: one SQLite file for all workers of a machine, written by group commit.

A transaction begins as a writer (`BEGIN IMMEDIATE`), so what it reads is the latest that any worker wrote, and it decides
by the machine's clock, read inside. An answer leaves only after its commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import Any, TypeVar

import apsw

from edge.charge import Charge, Outcome, Tally, Totals
from edge.errors import LedgerDown
from edge.ledger.books import admit
from edge.ledger.committer import Committer
from edge.ledger.contract import Hear
from edge.ledger.sqlite_books import SqliteBooks
from edge.ledger.sqlite_file import connect, identity
from edge.ledger.told import Told
from edge.rules import Rules
from edge.units import HOUR_MS

Result = TypeVar("Result")


class SqliteLedger:
    """One worker's connection to the file; made inside a running event loop, after `sqlite_file.prepare`."""

    def __init__(self, path: Path, rules: Rules, clock: Callable[[], int], hear: Hear) -> None:
        self._path = path
        self._rules = rules
        self._clock = clock
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._identity = identity(path)
        self._connection: apsw.Connection | None = None
        self._told = Told()
        self._seen_seq: int | None = None
        self._pruned_ms: int | None = None
        self._committer: Committer[Callable[[SqliteBooks, int], Any], Any] = Committer(self._run)

    async def admit(self, charge: Charge) -> Outcome:
        """Charge a reply, or say why not."""
        return await self._ask(lambda books, now_ms: admit(books, self._rules, self._told, charge, now_ms))

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again, if they ever were."""
        return await self._ask(lambda books, _: books.opt_out(sender))

    async def tell(self, tally: Tally) -> None:
        """Add what a worker has seen since it last told."""
        await self._ask(lambda books, now_ms: self._tell(books, tally, now_ms))

    async def totals(self) -> Totals:
        """Return the sums over all workers."""
        return await self._ask(lambda books, _: books.totals())

    async def close(self) -> None:
        """Finish what waits, and close the file."""
        await self._committer.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _ask(self, work: Callable[[SqliteBooks, int], Result]) -> Result:
        answer: Result = await self._committer.ask(work)
        return answer

    def _tell(self, books: SqliteBooks, tally: Tally, now_ms: int) -> None:
        books.receive(self._told.receive(tally.received_micros))
        books.count(self._told.count(tally.counts))
        if self._pruned_ms is None or abs(now_ms - self._pruned_ms) >= HOUR_MS:
            books.prune(now_ms)
            self._pruned_ms = now_ms

    def _run(self, works: Sequence[Callable[[SqliteBooks, int], Any]]) -> list[Any]:
        """Do all of it as one transaction, or none of it: then what was told is untold, too."""
        told = copy(self._told)
        try:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                results, news = self._work(SqliteBooks(connection), works)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except (apsw.Error, OSError) as error:
            self._told = told
            raise LedgerDown(f"{self._path}: {error}") from error
        if news:
            self._loop.call_soon_threadsafe(self._hear, news)
        return results

    def _connect(self) -> apsw.Connection:
        if identity(self._path) != self._identity:
            raise OSError("another file was put in its place")
        if self._connection is None:
            self._connection = connect(self._path)
        return self._connection

    def _work(
        self, books: SqliteBooks, works: Sequence[Callable[[SqliteBooks, int], Any]]
    ) -> tuple[list[Any], tuple[str, ...]]:
        if self._seen_seq is None:
            self._seen_seq = books.last_seq()
        now_ms = self._clock()
        results = [work(books, now_ms) for work in works]
        news, self._seen_seq = books.news(self._seen_seq)
        return results, news
