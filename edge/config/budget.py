"""`[budget]`: all the money there is, and how fast it may go."""

import datetime as dt

from edge.config.table import Table, require
from edge.units import Micros


class Budget(Table, frozen=True):
    """All the money there is, and how fast it may go.

    The pace is a bucket of money, not a calendar day: a raid drains a day's allowance in an hour, and everyone who
    writes for the rest of the day goes unanswered.
    """

    kitty: Micros
    per_day: Micros | None = None
    lasts_until: dt.date | None = None
    burst: Micros | None = None
    """The most that can be spent at once. Default: a quarter of a day, so that a raid leaves three quarters; never less than a reply."""

    def __post_init__(self) -> None:
        require(
            (self.per_day is None) != (self.lasts_until is None),
            'write exactly one of per-day (such as per-day = "35") and lasts-until (such as lasts-until = 2027-10-30)',
        )
        require(
            self.per_day is None or self.per_day > 0,
            'per-day: zero, and the number would never answer; write an amount, such as "35"',
        )
        require(
            self.burst is None or self.burst > 0,
            'burst: zero, and the number would never answer; write an amount, such as "8"',
        )
