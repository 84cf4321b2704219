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
    sender: int,
    block: int,
    pace: int,
    spent_micros: int,
    now_ms: int,
) -> Reason | None:
    """Return why a reply at that cost may not be paid now, or None if it may.

    `sender`, `block` and `pace` are buckets as their limits see them (:func:`edge.core.bucket.clear_at`); `spent_micros` is
    all that is spent so far, what receiving has cost included.
    """
    if not grants(rules.sender, sender, now_ms):
        return Reason.SENDER_LIMIT
    if not grants(rules.block, block, now_ms):
        return Reason.BLOCK_LIMIT
    if not grants(cost.pace, pace, now_ms):
        return Reason.PACE_LIMIT
    if spent_micros + cost.micros > rules.kitty_micros:
        return Reason.KITTY_SPENT
    return None
