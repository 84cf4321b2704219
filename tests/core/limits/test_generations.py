"""Facts about buckets in memory: forgetting is exact, and the size is that of what was granted, not of what was asked."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.limits.bucket import count_limit, grants, take
from edge.core.limits.generations import Generations

LIFETIME_MS = 1_000


def test_a_key_that_was_never_put_has_nothing():
    """Zero is the state of a bucket that nothing was taken from."""
    assert 0 == Generations[str](LIFETIME_MS).get("+33639981312")


def test_what_was_put_last_is_what_is_found():
    """A newer value hides the older one, in whichever generation that one is."""
    table = Generations[str](LIFETIME_MS)
    table.put("a", 1, 0)
    table.put("b", 2, LIFETIME_MS)
    table.put("a", 3, LIFETIME_MS)

    assert [3, 2] == [table.get("a"), table.get("b")]
    assert 2 == len(table)


@pytest.mark.parametrize("put_ms", [0, LIFETIME_MS - 1])
def test_a_value_stays_for_a_whole_lifetime(put_ms):
    """However shortly before a turn it was put, a value is there until its lifetime is over."""
    table = Generations[str](LIFETIME_MS)
    table.put("first", 1, 10_000)
    table.put("key", 7, 10_000 + put_ms)
    table.put("other", 1, 10_000 + put_ms + LIFETIME_MS - 1)

    assert 7 == table.get("key")


def test_a_value_is_gone_after_two_turns():
    """What was not put again for two lifetimes takes no room any more."""
    table = Generations[str](LIFETIME_MS)
    for turn in range(3):
        table.put(f"key {turn}", 1, 10_000 + turn * LIFETIME_MS)

    assert [0, 1, 1] == [table.get(f"key {turn}") for turn in range(3)]
    assert 2 == len(table)


def test_after_a_long_silence_both_generations_are_gone():
    """The first value after two lifetimes without any is alone in the table."""
    table = Generations[str](LIFETIME_MS)
    table.put("old", 1, 10_000)
    table.put("new", 1, 10_000 + 2 * LIFETIME_MS)

    assert [0, 1] == [table.get("old"), table.get("new")]
    assert 1 == len(table)


def test_a_dropped_key_is_gone_from_both_generations():
    """Dropping does not bring an older value to light; dropping what is not there is nothing."""
    table = Generations[str](LIFETIME_MS)
    table.put("key", 1, 10_000)
    table.put("key", 2, 10_000 + LIFETIME_MS)
    table.drop("key")
    table.drop("no such key")

    assert 0 == table.get("key")
    assert 0 == len(table)


def test_a_cleared_table_is_as_new():
    """Nothing is left after clearing, and the next value is kept whatever the clock says by then."""
    table = Generations[str](LIFETIME_MS)
    table.put("old", 1, 10_000)
    table.put("new", 1, 10_000 + LIFETIME_MS)
    table.clear()
    table.put("key", 1, 5)

    assert [0, 0, 1] == [table.get("old"), table.get("new"), table.get("key")]


def test_two_generations_decide_like_one_dict_that_forgets_nothing():
    """Over fifty thousand decisions for senders old and new, with bursts and long silences, not one differs."""
    rng = random.Random(2017)
    limit = count_limit(burst=3, count=1, period_ms=400)
    table, everything = Generations[str](limit.refill_ms), dict[str, int]()
    now_ms, granted = 1_000_000, 0
    for _ in range(50_000):
        now_ms += rng.choice((0, 0, 0, 1, 7, 50, rng.randrange(5_000) if rng.random() < 0.01 else 0))
        key = f"+3363998{rng.randrange(100 if rng.random() < 0.5 else 10_000):04}"
        expected = grants(limit, everything.get(key, 0), now_ms)
        assert expected == grants(limit, table.get(key), now_ms)
        if expected:
            granted += 1
            everything[key] = take(limit, everything.get(key, 0), now_ms)
            table.put(key, take(limit, table.get(key), now_ms), now_ms)

    assert granted > 20_000
    assert len(table) < len(everything) / 5


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 30)), max_size=80))
def test_the_table_holds_no_more_than_two_lifetimes_brought(puts):
    """Its size never exceeds twice the most keys that were put within one lifetime, whenever they came."""
    table, now_ms, history = Generations[bytes](LIFETIME_MS), 10_000, []
    for wait, key in puts:
        now_ms += wait
        table.put(b"%d" % key, now_ms, now_ms)
        history.append((now_ms, key))
    most = max(
        (len({key for at, key in history if start <= at < start + LIFETIME_MS}) for start, _ in history), default=0
    )

    assert len(table) <= 2 * most
