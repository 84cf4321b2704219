"""Facts about one bucket: what it grants in any stretch of time, by whichever limits it is read, and that nothing is lost of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.limits.bucket import (
    CLEAR,
    GRANT,
    UNUSED,
    Bucket,
    bucket_after,
    bucket_at,
    clear_at,
    count_limit,
    give_back,
    grants,
    grants_from,
    is_clear,
    money_limit,
    take,
)
from edge.core.limits.limit import Limit

HOUR_MS = 3_600_000

_instants = st.integers(0, 10_000)
_numbers = st.integers(1, 1_000)
_limits = st.builds(Limit, _numbers, _numbers, _numbers, _numbers)
_buckets = st.builds(Bucket, st.integers(0, 2_000), _instants)
_asked = st.lists(st.integers(0, 400), max_size=80)
"""Milliseconds between one request and the next."""


def granted_at(limit, waits):
    """Return the instants at which a bucket grants, asked after so many milliseconds each."""
    clear, now_ms, granted = CLEAR, 0, []
    for wait in waits:
        now_ms += wait
        if grants(limit, clear, now_ms):
            clear = take(limit, clear, now_ms)
            granted.append(now_ms)
    return granted


def used(limit, bucket, now_ms):
    """Return what is used by a limit, as the definition has it, in whole numbers."""
    return max(0, bucket.used - max(0, now_ms - bucket.at_ms) * limit.amount // limit.period_ms)


def intervals(granted):
    """Yield every stretch between two grants: how long it is, and how many grants lie in it, both ends included."""
    for first, start_ms in enumerate(granted):
        for last in range(first, len(granted)):
            yield granted[last] - start_ms, last - first + 1


def test_a_bucket_grants_its_burst_and_then_one_per_period():
    """Two at once and then one an hour: what is asked in between is refused."""
    limit = count_limit(burst=2, count=1, period_ms=HOUR_MS)

    assert [0, 0, HOUR_MS, 2 * HOUR_MS] == granted_at(limit, [0, 0, 0, HOUR_MS - 1, 1, HOUR_MS])


def test_a_bucket_that_nothing_was_taken_from_is_full():
    """No stored state and one that is clear decide alike: that is why memory keeps neither."""
    limit = count_limit(burst=3, count=1, period_ms=100)
    clear = take(limit, CLEAR, 5_000)

    assert (
        clear
        == take(limit, clear_at(limit, Bucket(GRANT, 4_900)), 5_000)
        == take(limit, clear_at(limit, UNUSED), 5_000)
    )
    assert [True, False] == [is_clear(limit, clear, now_ms) for now_ms in (5_100, 5_099)]


@pytest.mark.parametrize(
    ("burst", "count", "period_ms", "limit"),
    [
        (1, 1, 86_400_000, Limit(GRANT, GRANT, 5, 432)),
        (5, 3, 10, Limit(GRANT, 5 * GRANT, 300_000, 1)),
        (1, 1_000_000, 7, Limit(GRANT, GRANT, 10**12, 7)),
    ],
)
def test_a_limit_is_a_rate_in_its_smallest_numbers(burst, count, period_ms, limit):
    """The rate is exact, whether or not a period divides evenly."""
    assert limit == count_limit(burst=burst, count=count, period_ms=period_ms)


def test_a_limit_in_money_is_in_micros():
    """Out of 8.75 that refill by 35 a day, a reply takes what it costs, and all of it is back after six hours."""
    limit = money_limit(price=76_270, burst=8_750_000, amount=35_000_000, period_ms=86_400_000)

    assert Limit(76_270, 8_750_000, 175, 432) == limit
    assert 6 * HOUR_MS == limit.refill_ms


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 1_000), _asked)
def test_no_stretch_of_time_holds_more_than_burst_and_pace(burst, count, period_ms, waits):
    """In any interval a bucket grants at most `burst + count x time / period`, however it is asked."""
    granted = granted_at(count_limit(burst=burst, count=count, period_ms=period_ms), waits)

    assert all(period_ms * (many - burst) <= count * time_ms for time_ms, many in intervals(granted))


@given(st.lists(st.tuples(st.integers(0, 2_000), _limits), max_size=60))
def test_no_mix_of_limits_grants_more_than_the_largest_burst_and_the_fastest_rate(asked):
    """By whichever limits a bucket is read in whatever order, every interval keeps the bound of those in force in it."""
    bucket, now_ms, paid = UNUSED, 0, []
    for wait, limit in asked:
        now_ms += wait
        clear = clear_at(limit, bucket)
        if granted := grants(limit, clear, now_ms):
            bucket = bucket_after(limit, clear, now_ms)
        paid.append((now_ms, limit, limit.cost if granted else 0))

    for first, (start_ms, _, _) in enumerate(paid):
        capacity, amount, period_ms, spent = 0, 0, 1, 0
        for at_ms, limit, cost in paid[first:]:
            capacity, spent = max(capacity, limit.capacity), spent + cost
            if limit.amount * period_ms > amount * limit.period_ms:
                amount, period_ms = limit.amount, limit.period_ms
            assert period_ms * (spent - capacity) <= amount * (at_ms - start_ms)


@given(_limits, _buckets, _instants)
def test_a_grant_needs_room_for_what_is_used_and_what_it_uses(limit, bucket, later_ms):
    """Both forms of a bucket decide as the definition does, and write the same."""
    now_ms = bucket.at_ms + later_ms
    clear, level = clear_at(limit, bucket), used(limit, bucket, now_ms)

    assert (level + limit.cost <= limit.capacity) == grants(limit, clear, now_ms)
    assert Bucket(level, now_ms) == bucket_at(limit, clear, now_ms)
    assert Bucket(level + limit.cost, now_ms) == bucket_after(limit, clear, now_ms)
    assert Bucket(level + limit.cost, now_ms) == bucket_at(limit, take(limit, clear, now_ms), now_ms)


@given(_limits, _buckets, _instants)
def test_what_is_written_is_never_less_than_what_was_used(limit, bucket, later_ms):
    """Written anew at a later instant, a bucket is the same or stricter under its limit, by less than one unit."""
    now_ms = bucket.at_ms + later_ms
    clear = max(clear_at(limit, bucket), now_ms * limit.amount)

    assert 0 <= clear_at(limit, bucket_at(limit, clear, now_ms)) - clear < limit.period_ms


@given(_limits, _buckets, _instants, st.integers(0, 5_000))
def test_a_stale_clock_is_never_granted_what_a_fresh_one_is_refused(limit, bucket, now_ms, behind_ms):
    """A grant at an earlier instant is one at every later instant, and leaves no more behind."""
    clear, stale_ms = clear_at(limit, bucket), now_ms - behind_ms

    assert grants(limit, clear, now_ms) or not grants(limit, clear, stale_ms)
    assert take(limit, clear, stale_ms) <= take(limit, clear, now_ms)


@given(_limits, _limits, _buckets)
def test_nothing_used_at_an_instant_to_come_is_clear_then(limit, other, bucket):
    """Under whichever limit: that is how the state of a ledger's first format is read."""
    at_ms = bucket.at_ms

    assert [True, False] == [
        is_clear(limit, clear_at(limit, Bucket(0, at_ms)), now_ms) for now_ms in (at_ms, at_ms - 1)
    ]
    assert is_clear(other, clear_at(other, Bucket(0, at_ms)), at_ms)


@given(_limits, _buckets, _instants)
def test_what_is_given_back_was_never_taken(limit, bucket, now_ms):
    """Exactly, as long as something of it counts."""
    clear = max(clear_at(limit, bucket), now_ms * limit.amount)

    assert clear == give_back(limit, take(limit, clear, now_ms))


@pytest.mark.parametrize("ms", [0, 1, 12_345])
def test_a_limit_grants_again_from_the_instant_that_is_told(ms):
    """Not a millisecond earlier."""
    limit = count_limit(burst=2, count=3, period_ms=10_007)
    clear = take(limit, take(limit, CLEAR, ms), ms)
    opens_ms = grants_from(limit, clear)

    assert (False, True) == (grants(limit, clear, opens_ms - 1), grants(limit, clear, opens_ms))


def test_a_limit_that_is_smaller_than_a_grant_never_grants():
    """There is no such instant; a limit that nothing was taken from grants at once."""
    assert None is grants_from(money_limit(price=2, burst=1, amount=1, period_ms=1), CLEAR)
    assert 0 == grants_from(count_limit(burst=1, count=1, period_ms=1000), CLEAR)
