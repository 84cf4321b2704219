"""GCRA: a bucket whose whole state is one integer, the theoretical arrival time (`tat_ms`).

1. `tat_ms` is the instant at which the bucket is full again. One in the past is a full bucket, the same as none at all.
2. A bucket grants what it can refill within `tolerance_ms`, so `tat_ms <= now_ms + tolerance_ms` after every grant. A
   larger value means that the clock stepped back or that the limit was lowered: the bucket is then empty *now*, which
   never grants more than it held, and it heals instead of staying shut until the old clock comes round again.
3. A refusal writes nothing.

The algorithm is the virtual scheduling of ITU-T I.371, in whole milliseconds.
"""

from edge.core.limit import Limit
from edge.units import divide_up

EMPTY_TAT_MS = 0
"""The state of a bucket that nothing was ever taken from."""


def count_limit(*, burst: int, count: int, period_ms: int) -> Limit:
    """Return the limit that grants `burst` at once and then `count` every `period_ms`."""
    cost_ms = divide_up(period_ms, count)
    return Limit(cost_ms, burst * cost_ms)


def money_limit(*, price: int, burst: int, amount: int, period_ms: int) -> Limit:
    """Return the limit that grants `price` out of a bucket of `burst` that refills by `amount` every `period_ms`.

    All in micros. Costs round up and the tolerance rounds down: never more than `burst + amount x time / period_ms`.
    """
    return Limit(divide_up(price * period_ms, amount), burst * period_ms // amount)


def grants(limit: Limit, tat_ms: int, now_ms: int) -> bool:
    """Return whether the bucket holds enough for one grant now."""
    return (max(now_ms, tat_ms)) + limit.cost_ms <= now_ms + limit.tolerance_ms


def take(limit: Limit, tat_ms: int, now_ms: int) -> int:
    """Return the state after a grant; ask `grants` first."""
    return max(tat_ms, now_ms) + limit.cost_ms


def clamp(limit: Limit, tat_ms: int, now_ms: int) -> int:
    """Return the state, or that of a bucket emptied now if no grant by this clock and limit can have led to it."""
    return min(tat_ms, now_ms + limit.tolerance_ms)
