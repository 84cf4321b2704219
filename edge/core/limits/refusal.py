"""The checks that a reply must pass to be paid, in one place for the gate in memory and for the ledger.

The order is that of :class:`edge.core.wire.reason.Reason`. All limits are checked first; taking from them comes after, from all.
"""

from edge.core.limits.bucket import CLEAR, Bucket, clear_at, grants, used_at
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Cost, Rules
from edge.core.wire.reason import Reason


def first_refusal(
    rules: Rules,
    cost: Cost,
    *,
    sender: int,
    block: int,
    pace: int,
    spent_micros: int,
    now_ms: int,
    known: tuple[int, int] = (CLEAR, CLEAR),
    knock: bool = False,
    whole: int = CLEAR,
    block_limit: Limit | None = None,
) -> Reason | None:
    """Return why a reply at that cost may not be paid now, or None if it may.

    `sender`, `block` and `pace` are buckets as their limits see them (:func:`edge.core.limits.bucket.clear_at`); `spent_micros` is
    all that is spent so far, what receiving has cost included. `known` are the pace and the reserve as the ledger has, or had,
    them at one instant: memory's own `pace` holds what it is asking for as well. `whole` is the pace of all numbers together,
    where each has a share: the shares cannot use more, but they may have been others lately. `block_limit` is None where it is
    that of the rules.
    """
    if not grants(rules.sender, sender, now_ms):
        return Reason.SENDER_LIMIT
    if not grants(block_limit or rules.block, block, now_ms):
        return Reason.BLOCK_LIMIT
    if not grants(cost.pace, pace, now_ms) or not (
        is_above(cost, known, now_ms) or (knock and draws(cost, known, now_ms))
    ):
        return Reason.PACE_LIMIT
    if cost.whole is not None and not grants(cost.whole.pace, whole, now_ms):
        return Reason.PACE_LIMIT
    if spent_micros + cost.micros > rules.kitty_micros:
        return Reason.KITTY_SPENT
    return None


def is_above(cost: Cost, known: tuple[int, int], now_ms: int) -> bool:
    """Return whether a reply can be paid out of what lies above the reserve, of the pace and the reserve that are known."""
    kept = cost.reserve
    if kept is None:
        return True
    limit, left_micros = cost.pace, kept.micros - used_at(kept.limit, known[1], now_ms)
    return used_at(limit, known[0], now_ms) + limit.cost + (max(0, left_micros)) <= limit.capacity


def draws(cost: Cost, known: tuple[int, int], now_ms: int) -> bool:
    """Return whether the reserve can pay a reply."""
    return cost.reserve is not None and grants(cost.reserve.limit, known[1], now_ms)


def is_payable(cost: Cost, pace: Bucket, reserve: Bucket, now_ms: int) -> bool:
    """Return whether the pace pays a reply now, to whoever writes for the first time or knocks."""
    known = clear_at(cost.pace, pace), CLEAR if cost.reserve is None else clear_at(cost.reserve.limit, reserve)
    return grants(cost.pace, known[0], now_ms) and (is_above(cost, known, now_ms) or draws(cost, known, now_ms))
