"""Facts about the pace of a kitty that is to last until a day."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.charging.pace import OVER, cost_at, end_of, pace_of, per_day_of
from edge.core.kept.hours import Week
from edge.core.limits.rules import Lasts, Pace
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_800_000_000_000
TODAY = dt.date(2027, 1, 15)
UNKNOWN = Week(0, 0)
PRICE = 76_300


def lasts(days=10, burst_micros=0):
    """Return a kitty that is to last for so many whole days after today, of which 16 hours are left."""
    return Lasts(end_of(TODAY + dt.timedelta(days=days)), burst_micros, PRICE)


def per_day(left_micros, week=UNKNOWN, days=10, kitty_micros=2_000_000_000):
    """Return the pace for what is left."""
    return per_day_of(lasts(days), kitty_micros, kitty_micros - left_micros, week, NOW_MS)


def test_a_day_is_over_at_midnight():
    """In UTC."""
    assert NOW_MS + 16 * HOUR_MS == end_of(TODAY)


def test_what_is_left_is_spread_over_the_time_that_is_left():
    """The 16 hours of today and ten whole days share it."""
    assert 64_000_000 * 3 // 32 == per_day(64_000_000)


def test_receiving_comes_first():
    """What it has cost a day in the last seven days is set aside; of that mean nothing is lost by rounding."""
    assert 64_000_000 * 3 // 32 - 1_000_001 == per_day(64_000_000, Week(168, 7_000_001))


def test_a_quarter_stays_for_replies():
    """A flood that would eat all that is left does not silence the number for the week in which it is remembered."""
    assert 64_000_000 * 3 // 32 // 4 == per_day(64_000_000, Week(1, 10**12))


@given(st.integers(0, 10**15), st.integers(1, 3_000_000))
@example(2_000_000_000, (dt.date.max - TODAY).days)
def test_no_more_than_what_is_left_is_spent_by_then(left_micros, days):
    """But for the millionth that keeps a number from silence while money is there; this holds for every day of the calendar."""
    days = min(days, (dt.date.max - TODAY).days)
    pace = per_day(left_micros, days=days, kitty_micros=10**15)
    time_ms = end_of(TODAY + dt.timedelta(days=days)) - NOW_MS

    assert 1 <= pace <= 10**15
    assert pace == 1 or pace * time_ms <= left_micros * DAY_MS


@pytest.mark.parametrize("left_micros", [0, 1, 76_299, 76_300, 10**9])
def test_while_money_is_there_a_reply_can_be_paid(left_micros):
    """However little is left, and however far the day: the burst is that of the dearest reply at least."""
    pace = pace_of(lasts(10_000), per_day(left_micros, days=10_000))

    assert pace.burst_micros >= PRICE
    assert pace.per_day_micros >= 1


@pytest.mark.parametrize(
    ("ms", "expected"), [(-1, 24 * 60 * 1_000_000), (-MINUTE_MS - 1, 12 * 60 * 1_000_000), (0, 0), (5 * DAY_MS, 0)]
)
def test_the_last_minute_and_after_it(ms, expected):
    """To its end all of it may go; from then on nothing."""
    end_ms = lasts().until_ms

    assert expected == per_day_of(lasts(), 10**10, 10**10 - 1_000_000, UNKNOWN, end_ms + ms)


def test_the_burst_is_a_quarter_of_a_day_unless_it_is_given():
    """As with a pace that the file names; once the day is over, none."""
    assert Pace(250_000, 1_000_000) == pace_of(lasts(), 1_000_000)
    assert Pace(8_000_000, 1_000_000) == pace_of(lasts(burst_micros=8_000_000), 1_000_000)
    assert OVER == pace_of(lasts(burst_micros=8_000_000), 0)


def test_nothing_is_paid_once_the_day_is_over():
    """Not even what costs a millionth."""
    limit = cost_at(1, OVER).pace

    assert limit.cost > limit.capacity
