"""Facts about the bill that is to be expected: what bounds it, what does not, and how long the money lasts with it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.kept.hours import WEEK_MS, Hour, week_of
from edge.core.limits.rules import Lasts
from edge.core.showing.bill import as_json, bill_of
from edge.core.showing.forecast import Purse
from edge.units import HOUR_MS

NOW_MS = 1_800_000_000_000
TODAY = dt.date(2027, 1, 15)
EXAMPLE = Purse(kitty_micros=2_000_000_000, per_day_micros=35_000_000, burst_micros=8_750_000)
"""The example file."""


def hours_of(*received_micros, first_ms=NOW_MS):
    """Return hours that go back from an instant, and what receiving cost in each."""
    return [
        Hour(first_ms - n * HOUR_MS, 9, 9, micros, 0, 0, is_attached=True) for n, micros in enumerate(received_micros)
    ]


def bill(hours=(), purse=EXAMPLE, left_micros=2_000_000_000, pace_left_micros=8_750_000):
    """Return the bill of the example."""
    return bill_of(
        purse, {"+33": 83_800}, 7_500,
        left_micros=left_micros, pace_left_micros=pace_left_micros, hours=hours, now_ms=NOW_MS,
    )  # fmt: skip


def test_the_bill_of_the_example():
    """An exchange, the worst hour and day of replies, receiving for a known number, a busy one and a flood, and two ends."""
    assert {
        "exchanges": {"+33": "0.0838"},
        "worst_hour": "10.208334",
        "worst_day": "43.75",
        "receiving_a_day": {"1000": "7.50", "10000": "75.00", "100000": "750.00"},
        "received_a_day": "180.00",
        "lasts_until": "2027-03-13",
        "lasts_until_with_receiving": "2027-01-24",
    } == as_json(bill(hours_of(0, 7_500_000)))


def test_without_an_hour_it_is_not_known_what_receiving_will_cost():
    """A new number, or one that did not run for a week; the hour that is not over says nothing."""
    for hours in ([], hours_of(5_000_000), hours_of(7, first_ms=NOW_MS - WEEK_MS - HOUR_MS)):
        found = bill(hours)

        assert (None, None) == (found.received_micros, found.lasts_until_received)


def test_a_week_is_the_168_hours_before_this_one():
    """Each counts once, and those in which nothing came as well."""
    week = week_of(hours_of(1, *[0, 2] * 84, 99), NOW_MS + HOUR_MS - 1)

    assert (168, 168, 24) == (week.hours, week.received_micros, week.per_day_micros)


@pytest.mark.parametrize(
    ("received", "hours", "expected"), [(1, 1, 24), (1, 24, 1), (1, 25, 1), (0, 3, 0), (10, 7, 35)]
)
def test_the_mean_of_a_day_is_rounded_up(received, hours, expected):
    """To a millionth, against us."""
    assert expected == week_of(hours_of(0, received, *[0] * (hours - 1)), NOW_MS).per_day_micros


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_receiving_never_makes_the_money_last_longer(left_micros, received_micros):
    """The end with it is that of the pace alone, or before it."""
    found = bill(hours_of(0, received_micros), left_micros=left_micros, pace_left_micros=min(left_micros, 8_750_000))

    assert TODAY <= found.lasts_until_received <= found.lasts_until


def test_a_day_that_is_over_is_said_as_such():
    """Of replies alone, and with receiving, which goes on."""
    over = Purse(2_000_000_000, per_day_micros=0, burst_micros=0, lasts=Lasts(NOW_MS, 0, 0))
    found = bill(hours_of(0, 7_500_000), over)

    assert (0, TODAY, TODAY) == (found.worst_day_micros, found.lasts_until, found.lasts_until_received)


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 10**9))
def test_until_then_all_of_it_can_be_paid(per_day, left_micros, received_micros):
    """The pace and receiving, from now to the last instant before the day of the forecast."""
    purse = Purse(kitty_micros=10**12, per_day_micros=per_day, burst_micros=0)
    found = bill(hours_of(0, received_micros), purse, left_micros, 0)
    days = (found.lasts_until_received - TODAY).days - 1

    assert days * (per_day + found.received_micros) <= left_micros
