"""What everybody may see of a number: how many wrote, how many were answered, what that has cost.

While a number may be detached, all of it is as of the last midnight (UTC): a sum that stands still would say that it is.
"""

from collections.abc import Sequence

import msgspec

from edge.core.charging.charge import Totals
from edge.core.kept.hours import Hour
from edge.core.wire.reason import received_in
from edge.units import DAY_MS


class Counted(msgspec.Struct, frozen=True):
    """Sums since the ledger was made. A retry of a message is not another message."""

    messages: int
    replies: int
    spent_micros: int


def counted(totals: Totals) -> Counted:
    """Return the sums as they are."""
    return Counted(received_in(totals.counts), totals.replies, totals.spent_micros)


def midnight_before(now_ms: int) -> int:
    """Return the midnight before an instant."""
    return now_ms - now_ms % DAY_MS


def until_today(totals: Totals, today: Sequence[Hour]) -> Counted:
    """Return the sums as they were at the last midnight, by the hours since then."""
    now = counted(totals)
    return Counted(
        max(0, now.messages - sum(hour.messages for hour in today)),
        max(0, now.replies - sum(hour.replies for hour in today)),
        max(0, now.spent_micros - sum(hour.received_micros + hour.replies_micros for hour in today)),
    )
