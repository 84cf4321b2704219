"""Looks after one number at its provider, for whoever holds the lease: what is wanted of it is decided, kept, and had done."""

from collections.abc import Awaitable, Callable

from edge.core.alerting.watching import Tended
from edge.core.charging.charge import Totals
from edge.core.charging.ledger import Ledger
from edge.core.kept.attachment import Attachment
from edge.core.kept.lease import Lease
from edge.watch.attaching import Attaching
from edge.watch.deciding import Deciding


class Tending:
    """One worker's part in it, for one number."""

    def __init__(self, attaching: Attaching, deciding: Deciding, where: str = "") -> None:
        """Take the number's key in the static file, where there are several."""
        self._attaching = attaching
        self._deciding = deciding
        self._where = where

    async def look(self, ledger: Ledger, lease: Lease, totals: Totals, holds: Callable[[], Awaitable[bool]]) -> Tended:
        """Have the number be attached or detached as it is to be, and return what is known of that; `holds` as in :class:`Attaching`."""
        attaching, deciding = self._attaching, self._deciding
        before = totals.attachments.get(attaching.phone, Attachment())
        after = await deciding.decide(ledger, totals, before, may_detach=attaching.may_detach, anew=lease.is_new)
        if after != before and not await ledger.keep_attachment(attaching.phone, before, after):
            return self._tended(None, totals)  # somebody wants something else by now; the next look sees what
        attaching.begin(ledger, holds, after, lease.now_ms, anew=lease.is_new)
        return self._tended(attaching.seen(after), totals)

    async def finish(self, timeout_s: float) -> None:
        """Wait for what is under way, for so long."""
        await self._attaching.finish(timeout_s)

    def _tended(self, attachment: Attachment | None, totals: Totals) -> Tended:
        number = self._attaching.phone if self._where else ""
        return Tended(attachment, self._deciding.advised(totals.now_ms), self._where, number)
