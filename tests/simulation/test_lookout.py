"""Facts about the watch of a night that is played: it looks when a watch would, and what it decides is the policy's."""

from edge.configfile import parse
from edge.simulation.lookout import LOOK_MS
from edge.simulation.outcome import outcome_of
from edge.simulation.play import play
from edge.units import DAY_MS, MINUTE_MS
from edge.watch.watch import LENGTH_MS, LOOKS
from tests.simulation.parts import BEGAN_MS, FLOODED, flood, line, night
from tests.worker import config

FRENCH = ', "+44" = "0.04"'
"""Without it one price decides whether somebody can be paid."""


def file_of(*lines, before="", **money):
    """Return the tests' file with one price, and with lines in its `[receiving]`."""
    text = config(**money).replace(FRENCH, "")
    return parse("\n".join([before, "[receiving]", *lines, text]))


def detached(*lines, **money):
    """Return one with `detach = "yes"`."""
    return file_of('detach = "yes"', *lines, **money)


def strangers(count, every_ms, start_ms=0):
    """Return messages of as many strangers."""
    return [line(start_ms + n * every_ms, f"+3362{n * 7_919 % 10**7:07}", genuine=False) for n in range(count)]


def test_it_looks_as_often_as_a_watch():
    """A quarter of the length of a lease."""
    assert LENGTH_MS // LOOKS == LOOK_MS


def test_a_file_that_does_not_ask_for_it_is_never_detached():
    """Nor one that has it said."""
    for chosen in ("no", "say"):
        result = play(file_of(f'detach = "{chosen}"'), night(*strangers(2_000, 500)))
        assert (0, 0, ()) == (result.held_back, result.off_ms, result.changes_ms)


def test_a_flood_of_strangers_is_held_back_once_nobody_can_be_paid():
    """Three are paid within three seconds, and that is a flood; the provider takes as long as it was told."""
    one, file = night(*strangers(4_000, 1_000)), detached(per_day="1.5", burst="0.3")
    at_once, later = (play(file, one, delay_ms=delay_ms) for delay_ms in (0, 60_000))
    off_ms = at_once.changes_ms[1] - at_once.changes_ms[0]

    assert LOOK_MS == at_once.changes_ms[0] - BEGAN_MS == later.changes_ms[0] - BEGAN_MS
    assert 4_000 == at_once.held_back + sum(at_once.counts.values())
    assert later.held_back == 4_000 - sum(later.counts.values()) < at_once.held_back - 30
    assert 15 * MINUTE_MS <= off_ms <= 45 * MINUTE_MS + LOOK_MS


def test_people_lose_little_where_nobody_could_be_paid():
    """Of twenty at most one writes in the time off that outlives an hour's flood; strangers cost a tenth."""
    told, lines = [], flood(trolls=3_000, every_ms=1_200)
    for file in (file_of(per_day="1.5", burst="0.3"), detached(per_day="1.5", burst="0.3")):
        one = night(*lines, first=FLOODED)
        told.append(outcome_of(file, one, play(file, one)))
    never, off = told

    assert never.people_answered - 1 <= off.people_answered
    assert 3_020 * 7_500 == never.received_micros > 10 * off.received_micros


def test_one_night_is_one_result_and_another_seed_another():
    """Chance follows from the seed."""
    file, one = detached(per_day="1.5", burst="0.3"), night(*strangers(10_000, 1_000))

    assert play(file, one) == play(file, one)
    assert play(file, one, seed="1").changes_ms != play(file, one, seed="2").changes_ms


def test_a_pause_of_the_file_detaches_at_once_and_for_good():
    """Nobody is answered, so nothing needs to be delivered."""
    one = night(*strangers(100, MINUTE_MS))
    result = play(file_of('detach = "yes"', before="paused = true"), one)

    assert (1, 99) == (sum(result.counts.values()), result.held_back)
    assert 1 == len(result.changes_ms)
    assert () == play(detached(), one).changes_ms


def test_the_last_resort_lets_go_when_nothing_is_owed():
    """A look a minute, since no timer runs."""
    file = detached('per-answer = "1000"', 'per-day = "24"', 'burst = "0.75"', per_day="1000", burst="100")
    lines = [line(n * 100, "+33639000001", genuine=False) for n in range(200)]
    result = play(file, night(*lines, line(DAY_MS, "+33639000002", genuine=True)), delay_ms=0)
    off_ms = result.changes_ms[1] - result.changes_ms[0]

    assert 2 == len(result.changes_ms)
    assert 30 * MINUTE_MS <= off_ms <= 31 * MINUTE_MS
    assert 0 == off_ms % MINUTE_MS
