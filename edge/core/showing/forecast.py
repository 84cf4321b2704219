"""Forecasts from the static file: how many replies the kitty buys, how bad an hour and a day can get, how long it lasts.

Pure arithmetic on micros and milliseconds; rounding is to the pessimistic side.
"""

import datetime as dt

import msgspec

from edge.core.charging.pace import per_day_of
from edge.core.kept.hours import Week
from edge.core.limits.bucket import Bucket, bucket_at, clear_at, money_limit, used_at
from edge.core.limits.rules import Lasts, Pace
from edge.units import DAY_MS, HOUR_MS, divide_up


class Purse(msgspec.Struct, frozen=True):
    """The money of a number, as it holds at run time."""

    kitty_micros: int
    per_day_micros: int
    burst_micros: int
    reserve: Pace | None = None
    """The part of the pace that is kept for second knocks."""
    lasts: Lasts | None = None
    """Until when it is to last, where the pace is worked out anew each hour."""

    def worst_hour_micros(self, left_micros: int) -> int:
        """Return the most that replies can cost in any hour from now on: never more than what is left."""
        return min(left_micros, self.burst_micros + divide_up(self.per_day_micros * HOUR_MS, DAY_MS))

    def worst_day_micros(self, left_micros: int) -> int:
        """Return the most that replies can cost in any 24 hours from now on: never more than what is left."""
        return min(left_micros, self.burst_micros + self.per_day_micros)

    def replies(self, exchange_micros: int) -> int:
        """Return how many exchanges at that price the kitty buys."""
        return self.kitty_micros // exchange_micros

    def live_buckets_max(self, lifetime_ms: int, price_micros: int) -> int:
        """Return how many senders one worker can hold in memory at once: what can be granted in four lifetimes.

        The second generation of the table begins less than two lifetimes after the first and takes one to fill, and what
        other workers granted up to a lifetime before is learned when the ledger refuses.
        """
        grants_micros = self.burst_micros + divide_up(4 * lifetime_ms * self.per_day_micros, DAY_MS)
        return min(grants_micros, self.kitty_micros) // price_micros

    def lasts_until(self, left_micros: int, pace_left_micros: int, now_ms: int, received_micros: int = 0) -> dt.date:
        """Return the day on which the kitty is empty if every day spends all that the pace allows, and so much on receiving.

        Where it is to last until a day, that is the last one, also when it is over. A pace that is worked out anew each hour goes by
        what is left once all that can go at once has gone, and stays at most what it is then.
        """
        slow_micros, a_day_micros = max(0, left_micros - pace_left_micros), self.per_day_micros
        if self.lasts is None:
            return date(now_ms + slow_micros * DAY_MS // (a_day_micros + received_micros))
        last_ms = self.lasts.until_ms - 1
        if now_ms > last_ms:
            return date(last_ms)
        a_day_micros = per_day_of(self.lasts, slow_micros, 0, Week(DAY_MS // HOUR_MS, received_micros), now_ms)
        return date(min(last_ms, now_ms + slow_micros * DAY_MS // (a_day_micros + received_micros)))

    def pace_left_micros(self, pace: Bucket, now_ms: int) -> int:
        """Return what the pace would let go at once; `now_ms` is of the ledger's time, as the bucket is."""
        limit = money_limit(price=1, burst=self.burst_micros, amount=max(1, self.per_day_micros), period_ms=DAY_MS)
        return max(0, self.burst_micros - bucket_at(limit, clear_at(limit, pace), now_ms).used)

    def part(self, numbers: int) -> "Purse":
        """Return the same kitty with the share of the pace that each of so many numbers has, and what each keeps of it."""
        kept = self.reserve and Pace(self.reserve.burst_micros // numbers, self.reserve.per_day_micros // numbers)
        per_day_micros, burst_micros = self.per_day_micros // numbers, self.burst_micros // numbers
        return Purse(self.kitty_micros, per_day_micros, burst_micros, kept, self.lasts)

    def first_left_micros(self, pace: Bucket, reserve: Bucket, now_ms: int) -> int:
        """Return what the pace would let go at once to first messages: what is kept for second ones is not theirs."""
        kept, left_micros = self.reserve, self.pace_left_micros(pace, now_ms)
        if kept is None:
            return left_micros
        limit = money_limit(price=1, burst=kept.burst_micros, amount=max(1, kept.per_day_micros), period_ms=DAY_MS)
        return max(0, left_micros - max(0, kept.burst_micros - used_at(limit, clear_at(limit, reserve), now_ms)))


def date(at_ms: int) -> dt.date:
    """Return the day (UTC) of an instant; far beyond any kitty it is the last one that a date can hold."""
    try:
        return dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC).date()
    except (OverflowError, ValueError, OSError):
        return dt.date.max
