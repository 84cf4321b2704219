"""What the last hour, day and month of a number came to, in steps of one length: for charts, and for the pace of the whole bill.

The last step is the one that is under way; so a period is as long as it says, less what is left of that.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute, day_begins
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS, divide_up


class Step(msgspec.Struct, frozen=True):
    """The sums of one step, from `at_ms` on."""

    at_ms: int
    messages: int
    replies: int


class Period(msgspec.Struct, frozen=True):
    """The steps of a length of time that ends now, the oldest first, and what they came to."""

    name: str
    step_ms: int
    steps: Sequence[Step]

    @property
    def messages(self) -> int:
        """All that came in it."""
        return sum(step.messages for step in self.steps)

    @property
    def replies(self) -> int:
        """All that were paid in it."""
        return sum(step.replies for step in self.steps)


class Day(msgspec.Struct, frozen=True):
    """What a day costs at the pace of the last one, in micros; of a number that is younger than a day, by what it has seen."""

    replies_micros: int
    received_micros: int

    @property
    def micros(self) -> int:
        """The whole bill of a day."""
        return self.replies_micros + self.received_micros


class Lately(msgspec.Struct, frozen=True):
    """How many messages came to one of several numbers."""

    hour: int = 0
    """In the last hour: that of :func:`periods_of`."""
    day: int = 0


MONTH_DAYS = 30


class Past:
    """The minutes and hours of a ledger as far as they are read: what is over does not change, so it is read once."""

    def __init__(self) -> None:
        self._minutes: dict[int, KeptMinute] = {}
        self._hours: dict[int, Hour] = {}

    def begins(self, now_ms: int) -> tuple[int, int]:
        """Return from which instants on minutes and hours are to be read at an instant of the ledger's time."""
        return (
            min(now_ms, max(day_begins(now_ms), max(self._minutes, default=0))),
            min(now_ms, max(month_begins(now_ms), max(self._hours, default=0))),
        )

    def read(self, minutes: Iterable[KeptMinute], hours: Iterable[Hour], now_ms: int) -> None:
        """Take what was read, and forget what is too old; and what a ledger that was restored does not know of."""
        self._minutes |= {minute.at_ms: minute for minute in minutes}
        self._hours |= {hour.at_ms: hour for hour in hours}
        self._minutes = {at: kept for at, kept in self._minutes.items() if day_begins(now_ms) <= at <= now_ms}
        self._hours = {at: kept for at, kept in self._hours.items() if month_begins(now_ms) <= at <= now_ms}

    @property
    def minutes(self) -> list[KeptMinute]:
        """Those of the last day, the oldest first."""
        return list(self._minutes.values())

    @property
    def hours(self) -> list[Hour]:
        """Those of the last month, the oldest first."""
        return list(self._hours.values())


def periods_of(minutes: Sequence[KeptMinute], hours: Sequence[Hour], now_ms: int) -> list[Period]:
    """Return the last hour, day and month, by the minutes of a day and the hours of a month."""
    return [
        _period("hour", 5 * MINUTE_MS, 12, minutes, now_ms),
        _period("day", HOUR_MS, 24, minutes, now_ms),
        _period("month", DAY_MS, MONTH_DAYS, hours, now_ms),
    ]


def lately_begins(now_ms: int) -> tuple[int, int]:
    """Return from which instants on minutes bear on the last hour, and hours on the last day."""
    return now_ms - HOUR_MS, now_ms - DAY_MS


def lately_of(
    minutes: Mapping[str, Sequence[KeptMinute]], hours: Mapping[str, Sequence[Hour]], now_ms: int
) -> dict[str, Lately]:
    """Return what came to each of several numbers lately; one to which nothing came need not be among them."""
    return {
        number: Lately(
            _period("hour", 5 * MINUTE_MS, 12, minutes.get(number, ()), now_ms).messages,
            _period("day", HOUR_MS, 24, kept, now_ms).messages,
        )
        for number, kept in hours.items()
    }


def month_begins(now_ms: int) -> int:
    """Return from which instant on hours bear on the last month."""
    return now_ms - now_ms % DAY_MS - (MONTH_DAYS - 1) * DAY_MS


def day_of(minutes: Sequence[KeptMinute], hours: Sequence[Hour], now_ms: int) -> Day | None:
    """Return what a day costs at the pace of the last one; None where nothing is known of any hour."""
    if not hours:
        return None
    known_ms = min(DAY_MS, max(HOUR_MS, now_ms - hours[0].at_ms))
    lately = [minute for minute in minutes if minute.at_ms > now_ms - DAY_MS]
    replies_micros = sum(minute.replies_micros for minute in lately)
    received_micros = sum(minute.received_micros for minute in lately)
    return Day(divide_up(replies_micros * DAY_MS, known_ms), divide_up(received_micros * DAY_MS, known_ms))


def _period(name: str, step_ms: int, count: int, kept: Iterable[KeptMinute | Hour], now_ms: int) -> Period:
    last_ms = now_ms - now_ms % step_ms
    begins_ms = [last_ms - (count - 1 - index) * step_ms for index in range(count)]
    messages, replies = dict.fromkeys(begins_ms, 0), dict.fromkeys(begins_ms, 0)
    for one in kept:
        if one.at_ms >= begins_ms[0]:
            at_ms = min(last_ms, one.at_ms - one.at_ms % step_ms)
            messages[at_ms] += one.messages
            replies[at_ms] += one.replies
    return Period(name, step_ms, [Step(at_ms, messages[at_ms], replies[at_ms]) for at_ms in begins_ms])
