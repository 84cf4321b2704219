"""`[knock]`: what is kept of the pace for who writes again."""

from typing import Annotated

import msgspec

from edge.config.table import Table, require
from edge.units import HOUR_MS, MINUTE_MS, Millis

THOUSANDTHS = 1_000
SHARE = 0.25
"""The part of the pace that is kept where the file names none: the smallest that still answers most people who come back."""
_ROUNDING = 1e-6
"""No fraction is exact."""
KNOCK_AFTER_MAX_MS = 12 * HOUR_MS
"""Who wrote is remembered for a day."""


class Knock(Table, frozen=True):
    """A part of the pace that is kept for people who write a second time: most robots do not, or at once."""

    share: float | None = None
    """Default: a quarter, or nothing where that, or what it leaves, would not hold the dearest reply; what is written is refused there."""
    after: Millis = Millis(5 * MINUTE_MS)
    """Longer than a troll waits who types on, and than a provider takes to deliver a message again."""
    most: Annotated[int, msgspec.Meta(ge=2, le=1_000)] = 3
    """Nobody who asks for help writes more often within a day."""

    def __post_init__(self) -> None:
        require(
            self.share is None or (0 <= self.share < 1 and _is_whole(self.share * THOUSANDTHS)),
            f"share: found {self.share!r}; write a part of the pace from 0 to 0.999 in thousandths, such as 0.25",
        )
        require(
            0 < self.after <= KNOCK_AFTER_MAX_MS,
            'after: not between a millisecond and 12 hours; write a duration, such as "5m"',
        )


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < _ROUNDING
