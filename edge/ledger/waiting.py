"""A ledger that is opened when it can be: to start without it is no different from losing it.

A worker gets it at once, whatever is wrong. Until it opens it is down: silence, 200, and one try each quarter of a second.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from edge.core.charging.charge import Charge, Decision, Tally, Totals
from edge.core.charging.ledger import Ledger
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Button
from edge.core.kept.hours import Hour
from edge.core.kept.lease import Lease
from edge.core.kept.minutes import KeptMinute
from edge.core.limits.rules import Standing
from edge.errors import LedgerDown, described
from edge.ledger.breaker import Breaker


class WaitingLedger:
    """A ledger that opens by itself, at the first question that finds it there."""

    def __init__(self, open_: Callable[[], Ledger]) -> None:
        self._open = open_
        self._breaker = Breaker(0.0)
        self._ledger: Ledger | None = None

    def admit(self, charge: Charge) -> Coroutine[Any, Any, Decision]:
        """Charge a reply, or say why not."""
        return self._opened().admit(charge)

    def opt_out(self, sender: bytes) -> Coroutine[Any, Any, bool]:
        """Never answer that sender again, if they ever were."""
        return self._opened().opt_out(sender)

    def tell(self, tally: Tally) -> Coroutine[Any, Any, Standing]:
        """Add what a worker has seen since it last told; return what holds now for all workers."""
        return self._opened().tell(tally)

    def pause(self, for_ms: int | None) -> Coroutine[Any, Any, int]:
        """Pay no reply for so long."""
        return self._opened().pause(for_ms)

    def resume(self) -> Coroutine[Any, Any, bool]:
        """Pay replies again."""
        return self._opened().resume()

    def keep_attachment(self, phone: str, before: Attachment, after: Attachment) -> Coroutine[Any, Any, bool]:
        """Keep what is wanted of a number, if it is still as it was before."""
        return self._opened().keep_attachment(phone, before, after)

    def press(self, button: Button, for_ms: int) -> Coroutine[Any, Any, int | None]:
        """Pause for so long by a button, if it counts."""
        return self._opened().press(button, for_ms)

    def press_to_detach(
        self, button: Button, phone: str, before: Attachment, after: Attachment
    ) -> Coroutine[Any, Any, bool | None]:
        """Keep by a button what is wanted of a number, if it counts and the number is still as it was before."""
        return self._opened().press_to_detach(button, phone, before, after)

    def watch(self, holder: str, length_ms: int, notes: str | None = None) -> Coroutine[Any, Any, Lease]:
        """Ask for the lease on the watch."""
        return self._opened().watch(holder, length_ms, notes)

    def note(self, what: str) -> Coroutine[Any, Any, None]:
        """Note for the watch that something has happened."""
        return self._opened().note(what)

    def forget(self) -> Coroutine[Any, Any, None]:
        """Forget how far the teller's sums are known."""
        return self._opened().forget()

    def totals(self) -> Coroutine[Any, Any, Totals]:
        """Return the sums over all workers."""
        return self._opened().totals()

    def hours(self, since_ms: int) -> Coroutine[Any, Any, list[Hour]]:
        """Return the hours that began at an instant or after it."""
        return self._opened().hours(since_ms)

    def minutes(self, since_ms: int) -> Coroutine[Any, Any, list[KeptMinute]]:
        """Return the minutes that began at an instant or after it."""
        return self._opened().minutes(since_ms)

    def hours_of_each(self, since_ms: int) -> Coroutine[Any, Any, Mapping[str, list[Hour]]]:
        """Return the same hours of each of several numbers."""
        return self._opened().hours_of_each(since_ms)

    def minutes_of_each(self, since_ms: int) -> Coroutine[Any, Any, Mapping[str, list[KeptMinute]]]:
        """Return the same minutes of each of several numbers."""
        return self._opened().minutes_of_each(since_ms)

    async def close(self) -> None:
        """Finish what waits, and let go of the files or sockets, if there ever were any."""
        if self._ledger is not None:
            await self._ledger.close()

    def _opened(self) -> Ledger:
        if self._ledger is None:
            now = asyncio.get_running_loop().time()
            self._breaker.enter(now)
            try:
                self._ledger = self._open()
            except Exception as error:
                self._breaker.failed(now, described(error))
                raise LedgerDown(described(error)) from error
        return self._ledger
