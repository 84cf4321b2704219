"""A ledger's own time: it never goes back, whatever the clock says, and never gains on it.

1. While the clock is at or beyond it, it is the clock's.
2. A clock that is behind by less than PATIENCE_MS is waited for.
3. Behind a clock that is further behind it goes on by what that clock goes on, from one contact to the next. So a clock that
   begins at 1970, or an hour ago, gives no time that the ledger has been through; when it is right again, only what lies
   beyond counts; and after a clock that was ahead nothing stays shut.

What it moves by is never more than what the clock moved forward.
"""

import msgspec

PATIENCE_MS = 10_000
"""Also the most that one contact counts for: workers contact the ledger every second, and a larger step is that of a clock."""


class Instant(msgspec.Struct, frozen=True, gc=False):
    """An instant of the ledger's own time, and what its clock said then."""

    now_ms: int
    clock_ms: int

    @property
    def is_behind(self) -> bool:
        """Whether the clock is so far behind that time goes on by its movement alone; then it must be written down."""
        return self.clock_ms < self.now_ms - PATIENCE_MS

    def at(self, clock_ms: int) -> "Instant":
        """Return the instant at which the clock says that."""
        if clock_ms >= self.now_ms - PATIENCE_MS:
            return Instant(max(self.now_ms, clock_ms), clock_ms)
        passed_ms = min(max(0, clock_ms - self.clock_ms), PATIENCE_MS)
        return Instant(self.now_ms + passed_ms, clock_ms)


BEGINNING = Instant(0, 0)
"""That of a ledger that nothing was ever written to."""
