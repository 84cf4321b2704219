"""When it is a flood: the shipped scenarios, minute by minute, after seven usual days; and the bounds themselves."""

from functools import cache

import msgspec
import pytest

from edge.core.alerting.floodwatch import BEGIN, BEGIN_AGAIN, HOURS_MAX, FloodWatch, Minute
from loadtest.flood import file, stream
from tests.torture import rounds

NOTHING = (0, 0)


@cache
def minutes(name, seed):
    """Return messages, and those of senders who wrote before, in each minute of a scenario."""
    scenario, found, seen = file.load(name), {}, set()
    for arrival in stream.arrivals(scenario, seed=seed):
        if arrival.kind.is_message and not arrival.kind.is_repeat:
            messages, again = found.get(minute := int(arrival.at_us * scenario.speed / 60e6), NOTHING)
            found[minute] = messages + 1, again + (arrival.sender in seen)
            seen.add(arrival.sender)
    return [found.get(minute, NOTHING) for minute in range(max(found) + 1)]


def play(watch, sums):
    """Feed sums; return the minutes in which a flood began or ended."""
    changes = []
    for number, (messages, again) in enumerate(sums):
        if watch.feed(Minute(messages, again, 0, 0, 7_500 * messages)) is not None:
            changes.append(("began" if watch.flood else "ended", number))
    return changes


def after_usual_days():
    """Return a watch after seven ordinary days, which were none of them a flood."""
    return msgspec.json.decode(_after_usual_days(), type=FloodWatch)


@cache
def _after_usual_days():
    watch = FloodWatch()
    days = [minute for seed in range(4) for minute in minutes("calm", seed)][: 7 * 24 * 60]

    assert [] == play(watch, days)
    return msgspec.json.encode(watch)


def due(sums):
    """Return the minute of the 150th message in ten, or of the 60th in an hour from senders who wrote before."""
    return next(
        now
        for now in range(len(sums))
        if sum(messages for messages, _ in sums[max(0, now - 9) : now + 1]) >= 150
        or sum(again for _, again in sums[max(0, now - 59) : now + 1]) >= 60
    )


@pytest.mark.parametrize("name", ["raid", "sybil", "block", "one-troll", "weekend-2017", "spend-race"])
def test_a_flood_is_told_in_its_minute_and_ends_within_half_an_hour(name):
    """Once each, if it comes once; the one of 2017 came in several waves, none of them shorter than twenty minutes."""
    sums = minutes(name, 1)
    last = max(minute for minute, (messages, _) in enumerate(sums) if messages > 5)
    changes = play(after_usual_days(), [*sums, *[NOTHING] * 60])

    assert due(sums) <= changes[0][1] <= due(sums) + 1
    assert last < changes[-1][1] <= last + 30
    assert ["began", "ended"] * (len(changes) // 2) == [what for what, _ in changes]
    assert name == "weekend-2017" or len(changes) == 2


@pytest.mark.parametrize("name", ["calm", "viral"])
def test_people_are_no_flood(name):
    """Neither in a month of ordinary days, nor in thirty days on which everybody tells others."""
    watch = after_usual_days()

    assert [] == [change for seed in range(rounds(2, many=30)) for change in play(watch, minutes(name, seed))]


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ([(BEGIN - 1, 0)], []),
        ([(BEGIN, 0)], [("began", 0)]),
        ([(BEGIN // 10, 0)] * 10, [("began", 9)]),
        ([(1, 1)] * (BEGIN_AGAIN - 1) + [NOTHING] * 60, []),
        ([(1, 1)] * BEGIN_AGAIN, [("began", BEGIN_AGAIN - 1)]),
        ([(BEGIN, 0), *[NOTHING] * 40], [("began", 0), ("ended", 20)]),
        ([(BEGIN, 0), *[(8, 0)] * 40], [("began", 0)]),
        ([(BEGIN, 0), *[(1, 1)] * 40], [("began", 0)]),
    ],
)
def test_where_it_begins_and_ends(sums, expected):
    """Twenty minutes with less than half of what begins it end it."""
    assert expected == play(FloodWatch(), sums)


def test_a_number_that_usually_gets_many_needs_more():
    """Three times as much as its busy hours; what a flood brings is never usual."""
    watch = FloodWatch()
    busy = [(12, 2)] * 60 * 24
    first = play(watch, busy)
    watch = FloodWatch(hours=[(720, 120, 0)] * 24)

    assert [("began", 29)] == first[:1]
    assert [] == watch.hours[24:]
    assert [] == play(watch, [(30, 2)] * 120)
    assert [("began", 0)] == play(watch, [(400, 0)])[:1]


def test_what_is_remembered_is_bounded():
    """A week of hours, an hour of minutes."""
    watch = FloodWatch()
    play(watch, [(1, 0)] * 60 * (HOURS_MAX + 5))

    assert (61, HOURS_MAX) == (len(watch.minutes), len(watch.hours))
    assert (60, 0, 450_000) == watch.hours[0]
    assert 60 == watch.usual(0)


def test_the_sums_of_a_flood_are_those_from_its_first_ten_minutes_on():
    """So that what it cost can be told."""
    watch = FloodWatch()
    play(watch, [(20, 0)] * 12)
    [ended] = [found for _ in range(40) if (found := watch.feed(Minute())) is not None]

    assert Minute(240, 0, 0, 0, 240 * 7_500) == ended
