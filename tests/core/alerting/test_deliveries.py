"""Which channel is told what, and when once more: at least once, and twice at most where nobody knows."""

import pytest

from edge.core.alerting.alert import Alert
from edge.core.alerting.deliveries import add, failing, ready, settle, take_over
from edge.core.alerting.watching import Notes
from edge.units import HOUR_MS, MINUTE_MS, SECOND_MS

ALERT = Alert("test", "t", "x")
ONE, TWO = "1 ntfy", "2 webhook"


def told(notes, now_ms, fates, channels=(ONE, TWO)):
    """Say what is due at an instant; return on which channels, and which of them have begun to fail."""
    calls = list(ready(notes, channels, now_ms))
    return [name for _, name in calls], [
        name for due, name in calls if settle(notes, due, name, fates.get(name, "done"), now_ms)
    ]


def notes_of(*channels):
    """Return notes in which one alert is due."""
    notes = Notes()
    add(notes, [ALERT], channels, 0)
    return notes


def test_what_arrived_is_not_said_again():
    """Each channel is done by itself, and a call that is under way is not begun twice."""
    notes = notes_of(ONE, TWO)
    under_way = list(ready(notes, [ONE, TWO], 0))
    none = list(ready(notes, [ONE, TWO], 0))
    for due, name in under_way:
        settle(notes, due, name, "done", 0)

    assert ([ONE, TWO], []) == ([name for _, name in under_way], none)
    assert ([], []) == told(notes, HOUR_MS, {})
    assert [] == notes.due


@pytest.mark.parametrize(("fate", "times"), [("unknown", 2), ("refused", 1), ("done", 1)])
def test_how_often_it_is_said(fate, times):
    """Twice where nobody knows whether it arrived, once where it was refused or taken."""
    notes = notes_of(ONE)
    said = [told(notes, minute * MINUTE_MS, {ONE: fate})[0] for minute in range(120)]

    assert times == said.count([ONE])


@pytest.mark.parametrize("fate", ["not_sent", "busy"])
def test_what_did_not_arrive_is_said_again_for_an_hour(fate):
    """Within a minute four times, and then about once a minute."""
    notes = notes_of(ONE)
    at_s = [second for second in range(2 * 3600) if told(notes, second * SECOND_MS, {ONE: fate})[0]]

    assert [0, 10, 30, 70, 130] == at_s[:5]
    assert 3_600 <= at_s[-1] <= 3_660
    assert [] == notes.due


def test_a_channel_that_fails_is_told_of_once_until_it_works_again():
    """At once where it was refused, after the third try in vain, and after the second of which nobody knows."""
    notes = notes_of(ONE, TWO)
    first = told(notes, 0, {ONE: "refused", TWO: "busy"})[1]
    later = [told(notes, second * SECOND_MS, {TWO: "busy"})[1] for second in (10, 30, 70)]
    add(notes, [ALERT], [ONE], 0)
    again = told(notes, 71 * SECOND_MS, {ONE: "refused"})[1]
    add(notes, [ALERT], [ONE], 0)
    told(notes, 72 * SECOND_MS, {})

    assert ([ONE], [[], [TWO], []], []) == (first, later, again)
    assert [TWO] == notes.failing


def test_channels_that_are_no_longer_there_are_dropped():
    """After a reload, say."""
    notes = notes_of(ONE, TWO)

    assert ([TWO], []) == told(notes, 0, {}, channels=[TWO])
    assert [] == [*ready(notes, [TWO], 0), *notes.due]


def test_whoever_takes_over_says_once_more_what_was_being_said():
    """It may have arrived; and after a second takeover it is not said a third time."""
    notes = notes_of(ONE)
    list(ready(notes, [ONE], 0))
    take_over(notes, SECOND_MS)
    early, again = list(ready(notes, [ONE], 2 * SECOND_MS)), list(ready(notes, [ONE], 20 * SECOND_MS))
    take_over(notes, 21 * SECOND_MS)

    assert ([], 1) == (early, len(again))
    assert [] == list(ready(notes, [ONE], HOUR_MS))


def test_without_a_channel_nothing_is_due():
    """A heartbeat alone says nothing."""
    assert [] == notes_of().due


def test_the_others_are_told_which_one_fails():
    """By its place and its kind."""
    assert "What was said on 1 ntfy did not arrive: answered 401." == failing("en", ONE, "answered 401").text
