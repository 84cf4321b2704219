"""Facts about the harness's own arithmetic of limits, against brute force and against the worker's."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import Limit
from edge.configfile import parse
from edge.core.limits.bucket import UNUSED, bucket_after, clear_at, grants, money_limit
from edge.units import DAY_MS
from loadtest.judge.model import Bucket, Spending, admitted, count_bucket, excess, pace_bucket, stricter

_buckets = st.builds(
    Bucket,
    st.integers(1, 50).map(Fraction),
    st.fractions(min_value=Fraction(1, 1000), max_value=2, max_denominator=1000),
)
_spendings = st.lists(
    st.builds(
        lambda done, service, amount: Spending(done, done - service, amount),
        st.integers(100, 300),
        st.integers(0, 100),
        st.integers(1, 20),
    ),
    max_size=12,
)
_instants = st.lists(st.integers(0, 10_000_000), max_size=60).map(sorted)


def excess_by_brute_force(bucket, spendings):
    """Return the worst excess over all windows and slops, by trying every one."""
    worst = Fraction(0)
    for slop_us in {1 << max(1, s.done_us - s.sent_us).bit_length() for s in spendings}:
        quick = [s for s in spendings if s.done_us - s.sent_us <= slop_us]
        for first in quick:
            for last in quick:
                inside = sum(s.amount for s in quick if first.done_us <= s.done_us <= last.done_us)
                worst = max(worst, inside - bucket.most(last.done_us - first.done_us + slop_us))
    return worst


@given(_buckets, _spendings)
def test_an_excess_is_found_as_by_trying_every_window(bucket, spendings):
    """One pass over the spendings equals the comparison of all pairs."""
    assert excess_by_brute_force(bucket, spendings) == excess(bucket, spendings)


@given(_buckets, _instants, st.integers(1, 20), st.data())
def test_a_worker_that_keeps_to_its_bucket_is_never_accused(bucket, instants, price, data):
    """Whatever lies between sending and answering: who decides by the bucket has no excess."""
    level, last_us, spendings = bucket.size, 0, []
    for at_us in instants:
        level = min(bucket.size, level + bucket.per_us * (at_us - last_us))
        last_us = at_us
        if price <= level:
            level -= price
            before, after = data.draw(st.integers(0, 100)), data.draw(st.integers(0, 100))
            spendings.append(Spending(at_us + after, at_us - before, price))

    assert 0 == excess(bucket, spendings)


def test_one_micro_too_much_at_once_is_found():
    """A full bucket of ten and eleven taken at one instant: the excess is one, less what the service time refilled."""
    bucket = Bucket(Fraction(10), Fraction(1, 1_000_000))

    assert Fraction(1) - Fraction(2, 1_000_000) == excess(bucket, [Spending(1, 0, 10), Spending(1, 0, 1)])


@given(st.integers(1, 100_000), st.integers(1, 10**6), st.integers(1, 10**9), _instants)
def test_the_workers_arithmetic_lies_between_the_strict_and_the_exact_bucket(price, burst, per_day, instants):
    """Whole milliseconds and micros, rounded against the sender, grant no more than the exact bucket and no less than the strict one."""
    limit = money_limit(price=price, burst=burst, amount=per_day, period_ms=DAY_MS)
    state, count = UNUSED, 0
    for at_us in instants:
        now_ms = 1_700_000_000_000 + at_us // 1000
        clear = clear_at(limit, state)
        if grants(limit, clear, now_ms):
            state, count = bucket_after(limit, clear, now_ms), count + 1
    exact = Bucket(Fraction(burst), Fraction(per_day, DAY_MS * 1000))
    lenient = Bucket(exact.size + exact.per_us * 1000, exact.per_us)

    assert admitted(stricter(exact, price), price, instants) <= count <= admitted(lenient, price, instants)


@given(_buckets, st.integers(1, 20), _instants, st.integers(0, 10_000_000))
def test_one_arrival_more_never_makes_fewer_grants(bucket, price, instants, extra):
    """So bounds may leave out what other limits could refuse."""
    assert admitted(bucket, price, instants) <= admitted(bucket, price, sorted([*instants, extra]))


def test_a_count_limit_is_a_bucket_of_replies():
    """Two at once, and three every hour."""
    bucket = count_bucket(Limit(burst=2, count=3, period=3_600_000))

    assert 5 == bucket.most(3_600_000_000)


def config(budget):
    """Return the example's configuration with another budget."""
    return parse(f"""
        number = {{ phone = "+33937000000", provider = "twilio", url = "https://sms.example.org/sms" }}
        reply = {{ text = "Non." }}
        price = {{ currency = "EUR", received = "0", reply = {{ "+33" = "1" }} }}
        budget = {{ kitty = "2000", {budget} }}
    """)


@pytest.mark.parametrize(
    ("budget", "burst"),
    [('per-day = "35"', 8_750_000), ('per-day = "2"', 1_000_000), ('per-day = "35", burst = "2"', 2_000_000)],
)
def test_the_pace_is_a_bucket_of_money(budget, burst):
    """Without a burst, a quarter of a day goes at once, and a reply at least; after a day, a day's worth more."""
    bucket, per_day = pace_bucket(config(budget)), config(budget).budget.per_day

    assert (burst, burst + per_day) == (bucket.most(0), bucket.most(DAY_MS * 1000))


def test_a_pace_that_nobody_outside_knows_is_refused():
    """With `lasts-until` it depends on when the worker was started."""
    with pytest.raises(ValueError, match="lasts-until"):
        pace_bucket(config("lasts-until = 2030-01-01"))
