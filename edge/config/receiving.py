"""`[receiving]`: what silence may cost."""

from edge.config.table import Count, Table, require
from edge.units import HOUR_MS, MINUTE_MS, Micros, Millis, divide_up

DETACH = ("no", "say", "yes")


class Receiving(Table, frozen=True):
    """What silence may cost, and whether the provider is asked to stop delivering where it costs more. Only where the file says so."""

    detach: str = "no"
    per_answer: Micros | None = None
    """Default: as much as thirteen of the dearest replies; high, because whoever floods can pull a lever that is low."""
    people_per_day: Count = 100
    """The number's own quiet hours can only raise it: too few cost people, too many cost money."""
    per_day: Micros | None = None
    """Default: thirteen messages for each person expected; people write one to three."""
    burst: Micros | None = None
    """Default: ten days of it, so that the last resort is the last."""
    time_off: Millis = Millis(30 * MINUTE_MS)
    """Shorter ones take calls by the hundred, longer ones lose those who write after a flood."""

    def __post_init__(self) -> None:
        require(self.detach in DETACH, f'detach: found {self.detach!r}; write "no", "say" or "yes"')
        for key, micros in (("per-answer", self.per_answer), ("per-day", self.per_day), ("burst", self.burst)):
            require(
                micros is None or micros > 0,
                f'{key}: zero, and the number would be detached for good; write an amount, such as "{_RECEIVING[key]}"',
            )
        require(
            0 < self.time_off <= 6 * HOUR_MS,
            f'time-off: found {divide_up(self.time_off, MINUTE_MS)} minutes; write more than none and at most "6h", such as "30m"',
        )


_RECEIVING = {"per-answer": "1", "per-day": "10", "burst": "100"}
