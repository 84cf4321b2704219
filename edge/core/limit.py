"""The size of a bucket, and what one grant takes out of it."""

import msgspec


class Limit(msgspec.Struct, frozen=True, gc=False):
    """A limit: one grant takes `cost_ms` out of a bucket, and `tolerance_ms` fit in, both as refill time."""

    cost_ms: int
    tolerance_ms: int
