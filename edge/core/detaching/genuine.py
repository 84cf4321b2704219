"""Genuine senders that are to be expected: from the number's own quiet hours, and never fewer than the static file says.

Who is genuine nobody can tell. In an hour in which few messages came for each answer, most of those who were answered were; in
one in which the provider delivered nothing for a while, nobody knows who wrote. So only the others count.

Several numbers: each is expected to get an equal share of the people that the static file says, since nobody knows beforehand
which one is given away how often; and as many as its own quiet hours have brought, if those are more. What the others get
raises nothing: a number that few write to is not kept attached through a flood for what another one is worth.
"""

from collections.abc import Sequence

import msgspec

from edge.core.kept.hours import WEEK_MS, Hour, hour_of

QUIET_MESSAGES = 10
"""So many messages for each answer, and once more, and an hour is still a quiet one: people write one to three times."""
HOURS_MIN = 24
"""Fewer quiet hours than a day has say nothing about a day."""
DAY_HOURS = 24


class Genuine(msgspec.Struct, frozen=True, gc=False):
    """So many genuine senders in so many hours."""

    senders: int
    hours: int


def expected(hours: Sequence[Hour], now_ms: int, people_per_day: int, numbers: int = 1) -> Genuine:
    """Return the mean of a number's quiet, wholly attached hours of the last seven days, by the ledger's time; at least the file's.

    `people_per_day` is that of all our numbers, of which it has an equal share.

    The mean, not the median: that is nobody for any number that gets fewer than twelve people a day.
    """
    given, end_ms = Genuine(people_per_day, DAY_HOURS * numbers), hour_of(now_ms)
    quiet = [hour for hour in hours if end_ms - WEEK_MS <= hour.at_ms < end_ms and _is_quiet(hour)]
    found = Genuine(sum(hour.replies for hour in quiet), len(quiet))
    if found.hours < HOURS_MIN or found.senders * given.hours <= given.senders * found.hours:
        return given
    return found


def _is_quiet(hour: Hour) -> bool:
    return hour.is_attached and hour.messages <= QUIET_MESSAGES * (hour.replies + 1)
