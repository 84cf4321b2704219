"""Facts about one bucket: what it grants in any stretch of time, and that no clock makes it grant more."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.bucket import EMPTY_TAT_MS, clamp, count_limit, grants, money_limit, take
from edge.core.limit import Limit

_instants = st.integers(0, 10_000)
_limits = st.builds(Limit, cost_ms=st.integers(1, 300), tolerance_ms=st.integers(0, 1_000))
_asked = st.lists(st.integers(0, 400), max_size=80)
"""Milliseconds between one request and the next."""
_clock_steps = st.lists(st.integers(-2_000, 2_000), max_size=80)


def granted_at(limit, waits):
    """Return the instants at which a bucket grants, asked after so many milliseconds each."""
    tat_ms, now_ms, granted = EMPTY_TAT_MS, 0, []
    for wait in waits:
        now_ms += wait
        if grants(limit, tat_ms, now_ms):
            tat_ms = take(limit, tat_ms, now_ms)
            granted.append(now_ms)
    return granted


def intervals(granted):
    """Yield every stretch between two grants: how long it is, and how many grants lie in it, both ends included."""
    for first, start_ms in enumerate(granted):
        for last in range(first, len(granted)):
            yield granted[last] - start_ms, last - first + 1


def test_a_bucket_grants_its_burst_and_then_one_per_period():
    """Two at once and then one an hour: what is asked in between is refused."""
    hour_ms = 3_600_000
    limit = count_limit(burst=2, count=1, period_ms=hour_ms)

    assert [0, 0, hour_ms, 2 * hour_ms] == granted_at(limit, [0, 0, 0, hour_ms - 1, 1, hour_ms])


def test_a_bucket_that_nothing_was_taken_from_is_full():
    """No stored state and one in the past decide alike: that is why neither needs to be kept."""
    limit = count_limit(burst=3, count=1, period_ms=100)

    assert take(limit, EMPTY_TAT_MS, 5_000) == take(limit, 4_999, 5_000) == take(limit, 5_000, 5_000)


@pytest.mark.parametrize(
    ("period_ms", "count", "cost_ms"), [(86_400_000, 1, 86_400_000), (10, 3, 4), (1, 1_000_000, 1)]
)
def test_the_cost_of_a_grant_rounds_up(period_ms, count, cost_ms):
    """Where a period does not divide evenly, a grant takes a little longer to refill, never a little shorter."""
    assert Limit(cost_ms, 5 * cost_ms) == count_limit(burst=5, count=count, period_ms=period_ms)


def test_a_limit_in_money_is_refill_time():
    """Out of 8.75 that refill by 35 a day, 0.07627 take 188.27794 s of refill, rounded up, of six hours."""
    limit = money_limit(price=76_270, burst=8_750_000, amount=35_000_000, period_ms=86_400_000)

    assert Limit(188_278, 21_600_000) == limit


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 1_000), _asked)
def test_no_stretch_of_time_holds_more_than_burst_and_pace(burst, count, period_ms, waits):
    """In any interval a bucket grants at most `burst + count x time / period`, however it is asked."""
    granted = granted_at(count_limit(burst=burst, count=count, period_ms=period_ms), waits)

    assert all(period_ms * (many - burst) <= count * time_ms for time_ms, many in intervals(granted))


@given(
    st.integers(1, 1_000_000),
    st.integers(1, 1_000_000),
    st.integers(1, 100_000),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 500_000)), max_size=60),
)
def test_no_mix_of_prices_spends_more_than_burst_and_pace(burst, amount, period_ms, asked):
    """In any interval a bucket of money lets go at most `burst + amount x time / period`, whatever each reply costs."""
    tat_ms, now_ms, paid = EMPTY_TAT_MS, 0, []
    for wait, price in asked:
        now_ms += wait
        limit = money_limit(price=price, burst=burst, amount=amount, period_ms=period_ms)
        if grants(limit, tat_ms, now_ms):
            tat_ms = take(limit, tat_ms, now_ms)
            paid.append((now_ms, price))

    for first, (start_ms, _) in enumerate(paid):
        spent = 0
        for at_ms, price in paid[first:]:
            spent += price
            assert period_ms * (spent - burst) <= amount * (at_ms - start_ms)


@given(_limits, _clock_steps)
@example(Limit(100, 100), [0, -1_000, 100, 900])
def test_only_a_clock_that_goes_forward_refills(limit, steps):
    """Whatever the clock does, a mended bucket grants no more than it holds and what its steps forward refill."""
    tat_ms, now_ms, forward_ms, taken_ms = EMPTY_TAT_MS, 5_000, 0, 0
    for step in steps:
        now_ms += step
        forward_ms += max(0, step)
        tat_ms = clamp(limit, tat_ms, now_ms)
        if grants(limit, tat_ms, now_ms):
            tat_ms = take(limit, tat_ms, now_ms)
            taken_ms += limit.cost_ms

    assert taken_ms <= limit.tolerance_ms + forward_ms


@given(_limits, _instants, _instants, st.integers(0, 5_000))
def test_a_stale_clock_is_never_granted_what_a_fresh_one_is_refused(limit, tat_ms, now_ms, behind_ms):
    """A grant at an earlier instant is one at every later instant, and leaves no more behind."""
    stale_ms = now_ms - behind_ms

    assert grants(limit, tat_ms, now_ms) or not grants(limit, tat_ms, stale_ms)
    assert max(now_ms, take(limit, tat_ms, stale_ms)) <= take(limit, tat_ms, now_ms)


def held_ms(limit, tat_ms, now_ms):
    """Return what a bucket holds, as refill time."""
    return max(0, now_ms + limit.tolerance_ms - max(tat_ms, now_ms))


@given(_limits, _instants, _instants)
def test_mending_gives_nothing_away(limit, tat_ms, now_ms):
    """A bucket that no grant can have left so far ahead is emptied now: it holds as much as before, which is nothing."""
    assert held_ms(limit, tat_ms, now_ms) == held_ms(limit, clamp(limit, tat_ms, now_ms), now_ms)


@given(_limits, _instants, _instants)
def test_a_mended_bucket_is_full_again_within_its_tolerance(limit, tat_ms, now_ms):
    """After a clock that stepped back by a year, a bucket waits for its own refill, not for a year."""
    assert clamp(limit, tat_ms, now_ms) <= now_ms + limit.tolerance_ms


@given(_limits, st.lists(st.integers(0, 400), max_size=40))
def test_mending_changes_nothing_while_the_clock_goes_forward(limit, waits):
    """What a grant has left behind is never touched, so mending may be done at every contact."""
    tat_ms, now_ms = EMPTY_TAT_MS, 0
    for wait in waits:
        now_ms += wait
        assert tat_ms == clamp(limit, tat_ms, now_ms)
        if grants(limit, tat_ms, now_ms):
            tat_ms = take(limit, tat_ms, now_ms)
