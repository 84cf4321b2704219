"""Facts about what a file came to: who was answered, who got the money, and what no policy could have bettered."""

import pytest

from edge.core.showing.forecast import Purse
from edge.simulation.night import Sender
from edge.simulation.outcome import bound
from edge.units import DAY_MS, HOUR_MS
from tests.simulation.parts import FLOODED, configured, flood, head, line, outcome


def wrote(first_ms, last_ms, *, genuine=True):
    """Return a sender who wrote between two instants."""
    return Sender(genuine=genuine, is_served=True, first_ms=first_ms, last_ms=last_ms)


def test_people_and_trolls_are_told_apart_where_the_flood_knows_them():
    """All people, those who first wrote in the flood, and what the others got."""
    found = outcome(*flood(), first=FLOODED)

    assert (20, 20, 1, 1) == (found.people, found.people_answered, found.flood_people, found.flood_people_answered)
    assert (300 * 76_300, 320 * 76_300) == (found.trolls_micros, found.replies_micros)
    assert 320 * (76_300 + 7_500) == found.bill_micros


def test_of_a_recorded_night_only_senders_are_known():
    """Who of them is genuine no worker can say."""
    found = outcome(line(0), line(1), line(2, "+15550100000", prefix="", blocks=[], reason="unserved"))

    assert (1, 1, None, None, None, None, None) == (
        found.senders, found.senders_answered, found.people, found.people_answered, found.flood_people,
        found.trolls_micros, found.bound,
    )  # fmt: skip
    assert {"senders", "replies", "receiving", "bill", "bill a day"} == found.figures().keys()


def test_money_by_day_is_all_the_money():
    """Replies and receiving of each 24 hours."""
    found = outcome(line(0), line(DAY_MS + 1), line(DAY_MS + 2, "+33639000002"))

    assert ((76_300, 7_500), (2 * 76_300, 2 * 7_500)) == found.by_day_micros
    assert pytest.approx(0.2514 * DAY_MS / (DAY_MS + 2)) == found.figures()["bill a day"]


def test_when_the_kitty_ended_counts_from_the_first_message():
    """Of a trace's clock nothing else is known."""
    lines = [line(n * 1_000, f"+3363900{n:04}") for n in range(5)]

    assert 2_000 == outcome(*lines, config=configured(kitty="0.2")).kitty_ended_ms


def test_the_bound_is_what_the_money_pays_in_the_flood():
    """Of 10 replies and 100 senders who cannot be told apart one in ten is answered; who also writes later may be then."""
    purse = Purse(2_000_000_000, 24_000_000, 0)  # 1 EUR an hour
    inside, outside, later = (
        wrote(10, 20), wrote(2 * HOUR_MS, 2 * HOUR_MS), wrote(10, 3 * HOUR_MS)
    )  # fmt: skip
    trolls = [wrote(5, 6, genuine=False)] * 98
    people = [inside, inside, outside, later]

    assert pytest.approx(0.55) == bound(purse, 100_000, people, [*people, *trolls], [(0, HOUR_MS)])
    assert 1.0 == bound(purse, 100_000, people, people, [(0, HOUR_MS)])
    assert 1.0 == bound(purse, 100_000, people, people, [])
    assert pytest.approx(0.5 + 0.5 / 100) == bound(Purse(100_000, 24_000_000, 0), 100_000, people, [*people, *trolls], [(0, HOUR_MS)])  # fmt: skip


def test_no_file_exceeds_the_bound():
    """A pace of 1.50 EUR a day under 300 strangers."""
    found = outcome(*flood(), first=FLOODED, config=configured(per_day="1.5", burst="0.3"))

    assert found.people_answered / found.people <= found.bound < 1


def test_where_nobody_is_answered_there_is_no_bound():
    """Nothing says what a reply would cost."""
    found = outcome(*flood(), first=FLOODED, config=configured("[number]", "paused = true\n[number]"))

    assert (0, None) == (found.people_answered, found.bound)
    assert outcome(line(genuine=True), first=head()).flood_people is None
