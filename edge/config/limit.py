"""`[limit]`: how often a sender, or a block of numbers, is answered."""

from typing import Annotated

import msgspec

from edge.config.table import Count, Table, require
from edge.units import DAY_MS, Millis, divide_up

PERIOD_DAYS_MAX = 3_650
"""Ten years: with it every product of a limit is exact in every ledger."""


def _require_period(period: Millis) -> None:
    require(
        period <= PERIOD_DAYS_MAX * DAY_MS,
        f'period: found {divide_up(period, DAY_MS)} days; the longest that can be counted is "{PERIOD_DAYS_MAX}d"',
    )
    require(period > 0, 'period: zero, and a limit without a period limits nothing; write a duration, such as "24h"')


class Limit(Table, frozen=True):
    """At most `burst` at once, then `count` every `period`."""

    burst: Count = 1
    count: Count = 1
    period: Millis = Millis(DAY_MS)

    def __post_init__(self) -> None:
        _require_period(self.period)


class BlockLimit(Table, frozen=True):
    """Numbers alike but for their last `digits`, sold together. Who writes none of the other three leaves them to the numbering plans."""

    digits: Annotated[int, msgspec.Meta(ge=1, le=6)] = 4
    burst: Count | None = None
    count: Count | None = None
    period: Millis | None = None

    def __post_init__(self) -> None:
        if self.period is not None:
            _require_period(self.period)


class Limits(Table, frozen=True):
    """Per sender once a day: who did not understand the first reply will not understand the second."""

    sender: Limit = Limit()
    block: BlockLimit = BlockLimit()
