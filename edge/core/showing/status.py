"""The status of a number, as `/status.json` and `antirelou status` show it: what it has done, and what is left. No numbers, no texts."""

from collections.abc import Sequence
from typing import Any

from edge.core.charging.charge import Totals
from edge.core.detaching.webhook import as_json as attachment_as_json
from edge.core.kept.attachment import Attachment
from edge.core.kept.pause import end_of, is_paused
from edge.core.showing.bill import Bill, as_json
from edge.core.showing.forecast import Purse
from edge.core.showing.shareleft import ShareLeft
from edge.units import format_money

ATTACHED = (Attachment(),)


def left_of(totals: Totals, purse: Purse) -> tuple[int, int]:
    """Return what is left of the kitty, and how much of it the pace would let go at once."""
    left_micros = max(0, purse.kitty_micros - totals.spent_micros)
    return left_micros, min(left_micros, purse.pace_left_micros(totals.pace, totals.now_ms))


def status_of(
    totals: Totals,
    purse: Purse,
    currency: str,
    bill: Bill,
    silence: str = "",
    *,
    paused_by_file: bool = False,
    attachments: Sequence[Attachment] = ATTACHED,
    shares: Sequence[ShareLeft] = (),
) -> dict[str, Any]:
    """Return the totals over all workers since the ledger was made; money as decimal strings.

    A pause by hand may have an end, `paused_until`; one that the static file says has none.
    Where there are several numbers, `numbers` says what each has left of its share, how often it has replied, how many messages
    came to it in the last hour and day, and whether the provider delivers to it; `attachment` is that of the first one to which
    it does not.
    `messages` are those that the provider delivered: requests that did not come from it are in `by_reason` only.
    """
    left_micros, pace_left_micros = left_of(totals, purse)
    by_hand = is_paused(totals.paused_until_ms, totals.now_ms)
    counts = {reason: count for reason, count in totals.counts.items() if count}
    return {
        "messages": sum(count for reason, count in counts.items() if reason.from_provider),
        "replies": totals.replies,
        "by_reason": {reason.value: count for reason, count in sorted(counts.items())},
        "currency": currency,
        "spent": {
            "replies": format_money(totals.replies_micros),
            "received": format_money(totals.received_micros),
        },
        "kitty_left": format_money(left_micros),
        "pace_left": format_money(pace_left_micros),
        "paused": paused_by_file or by_hand,
        "paused_until": end_of(totals.paused_until_ms) if by_hand and not paused_by_file else None,
        "lasts_until": bill.lasts_until.isoformat(),
        "silent": silence or None,
        "attachment": attachment_as_json(first_off(attachments)),
        "bill": as_json(bill),
    } | ({"numbers": [_number(*one) for one in zip(shares, attachments, strict=True)]} if shares else {})


def first_off(attachments: Sequence[Attachment]) -> Attachment:
    """Return the first one that is not wholly attached, or the first of all."""
    return next((one for one in attachments if not (one.attached and one.is_settled)), attachments[0])


def _number(share: ShareLeft, attachment: Attachment) -> dict[str, Any]:
    return {
        "number": share.where,
        "replies": share.replies,
        "pace_left": format_money(share.left_micros),
        "messages_last_hour": share.lately.hour,
        "messages_last_day": share.lately.day,
        "attachment": attachment_as_json(attachment),
    }
