"""One limit's state for one key: what was used, as a level and an instant, which any limit can read.

1. Of `used`, as much as the limit's rate says comes free with time, rounded down. A grant needs `used + cost <= capacity`.
2. A grant writes the level after it, rounded up, and its instant; a refusal writes nothing. So whichever limits a bucket is
   read by, one after the other: over any interval it grants at most the largest capacity and the fastest rate x time.
   What was used before counts against a stricter limit, and a looser one holds at once.
3. Under one limit a bucket is a single whole number, `clear`: the instant at which nothing of it counts any more, in parts
   of a millisecond (`limit.amount` of them). Nothing is rounded in it. Memory keeps buckets in this form.

By one limit this is the virtual scheduling of ITU-T I.371 (GCRA): `clear` is its theoretical arrival time.
"""

from math import gcd

import msgspec

from edge.core.limits.limit import Limit
from edge.units import divide_up

GRANT = 1_000_000
"""One grant, where grants are counted: fine enough that a period of many days is right to a tenth of a second."""


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """So much was used at that instant."""

    used: int
    at_ms: int


UNUSED = Bucket(0, 0)
"""The state of a bucket that nothing was ever taken from."""
CLEAR = 0
"""The same under any one limit."""


def count_limit(*, burst: int, count: int, period_ms: int) -> Limit:
    """Return the limit that grants `burst` at once and then `count` every `period_ms`."""
    return _limit(GRANT, burst * GRANT, count * GRANT, period_ms)


def money_limit(*, price: int, burst: int, amount: int, period_ms: int) -> Limit:
    """Return the limit that grants `price` out of a bucket of `burst` that refills by `amount` every `period_ms`.

    All in micros.
    """
    return _limit(price, burst, amount, period_ms)


def _limit(cost: int, capacity: int, amount: int, period_ms: int) -> Limit:
    common = gcd(amount, period_ms)  # the same rate in smaller numbers
    return Limit(cost, capacity, amount // common, period_ms // common)


def clear_at(limit: Limit, bucket: Bucket) -> int:
    """Return a bucket as one limit sees it."""
    return bucket.used * limit.period_ms + bucket.at_ms * limit.amount


def used_at(limit: Limit, clear: int, now_ms: int) -> int:
    """Return how much is used now, rounded up."""
    used = -((now_ms * limit.amount - clear) // limit.period_ms)
    return max(0, used)


def bucket_at(limit: Limit, clear: int, now_ms: int) -> Bucket:
    """Return what is used now, as any limit can read it."""
    return Bucket(used_at(limit, clear, now_ms), now_ms)


def bucket_after(limit: Limit, clear: int, now_ms: int) -> Bucket:
    """Return what is used after a grant now, as any limit can read it; ask `grants` first."""
    used = -((now_ms * limit.amount - clear) // limit.period_ms)
    return Bucket(used + limit.cost if used > 0 else limit.cost, now_ms)


def grants(limit: Limit, clear: int, now_ms: int) -> bool:
    """Return whether there is room for one grant now."""
    room = (limit.capacity - limit.cost) * limit.period_ms
    return clear - now_ms * limit.amount <= room >= 0


def grants_from(limit: Limit, clear: int) -> int | None:
    """Return the instant from which on there is room for one grant, in milliseconds; None where there never is."""
    room = (limit.capacity - limit.cost) * limit.period_ms
    return max(0, divide_up(clear - room, limit.amount)) if room >= 0 else None


def take(limit: Limit, clear: int, now_ms: int) -> int:
    """Return the state after a grant; ask `grants` first."""
    return max(clear, now_ms * limit.amount) + limit.cost * limit.period_ms


def give_back(limit: Limit, clear: int) -> int:
    """Return the state without one grant that was taken and did not happen."""
    return clear - limit.cost * limit.period_ms


def is_clear(limit: Limit, clear: int, now_ms: int) -> bool:
    """Return whether nothing counts any more, so that the bucket need not be kept by whoever knows no other limit."""
    return clear <= now_ms * limit.amount
