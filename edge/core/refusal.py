"""The checks that a reply must pass to be paid, in one place for the gate in memory and for the ledger.

The order is that of :class:`edge.core.reason.Reason`. All limits are checked first; taking from them comes after, from all.
"""

from edge.core.bucket import grants
from edge.core.reason import Reason
from edge.core.rules import Cost, Rules


def first_refusal(
    rules: Rules,
    cost: Cost,
    *,
    sender_tat_ms: int,
    block_tat_ms: int,
    pace_tat_ms: int,
    spent_micros: int,
    now_ms: int,
) -> Reason | None:
    """Return why a reply at that cost may not be paid now, or None if it may.

    `spent_micros` is all that is spent so far, what receiving has cost included.
    """
    if not grants(rules.sender, sender_tat_ms, now_ms):
        return Reason.SENDER_LIMIT
    if not grants(rules.block, block_tat_ms, now_ms):
        return Reason.BLOCK_LIMIT
    if not grants(cost.pace, pace_tat_ms, now_ms):
        return Reason.PACE_LIMIT
    if spent_micros + cost.micros > rules.kitty_micros:
        return Reason.KITTY_SPENT
    return None
