"""The pace of an hour, as a ledger keeps it: worked out once, for all who come later in the hour."""

import msgspec


class Hourly(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a day may cost, and for which kitty and until which instant it was worked out: for another one it does not hold."""

    per_day_micros: int
    kitty_micros: int
    until_ms: int

    def per_day(self, kitty_micros: int, until_ms: int) -> int | None:
        """Return it; None where it was worked out for something else."""
        return self.per_day_micros if (kitty_micros, until_ms) == (self.kitty_micros, self.until_ms) else None
