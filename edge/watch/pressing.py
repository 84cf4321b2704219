"""Does what a button says, once: the ledger knows which ones were used, and whoever looks after the number acts on what it keeps."""

from edge.core.charging.ledger import Ledger
from edge.core.detaching.webhook import detached_by_button
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import FOR_MS, Button
from edge.core.kept.pause import WITHOUT_END_MS


async def silence(ledger: Ledger, button: Button) -> int | None:
    """Pause for an hour; return when the pause ends, or None where the button does not count. Raises LedgerDown."""
    return await ledger.press(button, FOR_MS)


async def detach(ledger: Ledger, button: Button, phone: str) -> int | None:
    """Want a number to be detached for an hour; return when it is to be attached again, or None where the button does not count.

    `WITHOUT_END_MS` where no timer ends it. Raises LedgerDown.
    """
    while True:
        totals = await ledger.totals()
        before = totals.attachments.get(phone, Attachment())
        after = detached_by_button(before, FOR_MS, totals.now_ms)
        is_same = await ledger.press_to_detach(button, phone, before, after)
        if is_same is None:
            return None
        if is_same:
            return WITHOUT_END_MS if after.attach_at_ms is None else after.attach_at_ms
