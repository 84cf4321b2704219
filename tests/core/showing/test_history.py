"""Facts about the history: what the last hour, day and month came to, in steps, and what a day costs at the pace of the last one."""

from hypothesis import given
from hypothesis import strategies as st

from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute, day_begins, minute_of
from edge.core.showing.history import (
    Day,
    Lately,
    Past,
    Step,
    day_of,
    lately_begins,
    lately_of,
    month_begins,
    periods_of,
)
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_800_000_000_000 + 7 * MINUTE_MS + 20_000


def minute(ago, messages=0, replies=0, received_micros=0, replies_micros=0):
    """Return a minute, so many before now."""
    return KeptMinute(minute_of(NOW_MS) - ago * MINUTE_MS, messages, 0, received_micros, replies, replies_micros)


def hour(ago, messages=0, replies=0):
    """Return an hour, so many before now."""
    return Hour(NOW_MS - NOW_MS % HOUR_MS - ago * HOUR_MS, messages, 0, 0, replies, 0, is_attached=True)


def test_a_period_ends_with_the_step_that_is_under_way():
    """Twelve of five minutes, twenty-four of an hour, thirty of a day; what is older is in none of them."""
    hour_, day, month = periods_of(
        [minute(0, 1), minute(61, 2), minute(90, 4)], [hour(0, 8), hour(29 * 24, 16), hour(31 * 24, 32)], NOW_MS
    )

    assert [(12, 5 * MINUTE_MS), (24, HOUR_MS), (30, DAY_MS)] == [
        (len(p.steps), p.step_ms) for p in (hour_, day, month)
    ]
    assert [1, 7, 24] == [p.messages for p in (hour_, day, month)]
    assert Step(NOW_MS - NOW_MS % (5 * MINUTE_MS), 1, 0) == hour_.steps[-1]


def test_what_is_asked_for_is_enough():
    """The minutes of the last day and the hours of the last month hold all that a period shows."""
    _, day, month = periods_of([], [], NOW_MS)

    assert day_begins(NOW_MS) <= day.steps[0].at_ms
    assert month_begins(NOW_MS) == month.steps[0].at_ms


def test_what_came_to_each_number_lately():
    """By the minutes of an hour and the hours of a day, as in the periods of all; of one to which nothing came no minute is there."""
    minutes = {"one": [minute(0, 1), minute(54, 2), minute(61, 4)]}
    hours = {"one": [hour(0, 1), hour(23, 8), hour(24, 16)], "two": [hour(0)]}
    last_hour, day, _ = periods_of([], [], NOW_MS)
    minutes_ms, hours_ms = lately_begins(NOW_MS)

    assert {"one": Lately(3, 9), "two": Lately()} == lately_of(minutes, hours, NOW_MS)
    assert (minutes_ms, hours_ms) <= (last_hour.steps[0].at_ms, day.steps[0].at_ms)


@given(
    st.lists(
        st.tuples(st.integers(0, 22 * 60), st.integers(0, 9), st.integers(0, 3)),
        max_size=20,
        unique_by=lambda one: one[0],
    )
)
def test_every_message_of_the_day_is_in_one_step(kept):
    """None is lost between two steps, and none is in two."""
    _, day, _ = periods_of([minute(*one) for one in kept], [], NOW_MS)

    assert (sum(one[1] for one in kept), sum(one[2] for one in kept)) == (day.messages, day.replies)


def test_a_day_costs_what_the_last_one_did():
    """Replies and receiving together; what is older than a day does not count."""
    kept = [minute(1, 5, 1, 37_500, 76_300), minute(25 * 60, 900, 0, 9_000_000)]

    assert Day(76_300, 37_500) == day_of(kept, [hour(48)], NOW_MS)
    assert 113_800 == day_of(kept, [hour(48)], NOW_MS).micros


def test_a_number_that_is_young_is_measured_by_what_it_has_seen():
    """Six hours cost a quarter of a day; less than one hour counts as one, and of none nothing is known."""
    kept = [minute(1, 1, 0, 1_000)]
    six_hours = [Hour(NOW_MS - 6 * HOUR_MS, 0, 0, 0, 0, 0, is_attached=True)]

    assert Day(0, 4_000) == day_of(kept, six_hours, NOW_MS)
    assert Day(0, 24_000) == day_of(kept, [hour(0)], NOW_MS)
    assert None is day_of(kept, [], NOW_MS)


def test_what_is_over_is_read_once():
    """At first a day of minutes and a month of hours; then from the last one that was there on."""
    past = Past()
    first = past.begins(NOW_MS)
    past.read([minute(5, 1), minute(1, 2)], [hour(1, 3)], NOW_MS)
    then = past.begins(NOW_MS)
    past.read([minute(1, 4), minute(0, 1)], [hour(1, 5), hour(0, 1)], NOW_MS)

    assert (day_begins(NOW_MS), month_begins(NOW_MS)) == first
    assert (minute(1).at_ms, hour(1).at_ms) == then
    assert [1, 4, 1] == [kept.messages for kept in past.minutes]
    assert [5, 1] == [kept.messages for kept in past.hours]


def test_what_is_too_old_or_still_to_come_is_forgotten():
    """A month on nothing is left; nor is it where a ledger was set back."""
    past = Past()
    past.read([minute(0, 1)], [hour(0, 1)], NOW_MS)
    past.read([], [], NOW_MS + 31 * DAY_MS)
    later = (past.minutes, past.hours)
    past.read([minute(0, 1)], [hour(0, 1)], NOW_MS)
    begins = past.begins(NOW_MS - DAY_MS)
    past.read([], [], NOW_MS - DAY_MS)

    assert ([], []) == later
    assert (NOW_MS - DAY_MS, NOW_MS - DAY_MS) == begins
    assert ([], []) == (past.minutes, past.hours)
