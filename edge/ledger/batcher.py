"""Group commit: whoever waits while one step is written shares the next one. The event loop never waits for a disk.

1. One step at a time; it takes what waits by then, up to BATCH_MAX, and is done as a whole or not at all.
2. Whoever asks gets an answer within the time limit, or LedgerDown. What was given up before its turn is not done.
3. After a failure nobody waits (see :mod:`edge.ledger.breaker`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from edge.errors import LedgerDown, LedgerError
from edge.ledger.breaker import Breaker

Work = TypeVar("Work")
Result = TypeVar("Result")

TIMEOUT_S = 2.0
"""Well inside what providers wait for an answer: SignalWire and Plivo 5 s, Twilio 15 s."""
WAITING_MAX = 4096
BATCH_MAX = 512
"""Keeps one step in the milliseconds, so that other workers on the same books get their turn."""


class Batcher(Generic[Work, Result]):
    """Has work done in batches, for one event loop."""

    def __init__(
        self, run: Callable[[Sequence[Work]], Awaitable[Sequence[Result]]], *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._run = run
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._breaker = Breaker(timeout_s)
        self._waiting: deque[tuple[Work, asyncio.Future[Result]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def ask(self, work: Work) -> Result:
        """Have work done, and return what came of it. Raises LedgerDown when that cannot be known in time."""
        self._breaker.enter(self._loop.time())
        if len(self._waiting) >= WAITING_MAX:
            raise LedgerDown(f"{WAITING_MAX} wait for the ledger already")
        future: asyncio.Future[Result] = self._loop.create_future()
        self._waiting.append((work, future))
        if self._task is None:
            self._task = self._loop.create_task(self._work())
        try:
            async with asyncio.timeout(self._timeout_s):
                return await future
        except TimeoutError:
            complaint = f"no answer from the ledger within {self._timeout_s:g} s"
            self._breaker.failed(self._loop.time(), complaint)
            raise LedgerDown(complaint) from None

    async def close(self) -> None:
        """Let everything that waits be done, as far as it is done in time."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=self._timeout_s)

    async def _work(self) -> None:
        while batch := self._take():
            works = [work for work, _ in batch]
            futures = [future for _, future in batch]
            try:
                results = await self._run(works)
            except LedgerError as error:
                self._breaker.failed(self._loop.time(), str(error))
                futures += [future for _, future in self._waiting]
                _refuse(futures, [LedgerDown(str(error)) for _ in futures])
            except Exception as error:  # noqa: BLE001 — whoever asked gets it; the next batch must not pay for it
                _refuse(futures, [error] * len(futures))
            else:
                self._breaker.worked()
                _deliver(futures, results)
        self._task = None

    def _take(self) -> list[tuple[Work, "asyncio.Future[Result]"]]:
        batch: list[tuple[Work, asyncio.Future[Result]]] = []
        while self._waiting and len(batch) < BATCH_MAX:
            work, future = self._waiting.popleft()
            if not future.done():
                batch.append((work, future))
        return batch


def _refuse(futures: Sequence["asyncio.Future[Result]"], errors: Sequence[Exception]) -> None:
    for future, error in zip(futures, errors, strict=True):
        if not future.done():
            future.set_exception(error)


def _deliver(futures: Sequence["asyncio.Future[Result]"], results: Sequence[Result]) -> None:
    for future, result in zip(futures, results, strict=True):
        if not future.done():
            future.set_result(result)
