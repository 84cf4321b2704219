"""Facts about what was received lately, and the pace of receiving."""

from hypothesis import given
from hypothesis import strategies as st

from edge.core.charging.intake import Inflow, Intake, Window
from edge.core.kept.hours import Hour
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_800_000_000_000


def intake(*, burst_micros=100_000_000, per_day_micros=10_000_000, hours=(), inflow=None):
    """Return a memory that begins now."""
    return Intake(
        burst_micros=burst_micros,
        per_day_micros=per_day_micros,
        window_ms=HOUR_MS,
        hours=hours,
        inflow=inflow or Inflow(NOW_MS, 1_000, 7_500_000),
    )


def fed(memory, *sums, since_ms=0):
    """Feed sums that count from the beginning."""
    for after_ms, messages in sums:
        memory.feed(Inflow(NOW_MS + after_ms, 1_000 + messages, 7_500_000 + 7_500 * messages), since_ms)
    return memory


def test_what_was_before_is_in_no_window():
    """Whoever begins to look knows only the sums."""
    assert Window(0, 0, 0) == intake().lately(HOUR_MS)


def test_the_pace_of_one_of_several_numbers_is_that_of_all():
    """Its windows are its own: what the others receive is in none of them."""
    memory = intake(inflow=Inflow(NOW_MS, 5, 1_000, 50_000))
    memory.feed(Inflow(NOW_MS + 1, 7, 3_000, 20_050_000), 0)

    assert (Window(2, 2_000, 1), 80_000_000) == (memory.lately(HOUR_MS), memory.left_micros)


def test_a_window_is_what_came_since_it_began():
    """Shorter than it may be, at first."""
    memory = fed(intake(), (1_000, 3), (2_000, 5))

    assert Window(5, 37_500, 2_000) == memory.lately(HOUR_MS)
    assert Window(2, 15_000, 1_000) == memory.lately(1_000)


def test_a_window_ends_where_it_is_long_enough():
    """It is counted from the last sums that are not within it."""
    memory = fed(intake(), *((minute * MINUTE_MS, minute) for minute in range(1, 200)))

    assert Window(5, 37_500, 5 * MINUTE_MS) == memory.lately(5 * MINUTE_MS)
    assert Window(60, 450_000, HOUR_MS) == memory.lately(HOUR_MS)
    assert 62 > len(memory._inflows)


def test_a_window_begins_anew_when_the_number_is_attached():
    """What came before, and what was on its way, is not in it."""
    memory = fed(intake(), (MINUTE_MS, 500), (2 * MINUTE_MS, 700))
    fed(memory, (3 * MINUTE_MS, 710), since_ms=NOW_MS + 2 * MINUTE_MS)
    later = fed(intake(), (MINUTE_MS, 500), since_ms=NOW_MS + 2 * MINUTE_MS)

    assert Window(10, 75_000, MINUTE_MS) == memory.lately(HOUR_MS)
    assert Window(0, 0, 0) == later.lately(HOUR_MS)


def test_the_pace_of_receiving_may_owe():
    """Nothing is refused by it."""
    memory = fed(intake(burst_micros=1_000_000), (0, 100), (0, 1_000))

    assert 1_000_000 - 7_500_000 == memory.left_micros


def test_the_pace_of_receiving_refills_to_its_burst():
    """So much a day, exactly, however often somebody looks."""
    memory = fed(intake(burst_micros=8_640_000, per_day_micros=8_640), (0, 1_152), (0, 1_152))
    fed(memory, *((10_000 * n, 1_152) for n in range(1, 6)))

    assert 5 == memory.left_micros
    assert 8_640_000 == fed(memory, (1_001 * DAY_MS, 1_152)).left_micros


def test_what_is_used_follows_from_the_hours_of_the_ledger():
    """Two days of twelve a day each, of which ten came free; what came since is not booked twice."""
    hours = [Hour(NOW_MS - n * HOUR_MS, 0, 0, 500_000, 0, 0, is_attached=True) for n in range(1, 49)]
    left_micros = intake(hours=hours).left_micros

    assert 100_000_000 - 24_000_000 + 20_000_000 == left_micros
    assert left_micros == intake(hours=hours[::-1]).left_micros
    assert left_micros == fed(intake(hours=hours), (0, 0)).left_micros


@given(st.lists(st.tuples(st.integers(0, 3 * HOUR_MS), st.integers(0, 10_000)), max_size=30))
def test_never_more_is_left_than_the_burst(steps):
    """And what is owed is at most what was received."""
    memory, at_ms, messages = intake(), 0, 0
    for after_ms, more in steps:
        at_ms, messages = at_ms + after_ms, messages + more
        fed(memory, (at_ms, messages))

    assert 100_000_000 - 7_500 * messages <= memory.left_micros <= 100_000_000
