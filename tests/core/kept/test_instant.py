"""Facts about a ledger's own time: it never goes back, and never gains on its clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.kept.instant import BEGINNING, PATIENCE_MS, Instant

NOW_MS = 1_800_000_000_000
YEAR_MS = 365 * 86_400_000
_steps_ms = st.lists(
    st.one_of(st.integers(-3 * PATIENCE_MS, 3 * PATIENCE_MS), st.integers(-YEAR_MS, YEAR_MS)), max_size=60
)


def test_time_is_the_clocks():
    """While the clock goes forward, by however much."""
    assert NOW_MS == BEGINNING.at(NOW_MS).now_ms
    assert NOW_MS + YEAR_MS == Instant(NOW_MS, NOW_MS).at(NOW_MS + YEAR_MS).now_ms


@pytest.mark.parametrize("behind_ms", [1, PATIENCE_MS])
def test_a_clock_that_is_a_little_behind_is_waited_for(behind_ms):
    """Nothing needs to be written meanwhile."""
    instant = Instant(NOW_MS, NOW_MS).at(NOW_MS - behind_ms)

    assert Instant(NOW_MS, NOW_MS - behind_ms) == instant
    assert not instant.is_behind
    assert NOW_MS + 1 == instant.at(NOW_MS + 1).now_ms


def test_behind_a_clock_that_is_far_behind_time_goes_on_by_its_movement():
    """Second by second, not by the step itself, and not by a step of it further back."""
    instant = Instant(NOW_MS, NOW_MS)
    seen = []
    for clock_ms in (0, 1_000, 2_500, 2_000, 3_000):
        instant = instant.at(clock_ms)
        seen.append(instant.now_ms - NOW_MS)

    assert [0, 1_000, 2_500, 2_500, 3_500] == seen
    assert instant.is_behind


def test_a_step_of_a_clock_that_stays_behind_counts_for_little():
    """Nobody can tell it from time that has passed; workers look every second."""
    assert NOW_MS + PATIENCE_MS == Instant(NOW_MS, 0).at(NOW_MS - YEAR_MS).now_ms


def test_when_the_clock_is_right_again_only_what_lies_beyond_counts():
    """A minute at 1970 and then the right time: a minute, and not one more."""
    instant = Instant(NOW_MS, NOW_MS)
    for clock_ms in range(0, 61_000, 1_000):
        instant = instant.at(clock_ms)

    assert NOW_MS + 60_000 == instant.at(NOW_MS + 60_000).now_ms


@given(_steps_ms, st.lists(st.booleans(), min_size=60, max_size=60))
def test_time_never_goes_back_and_never_moves_by_more_than_the_clock_went_forward(steps_ms, kept):
    """Whatever the clock does, and whichever of the contacts are written down."""
    clock_ms, forward_ms, instant = NOW_MS, 0, Instant(NOW_MS, NOW_MS)
    for step_ms, keep in zip(steps_ms, kept, strict=False):
        clock_ms += step_ms
        forward_ms += max(0, step_ms)
        now = instant.at(clock_ms)

        assert instant.now_ms <= now.now_ms <= NOW_MS + forward_ms
        assert clock_ms <= now.now_ms
        instant = now if keep else instant
