"""Facts about chance: how many people are refused only because others from their block wrote before them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.limits.bucket import CLEAR, count_limit, grants, take
from edge.core.people.blocks import refused_share

DAY_MS = 86_400_000


@given(st.floats(0.05, 3), st.integers(1, 6), st.integers(0, 1_000))
@settings(max_examples=15)
def test_it_is_what_the_workers_own_bucket_does(rate, burst, seed):
    """Twenty thousand people of one block, one after the other, by the very code that decides."""
    chance, limit = random.Random(seed), count_limit(burst=burst, count=1, period_ms=100_000)
    clear, now_ms, refused = CLEAR, 0.0, 0
    for _ in range(20_000):
        now_ms += chance.expovariate(rate) * 100_000
        if grants(limit, clear, int(now_ms)):
            clear = take(limit, clear, int(now_ms))
        else:
            refused += 1
    told = refused_share(rate, 1, burst=burst, drain_ms=DAY_MS)

    assert pytest.approx(told, abs=0.035) == refused / 20_000


@given(st.floats(1, 1e6), st.integers(1, 100_000), st.integers(1, 1_000_000), st.floats(1, 10 * 365 * DAY_MS))
@settings(max_examples=25)
def test_it_is_a_share_and_falls_with_a_larger_burst_and_with_more_blocks(per_day, blocks, burst, drain_ms):
    """Whatever an operator writes."""
    told = refused_share(per_day, blocks, burst=burst, drain_ms=drain_ms)
    larger = refused_share(per_day, blocks, burst=burst + 1, drain_ms=drain_ms)
    more = refused_share(per_day, blocks + 1, burst=burst, drain_ms=drain_ms)

    assert 0 <= told < 1
    assert max(larger, more) <= told + 1e-9


def test_one_at_a_time_is_the_formula_of_renewals():
    """After each that is answered, those who come within its time are refused: r of 1 + r."""
    assert pytest.approx(0.25 / 1.25) == refused_share(25, 100, burst=1, drain_ms=DAY_MS)


def test_two_a_day_of_a_french_block_refuse_nobody():
    """A hundred people a day over 16,200 blocks: one in two hundred thousand; an American town loses a quarter."""
    assert 210_000 < 1 / refused_share(100, 16_200, burst=2, drain_ms=DAY_MS / 2) < 211_000
    assert pytest.approx(0.269, abs=1e-3) == refused_share(100, 50, burst=2, drain_ms=DAY_MS / 2)


def test_nobody_is_refused_where_nobody_comes_and_nearly_all_where_all_come():
    """A limit that opens once in ten years, and a flood of people."""
    assert 0.0 == refused_share(0, 1, burst=1, drain_ms=1)
    assert refused_share(1e6, 1, burst=100, drain_ms=3_650 * DAY_MS) > 0.999999
    assert pytest.approx(1 - 1 / 500) == refused_share(500, 1, burst=100, drain_ms=DAY_MS)
