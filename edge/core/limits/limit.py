"""How much may be used at once, how much of it one grant uses, and how fast it comes free again."""

import msgspec

from edge.units import divide_up


class Limit(msgspec.Struct, frozen=True, gc=False):
    """A limit: at most `capacity` is used at once, a grant uses `cost`, and `amount` comes free every `period_ms`.

    Money is in micros, grants are in :data:`edge.core.limits.bucket.GRANT`.
    """

    cost: int
    capacity: int
    amount: int
    period_ms: int

    @property
    def refill_ms(self) -> int:
        """How long it takes until nothing of a full capacity counts any more."""
        return divide_up(self.capacity * self.period_ms, self.amount)
