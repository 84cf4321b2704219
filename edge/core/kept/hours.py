"""What the hours of all numbers came to, and of each of several, by the ledger's time: for forecasts, alerts, and the pace until a day.

An hour is there from its first contact on, whether or not anything was received in it. What is told later than it was received
counts in the hour in which it is told.
"""

from collections.abc import Iterable, Sequence

import msgspec

from edge.units import DAY_MS, HOUR_MS, divide_up

KEPT_MS = 400 * DAY_MS
KEPT_COUNT = KEPT_MS // HOUR_MS
"""Hours are forgotten when they are both older and further back than this: a wrong clock alone forgets nothing recent."""


WEEK_MS = 7 * DAY_MS


class Hour(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One hour, from `at_ms` on."""

    at_ms: int
    messages: int
    """Those that came, without the retries of answered ones."""
    segments: int
    received_micros: int
    replies: int
    replies_micros: int
    is_attached: bool
    """Whether the provider brought messages in all of it."""


class Growth(msgspec.Struct, gc=False):
    """What one step adds to its hour, and to its minute."""

    messages: int = 0
    segments: int = 0
    received_micros: int = 0
    replies: int = 0
    replies_micros: int = 0
    again: int = 0
    """Messages of senders who were answered before."""
    numbers: dict[str, "Growth"] = {}
    """What of it was told of each of several numbers: of what an earlier version of the program tells, nothing is."""

    def add(self, number: str, what: str, more: int) -> None:
        """Add to a sum of one of several numbers."""
        own = self.numbers.setdefault(number, Growth())
        setattr(own, what, getattr(own, what) + more)

    @property
    def is_nothing(self) -> bool:
        """Whether the sums of all numbers are what they were."""
        return not any((*self.of_hour, self.again))

    @property
    def of_hour(self) -> tuple[int, int, int, int, int]:
        """What an hour takes of it, in the order of its fields."""
        return self.messages, self.segments, self.received_micros, self.replies, self.replies_micros

    @property
    def of_minute(self) -> tuple[int, int, int, int, int]:
        """What a minute takes of it, in the order of its fields."""
        return self.messages, self.again, self.received_micros, self.replies, self.replies_micros


NOTHING = Growth()


class Week(msgspec.Struct, frozen=True, gc=False):
    """What receiving cost in those of the last seven days' hours that are known."""

    hours: int
    received_micros: int

    @property
    def per_day_micros(self) -> int | None:
        """The mean of a day, rounded up; None where no hour is known."""
        return divide_up(self.received_micros * (DAY_MS // HOUR_MS), self.hours) if self.hours else None


def hour_of(now_ms: int) -> int:
    """Return the beginning of the hour of an instant."""
    return now_ms - now_ms % HOUR_MS


def week_begins(now_ms: int) -> int:
    """Return from which instant on hours bear on the last seven days: the one that is not over is none of them."""
    return now_ms - WEEK_MS - HOUR_MS


def week_of(hours: Sequence[Hour], now_ms: int) -> Week:
    """Return the last seven days; the hour that is not over yet is left out."""
    end_ms = hour_of(now_ms)
    found = [hour.received_micros for hour in hours if end_ms - WEEK_MS <= hour.at_ms < end_ms]
    return Week(len(found), sum(found))


def hour_from(numbers: Iterable[int]) -> Hour:
    """Return an hour as it is kept: whole numbers in the order of its fields, and 1 for attached."""
    at_ms, messages, segments, received_micros, replies, replies_micros, attached = numbers
    return Hour(at_ms, messages, segments, received_micros, replies, replies_micros, attached == 1)


def grown(hour: Hour | None, at_ms: int, growth: Growth) -> Hour:
    """Return an hour with what a step adds to it; it begins with that if there is none yet."""
    had = (0, 0, 0, 0, 0, True) if hour is None else msgspec.structs.astuple(hour)[1:]
    now = (mine + more for mine, more in zip(had[:-1], growth.of_hour, strict=True))
    return hour_from((at_ms, *now, had[-1]))
