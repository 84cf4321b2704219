"""When it is a flood: decided from sums per minute, measured against the number's own usual hours.

1. It begins with 150 messages in ten minutes, or 60 in an hour from senders who wrote before; for a number that usually gets
   many, with as much more than its busy hours bring.
2. It ends when, for twenty minutes, not half of that came. Between the two bounds nothing flickers.
3. Usual hours are those of a week without a flood; so what a flood brings is never usual.
"""

import msgspec

TEN_MINUTES, HOUR, QUIET = 11, 61, 20
"""One minute more than they say: minutes are whole, and what is counted began within one."""
BEGIN, BEGIN_AGAIN = 150, 60
"""Messages in ten minutes; and in an hour, of senders who wrote before. A day on which everybody tells others (`viral`) stays below 100 and 0."""
OVER_USUAL = 3
HOURS_MIN, HOURS_MAX = 24, 7 * 24
"""What is usual is known after a day, and is that of a week."""
BUSY_SHARE = 10
"""One hour in ten is busier than a busy one."""


class Minute(msgspec.Struct, frozen=True, array_like=True):
    """The sums of one minute."""

    messages: int = 0
    again: int = 0
    """Those of senders who were answered before."""
    replies: int = 0
    replies_micros: int = 0
    received_micros: int = 0

    def __add__(self, other: "Minute") -> "Minute":
        return Minute(
            *(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))
        )


class FloodWatch(msgspec.Struct):
    """What is remembered of minutes and hours, and the flood that there is."""

    minutes: list[Minute] = []
    """The last ones, the newest at the end."""
    hours: list[tuple[int, int, int]] = []
    """The usual ones of a week: messages, those of senders who wrote before, and what receiving them cost."""
    hour: Minute = Minute()
    hour_minutes: int = 0
    flood: Minute | None = None
    """The sums of the flood that there is."""
    flood_minutes: int = 0
    bounds: tuple[int, int] | None = None
    """What it takes to begin, by the usual hours; worked out anew after each."""

    def feed(self, minute: Minute) -> Minute | None:
        """Take the sums of one more minute; return those of a flood that has begun or ended with it.

        It has begun if `flood` is there afterwards.
        """
        self.minutes = [*self.minutes, minute][-HOUR:]
        if self.flood is not None:
            self.flood_minutes += 1
            self.flood += minute
            return self._end()
        if self._has_begun():
            self.flood, self.flood_minutes = self.sum(TEN_MINUTES), 0
            self.hour, self.hour_minutes = Minute(), 0
            return self.flood
        self._keep(minute)
        return None

    def sum(self, minutes: int) -> Minute:
        """Return the sums of the last minutes."""
        return sum(self.minutes[-minutes:], Minute())

    def usual(self, index: int) -> int:
        """Return what a busy hour usually brings, by the place of the sum in `hours`."""
        if len(self.hours) < HOURS_MIN:
            return 0
        return sorted(hour[index] for hour in self.hours)[-1 - len(self.hours) // BUSY_SHARE]

    def _bounds(self) -> tuple[int, int]:
        if self.bounds is None:
            self.bounds = (
                max(BEGIN, OVER_USUAL * self.usual(0) // 6),
                max(BEGIN_AGAIN, OVER_USUAL * self.usual(1)),
            )
        return self.bounds

    def _has_begun(self) -> bool:
        bound, bound_again = self._bounds()
        messages = sum(minute.messages for minute in self.minutes[-TEN_MINUTES:])
        return messages >= bound or sum(minute.again for minute in self.minutes) >= bound_again

    def _end(self) -> Minute | None:
        """Return the flood if it is over: not half as much as it takes to begin, for twenty minutes."""
        quiet, (bound, bound_again) = self.sum(QUIET), self._bounds()
        if self.flood_minutes < QUIET or quiet.messages >= bound or quiet.again >= bound_again // 6:
            return None
        ended, self.flood, self.minutes = self.flood, None, []  # what it brought begins no other one
        return ended

    def _keep(self, minute: Minute) -> None:
        self.hour += minute
        self.hour_minutes += 1
        if self.hour_minutes == HOUR - 1:
            usual = (self.hour.messages, self.hour.again, self.hour.received_micros)
            self.hours = [*self.hours, usual][-HOURS_MAX:]
            self.bounds = None
            self.hour, self.hour_minutes = Minute(), 0
