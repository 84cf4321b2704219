"""Facts about the provider in a night that is played: what it holds back, and how long it takes to do what it is asked for."""

from edge.simulation.line import Line, changes_in_a_day
from edge.units import DAY_MS


def test_it_delivers_until_it_was_asked_not_to():
    """And for as long as that takes; what is on its way still arrives."""
    line = Line(delay_ms=5)
    line.ask(attached=False, now_ms=10)

    assert [True, True, False, False] == [line.delivers(at_ms) for at_ms in (10, 14, 15, 99)]
    assert 2 == line.held_back


def test_it_delivers_again_when_it_was_asked_to():
    """That takes as long; changes come into effect in the order in which they were asked for."""
    line = Line(delay_ms=5)
    line.ask(attached=False, now_ms=10)
    line.ask(attached=True, now_ms=12)

    assert [True, False, True] == [line.delivers(at_ms) for at_ms in (14, 15, 17)]
    assert (1, [10, 12]) == (line.held_back, line.changes_ms)


def test_the_time_off_is_that_in_which_nothing_is_delivered():
    """The last one until the end."""
    line = Line(delay_ms=5)
    for attached, now_ms in ((False, 10), (True, 20), (False, 30)):
        line.ask(attached=attached, now_ms=now_ms)
    line.end(100)

    assert 10 + 65 == line.off_ms


def test_changes_are_counted_in_the_worst_24_hours():
    """Any 24, not those of a calendar."""
    assert 3 == changes_in_a_day([0, DAY_MS, DAY_MS + 5, 2 * DAY_MS - 1, 3 * DAY_MS])
    assert 0 == changes_in_a_day([])
