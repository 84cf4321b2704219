"""Group commit: whoever waits while one transaction is written shares the next one. The event loop never waits for a disk.

1. One thread does all the writing; it takes everything that waits, has it done as one step, and only then answers.
2. Whoever asks gets an answer within the time limit, or LedgerDown. What was given up before its turn is not done.
3. After a failure nobody waits: LedgerDown at once, until the next try is due. So a flood meets a dead disk at memory speed.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from edge.errors import LedgerDown, LedgerError

Work = TypeVar("Work")
Result = TypeVar("Result")

TIMEOUT_S = 2.0
"""Well inside what providers wait for an answer: SignalWire and Plivo 5 s, Twilio 15 s."""
RETRY_S = 0.25
WAITING_MAX = 4096
BATCH_MAX = 512
"""Keeps one transaction in the milliseconds, so that other workers on the same file get their turn."""


class Committer(Generic[Work, Result]):
    """Runs work in batches in a thread of its own, for one event loop."""

    def __init__(self, run: Callable[[Sequence[Work]], Sequence[Result]], *, timeout_s: float = TIMEOUT_S) -> None:
        self._run = run
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[tuple[Work, asyncio.Future[Result]] | None] = SimpleQueue()
        self._retry_at = 0.0
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    async def ask(self, work: Work) -> Result:
        """Have work done, and return what came of it. Raises LedgerDown when that cannot be known in time."""
        if self._loop.time() < self._retry_at:
            raise LedgerDown("the ledger failed a moment ago")
        if self._queue.qsize() >= WAITING_MAX:
            raise LedgerDown(f"{WAITING_MAX} wait for the ledger already")
        future: asyncio.Future[Result] = self._loop.create_future()
        self._queue.put((work, future))
        try:
            async with asyncio.timeout(self._timeout_s):
                return await future
        except TimeoutError:
            self._failed()
            raise LedgerDown(f"no answer from the ledger within {self._timeout_s:g} s") from None

    async def close(self) -> None:
        """Let everything that waits be done, and end the thread; one that is stuck on a dead disk is left behind."""
        self._queue.put(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                await asyncio.to_thread(self._thread.join)

    def _failed(self) -> None:
        self._retry_at = self._loop.time() + RETRY_S

    def _work(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._take()
            batch = [(work, future) for work, future in batch if not future.done()]
            if batch:
                futures = [future for _, future in batch]
                try:
                    results = self._run([work for work, _ in batch])
                except LedgerError as error:
                    self._loop.call_soon_threadsafe(self._fail, futures, str(error))
                else:
                    self._loop.call_soon_threadsafe(_deliver, futures, results)

    def _take(self) -> tuple[list[tuple[Work, "asyncio.Future[Result]"]], bool]:
        """Return all that waits, and whether more may come."""
        batch = []
        item = self._queue.get()
        with contextlib.suppress(Empty):
            while item is not None:
                batch.append(item)
                if len(batch) == BATCH_MAX:
                    return batch, True
                item = self._queue.get_nowait()
            return batch, False
        return batch, True

    def _fail(self, futures: Sequence["asyncio.Future[Result]"], complaint: str) -> None:
        self._failed()
        for future in futures:
            if not future.done():
                future.set_exception(LedgerDown(complaint))


def _deliver(futures: Sequence["asyncio.Future[Result]"], results: Sequence[Result]) -> None:
    for future, result in zip(futures, results, strict=True):
        if not future.done():
            future.set_result(result)
