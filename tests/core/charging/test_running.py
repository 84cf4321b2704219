"""Facts about sums that go on from look to look."""

from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow
from edge.core.charging.running import Running
from edge.core.kept.hours import Hour
from edge.core.limits.bucket import UNUSED
from edge.core.wire.reason import Reason
from edge.units import HOUR_MS

BEGAN_MS = 1_800_000_000_000
ONE, OTHER = "+1", "+2"


def totals(after_ms, micros=0):
    """Return what a ledger says of all numbers."""
    return Totals({Reason.PACE_LIMIT: 9, Reason.DUPLICATE: 1}, 0, micros, UNUSED, BEGAN_MS + after_ms)


def hour(number, messages):
    """Return an hour in which so many came."""
    return Hour(BEGAN_MS + number * HOUR_MS, messages, messages, 7_500 * messages, 0, 0, is_attached=True)


def test_the_sums_of_all_are_those_of_the_ledger():
    """Messages, without the retries of answered ones; nobody asks for hours where there is one number."""
    running = Running()
    running.feed(totals(5, 75_000), {})

    assert Inflow(BEGAN_MS + 5, 9, 75_000) == running.inflow()


def test_those_of_each_go_on_over_the_hours():
    """What an hour that is over came to is in them, though it is not asked for again; the pace goes by what all have cost."""
    running, found = Running(), []
    looks = (
        (1, {ONE: [hour(0, 4)], OTHER: [hour(0, 1)]}),
        (2, {ONE: [hour(0, 6)], OTHER: [hour(0, 1)]}),
        (HOUR_MS + 1, {ONE: [hour(0, 7), hour(1, 2)], OTHER: [hour(0, 1)]}),
        (3 * HOUR_MS, {ONE: [hour(1, 3), hour(3, 0)], OTHER: [hour(2, 10), hour(3, 5)]}),
        (3 * HOUR_MS + 1, {ONE: [hour(3, 1)], OTHER: [hour(3, 5)]}),
    )
    asked = []
    for after_ms, hours in looks:
        asked.append((running.begins(BEGAN_MS + after_ms) - BEGAN_MS) // HOUR_MS)
        running.feed(totals(after_ms, 100), hours)
        found.append((running.inflow(ONE).messages, running.inflow(OTHER).messages))

    assert [0, 0, 0, 1, 3] == asked
    assert [(4, 1), (6, 1), (9, 1), (10, 16), (11, 16)] == found
    assert Inflow(BEGAN_MS + 3 * HOUR_MS + 1, 11, 11 * 7_500, 100) == running.inflow(ONE)


def test_of_a_number_to_which_nothing_came_there_is_nothing():
    """Nor of one that nobody knows."""
    running = Running()
    running.feed(totals(1, 100), {ONE: [hour(0, 4)]})

    assert Inflow(BEGAN_MS + 1, 0, 0, 100) == running.inflow(OTHER)
