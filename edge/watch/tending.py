"""Looks after one number at its provider, for whoever holds the lease: what is wanted of it is decided, kept, and had done."""

from collections.abc import Awaitable, Callable

from edge.core.alerting.watching import Tended
from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow
from edge.core.kept.attachment import Attachment
from edge.core.kept.lease import Lease
from edge.watch.attaching import Attaching
from edge.watch.deciding import Deciding
from edge.watch.reading import Reading


class Tending:
    """One worker's part in it, for one number."""

    def __init__(
        self, attaching: Attaching, deciding: Deciding, where: str = "", *, until_attached: bool = False
    ) -> None:
        """Take the number's key in the static file, where there are several; `until_attached` of one that is not in it any more."""
        self._attaching = attaching
        self._deciding = deciding
        self._until_attached = until_attached
        self.where = where

    @property
    def number(self) -> str:
        """The number, if it is one of several."""
        return self._attaching.phone if self.where else ""

    @property
    def lately_micros(self) -> int:
        """What receiving has cost there lately."""
        return self._deciding.lately_micros

    async def look(
        self, reading: Reading, lease: Lease, totals: Totals, inflow: Inflow, holds: Callable[[], Awaitable[bool]]
    ) -> Tended:
        """Have the number be attached or detached as it is to be, and return what is known of that.

        `reading` is that of all numbers in this look, `inflow` is what this one has received, and `holds` is as in :class:`Attaching`.
        """
        ledger, attaching, deciding = reading.ledger, self._attaching, self._deciding
        before = totals.attachments.get(attaching.phone, Attachment())
        if self._until_attached and before.attached and before.is_settled:
            return self._tended(before, totals)
        after = await deciding.decide(
            reading, totals, inflow, before, may_detach=attaching.may_detach, anew=lease.is_new
        )
        if after != before and not await ledger.keep_attachment(attaching.phone, before, after):
            return self._tended(None, totals)  # somebody wants something else by now; the next look sees what
        attaching.begin(ledger, holds, after, lease.now_ms, anew=lease.is_new)
        return self._tended(attaching.seen(after), totals)

    async def finish(self, timeout_s: float) -> None:
        """Wait for what is under way, for so long."""
        await self._attaching.finish(timeout_s)

    def _tended(self, attachment: Attachment | None, totals: Totals) -> Tended:
        return Tended(attachment, self._deciding.advised(totals.now_ms), self.where, self.number)
