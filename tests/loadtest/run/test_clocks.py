"""Clocks of several machines: what a round trip tells, and what it does not."""

from hypothesis import given
from hypothesis import strategies as st

from loadtest.run.clocks import ROUNDS, Clock

AHEAD_US = st.integers(-(10**12), 10**12)
TRIPS = st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 50_000)), min_size=ROUNDS, max_size=ROUNDS)


@given(AHEAD_US, TRIPS)
def test_a_clock_is_known_to_half_the_shortest_trip(ahead_us, trips):
    """However far ahead it is, and however unequal the ways there and back are."""
    clock, now_us = Clock(), 1_000_000
    for there_us, back_us in trips:
        assert not clock.is_known
        clock.ask(now_us)
        now_us += there_us
        told_us = now_us + ahead_us
        now_us += back_us
        clock.hear(told_us, now_us)

    assert clock.is_known
    assert min(there + back for there, back in trips) // 2 + 1 >= clock.error_us
    assert abs(clock.theirs_us(now_us) - (now_us + ahead_us)) <= clock.error_us
