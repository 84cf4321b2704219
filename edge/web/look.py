"""One look at the ledger for all who ask for a page meanwhile: a crowd costs it no more than one visitor does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from edge.errors import LedgerDown

Seen = TypeVar("Seen")


class Look(Generic[Seen]):
    """A look for all who ask meanwhile, at most once in `every_ms`; with 0, one that begins after each question."""

    def __init__(self, look: Callable[[], Awaitable[Seen]], clock: Callable[[], int], every_ms: int) -> None:
        self._look = look
        self._clock = clock
        self._every_ms = every_ms
        self._looking = asyncio.Lock()
        self._begun = 0
        self._begun_ms = 0
        self._error: LedgerDown | None = None
        self.last: Seen | None = None
        """The last thing that was seen while the ledger answered."""

    async def __call__(self) -> Seen:
        """Return what was seen by the last look, after a new one if it is time. Raises LedgerDown if that failed."""
        asked = self._begun
        async with self._looking:
            if self._begun == asked and self._is_due():
                await self._look_again()
        if self._error is not None or self.last is None:
            raise self._error or LedgerDown("not reached yet")
        return self.last

    def forget(self) -> None:
        """Have the next one who asks look anew: what was seen was changed since."""
        self._begun_ms -= self._every_ms

    def _is_due(self) -> bool:
        return not self._begun or abs(self._clock() - self._begun_ms) >= self._every_ms

    async def _look_again(self) -> None:
        self._begun += 1
        self._begun_ms = self._clock()  # it fails or not: nobody is kept waiting for a dead ledger twice in that time
        self._error = None
        try:
            self.last = await self._look()
        except LedgerDown as error:
            self._error = error
