"""The size of a bucket, and what one grant takes out of it."""

import msgspec


class Limit(msgspec.Struct, frozen=True, gc=False):
    """What one grant takes out of a bucket (`cost_ms`), and what fits in (`tolerance_ms`), both as refill time."""

    cost_ms: int
    tolerance_ms: int
