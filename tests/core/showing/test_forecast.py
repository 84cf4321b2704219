"""Facts about what follows from a purse: how bad an hour can get, and how long the money lasts."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.charging.pace import per_day_of
from edge.core.kept.hours import Week
from edge.core.limits.bucket import CLEAR, Bucket, clear_at, grants, money_limit, take
from edge.core.limits.generations import Generations
from edge.core.limits.rules import Lasts, Pace
from edge.core.showing.forecast import Purse, date
from edge.units import DAY_MS, HOUR_MS

NOW_MS = 1_800_000_000_000
TODAY = dt.date(2027, 1, 15)
EXAMPLE = Purse(kitty_micros=2_000_000_000, per_day_micros=35_000_000, burst_micros=8_750_000)
"""The example file: a kitty of 2000, 35 a day, a quarter of that at once."""

LEFT = EXAMPLE.kitty_micros

_money = st.integers(1, 10**9)
_purses = st.builds(Purse, _money, _money, _money)


def test_the_worst_hour_and_day_of_the_example():
    """An hour can cost the burst and a 24th of a day, rounded up; a day the burst and a day."""
    assert 8_750_000 + 1_458_334 == EXAMPLE.worst_hour_micros(LEFT)
    assert 8_750_000 + 35_000_000 == EXAMPLE.worst_day_micros(LEFT)


def test_no_hour_and_no_day_cost_more_than_what_is_left():
    """A generous pace does not spend what is not there; where nothing is left, nothing."""
    assert [(8_750_001, 8_750_001), (1, 1), (0, 0)] == [
        (EXAMPLE.worst_hour_micros(left), EXAMPLE.worst_day_micros(left)) for left in (8_750_001, 1, 0)
    ]


@pytest.mark.parametrize("price", [76_300, 152_600, 40_001])
def test_a_raid_spends_no_more_than_the_worst_hour_and_the_worst_day(price):
    """A pace that is asked every second of two days stays within both figures, in whatever hour or day one looks."""
    limit = money_limit(price=price, burst=EXAMPLE.burst_micros, amount=EXAMPLE.per_day_micros, period_ms=DAY_MS)
    clear, paid_ms = CLEAR, []
    for now_ms in range(NOW_MS, NOW_MS + 2 * DAY_MS, 1_000):
        while grants(limit, clear, now_ms):
            clear = take(limit, clear, now_ms)
            paid_ms.append(now_ms)

    assert (
        price * most_within(HOUR_MS, paid_ms)
        <= EXAMPLE.worst_hour_micros(LEFT)
        < price * (most_within(HOUR_MS, paid_ms) + 2)
    )
    assert (
        price * most_within(DAY_MS, paid_ms)
        <= EXAMPLE.worst_day_micros(LEFT)
        < price * (most_within(DAY_MS, paid_ms) + 2)
    )


def most_within(period_ms, instants_ms):
    """Return how many of the instants lie in the fullest period."""
    most = first = 0
    for last, instant_ms in enumerate(instants_ms):
        while instants_ms[first] < instant_ms - period_ms:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_the_kitty_of_2017_bought_twelve_thousand_exchanges():
    """At 0.0075 to receive and two segments of 0.07627 to reply (clubic.com/mag/actualite-838168); one segment: 23,874."""
    assert [12_496, 23_874] == [EXAMPLE.replies(7_500 + segments * 76_270) for segments in (2, 1)]


def test_the_senders_in_memory_are_bounded_by_money():
    """Four lifetimes of a bucket at full pace, or the whole kitty if that is less, divided by the cheapest reply."""
    poor = Purse(kitty_micros=1_000_000, per_day_micros=35_000_000, burst_micros=8_750_000)

    assert (8_750_000 + 4 * 35_000_000) // 76_300 == EXAMPLE.live_buckets_max(DAY_MS, 76_300)
    assert 13 == poor.live_buckets_max(DAY_MS, 76_300)


@given(
    st.lists(st.integers(0, 3 * DAY_MS), max_size=60),
    st.integers(1, 12),
)
@example([0, 2 * DAY_MS - 1, 1], 12)
def test_no_order_of_messages_fills_the_memory_beyond_its_bound(pauses_ms, burst):
    """Whenever strangers write, those in memory are at most as many as `check` says."""
    price, lifetime_ms = 1_000_000, DAY_MS
    purse = Purse(kitty_micros=10**9, per_day_micros=5 * price, burst_micros=burst * price)
    limit = money_limit(price=price, burst=burst * price, amount=5 * price, period_ms=DAY_MS)
    senders, clear, now_ms = Generations[str](lifetime_ms), CLEAR, NOW_MS
    most = 0
    for pause_ms in pauses_ms:
        now_ms += pause_ms
        while grants(limit, clear, now_ms):
            clear = take(limit, clear, now_ms)
            senders.put(f"{now_ms} {clear}", now_ms + lifetime_ms, now_ms)
        most = max(most, len(senders))

    assert purse.live_buckets_max(lifetime_ms, price) >= most


def test_the_kitty_lasts_until_the_pace_has_spent_it():
    """What can go at once goes today; the rest goes at the pace."""
    assert TODAY + dt.timedelta(days=57) == EXAMPLE.lasts_until(2_000_000_000, 8_750_000, NOW_MS)
    assert TODAY == EXAMPLE.lasts_until(3 * 8_750_000, 8_750_000, NOW_MS)
    assert TODAY == EXAMPLE.lasts_until(0, 8_750_000, NOW_MS)


def test_a_kitty_beyond_the_calendar_lasts_until_its_last_day():
    """Nobody is shown an error because a pace of a millionth outlives the year 9999."""
    assert dt.date.max == Purse(10**15, 1, 1).lasts_until(10**15, 0, NOW_MS)


@given(_purses, st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_kitty_that_holds_more_never_ends_sooner(purse, left_micros, more_micros):
    """Topping up puts the end off, or leaves it where it is."""
    assert purse.lasts_until(left_micros, 0, NOW_MS) <= purse.lasts_until(left_micros + more_micros, 0, NOW_MS)


@given(_purses, st.integers(0, 10**15))
def test_the_forecast_of_the_end_is_what_the_pace_pays(purse, left_micros):
    """From the instant of the forecast to its end, the pace lets go no more than what was left, and nearly all of it."""
    end_ms = NOW_MS + left_micros * DAY_MS // purse.per_day_micros
    paid_micros = (end_ms - NOW_MS) * purse.per_day_micros // DAY_MS

    assert date(end_ms) == purse.lasts_until(left_micros, 0, NOW_MS)
    assert left_micros - purse.per_day_micros // DAY_MS - 1 <= paid_micros <= left_micros


@pytest.mark.parametrize(
    ("used", "later_ms", "expected"),
    [
        (0, 0, 8_750_000),
        (8_750_000, 6 * HOUR_MS, 8_750_000),
        (8_750_000, 6 * HOUR_MS - 1, 8_749_999),
        (1_458_334, 0, 7_291_666),
        (8_750_000, 1_000, 405),
        (8_750_000, 2, 0),
        (8_750_000, 0, 0),
        (20_000_000, HOUR_MS, 0),
    ],
)
def test_what_the_pace_would_let_go_now_is_rounded_down(used, later_ms, expected):
    """A full bucket holds the burst; what was used and is not back is missing, rounded against us; never less than 0."""
    assert expected == EXAMPLE.pace_left_micros(Bucket(used, NOW_MS), NOW_MS + later_ms)


@given(_purses, st.integers(0, 10**9), st.integers(0, 2 * DAY_MS), st.integers(1, 10**9))
def test_what_is_shown_as_left_is_what_the_bucket_holds(purse, used, later_ms, price):
    """A reply is paid exactly if the shown money pays for it."""
    limit = money_limit(price=price, burst=purse.burst_micros, amount=purse.per_day_micros, period_ms=DAY_MS)
    bucket, now_ms = Bucket(used, NOW_MS), NOW_MS + later_ms

    assert (price <= purse.pace_left_micros(bucket, now_ms)) == grants(limit, clear_at(limit, bucket), now_ms)


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        (0, dt.date(1970, 1, 1)),
        (NOW_MS, TODAY),
        (NOW_MS + 57_599_999, TODAY),
        (NOW_MS + 57_600_000, TODAY + dt.timedelta(days=1)),
        (253_402_300_799_999, dt.date(9999, 12, 31)),
        (253_402_300_800_000, dt.date.max),
        (10**30, dt.date.max),
    ],
)
def test_days_are_those_of_utc(at_ms, expected):
    """A day begins at midnight UTC, and the last one is 9999-12-31."""
    assert expected == date(at_ms)


def until(end_ms, per_day_micros=1, burst_micros=1):
    """Return a kitty of 2000 that is to last until an instant."""
    return Purse(2_000_000_000, per_day_micros, burst_micros, lasts=Lasts(end_ms, 0, 0))


def test_once_its_day_is_over_nothing_goes():
    """At once or ever; and the day until which it lasts is the one that is over, whatever is left and received."""
    over = until(NOW_MS, 0, 0)

    assert dt.date(2020, 1, 1) == until(dt_ms(2020, 1, 2), 0, 0).lasts_until(10**9, 0, NOW_MS, 10**7)
    assert (date(NOW_MS - 1), 0) == (over.lasts_until(10**9, 0, NOW_MS), over.pace_left_micros(Bucket(0, 0), NOW_MS))


def test_a_kitty_that_is_to_last_until_a_day_does():
    """However slow that makes the pace, and whatever goes at once: the rest is spread over the time that is left."""
    far = until(dt_ms(2050, 1, 2))

    assert dt.date(2050, 1, 1) == far.lasts_until(1_000_000, 76_300, NOW_MS)
    assert dt.date(2050, 1, 1) == far.lasts_until(1_000_000, 900_000, NOW_MS)
    assert TODAY == far.lasts_until(1_000_000, 1_000_000, NOW_MS)


def dt_ms(*day):
    """Return the first instant of a day."""
    return int(dt.datetime(*day, tzinfo=dt.UTC).timestamp()) * 1000


@given(st.integers(10**6, 10**10), st.integers(1, 100), st.integers(0, 10**9))
@example(300_000_000, 30, 9_000_000)
@example(300_000_000, 30, 7_500_000)
@example(300_000_000, 30, 0)
def test_until_its_day_what_is_left_pays_for_each_hour(left_micros, days, received_micros):
    """The pace is worked out each hour, all of it is spent, and so much goes on receiving: before the day of the forecast there is money."""
    purse = until(NOW_MS + days * DAY_MS)
    end, now_ms, left = purse.lasts_until(left_micros, 0, NOW_MS, received_micros), NOW_MS, left_micros
    while date(now_ms) < end:
        per_day = per_day_of(purse.lasts, left_micros, left_micros - left, Week(24, received_micros), now_ms)
        left -= (per_day + received_micros) // 24
        now_ms += HOUR_MS
        assert left >= 0 or date(now_ms) >= end


@pytest.mark.parametrize(
    ("used", "reserve_used", "later_ms", "expected"),
    [
        (0, 0, 0, 6_000_000),
        (6_000_000, 0, 0, 0),
        (7_000_000, 0, 0, 0),
        (7_000_000, 1_500_000, 0, 500_000),
        (7_000_000, 3_000_000, 0, 1_000_000),
        (8_000_000, 2_000_000, DAY_MS // 8, 750_000),
    ],
    ids=["fresh", "only the reserve is left", "half of it", "most of it was drawn", "all and more", "filling"],
)
def test_first_messages_have_what_lies_above_the_reserve(used, reserve_used, later_ms, expected):
    """Of eight at once two are kept, and of eight a day two; what was drawn of them is kept no longer."""
    purse = Purse(2_000_000_000, 8_000_000, 8_000_000, Pace(2_000_000, 2_000_000))
    pace, reserve = Bucket(used, NOW_MS), Bucket(reserve_used, NOW_MS)

    assert expected == purse.first_left_micros(pace, reserve, NOW_MS + later_ms)
    assert purse.pace_left_micros(pace, NOW_MS) == Purse(1, 8_000_000, 8_000_000).first_left_micros(
        pace, reserve, NOW_MS
    )
