"""Facts about the watch of a night that is played: it looks when a watch would, and what it decides is the policy's."""

import json

from edge.configfile import parse
from edge.simulation.lookout import LOOK_MS
from edge.simulation.outcome import outcome_of
from edge.simulation.play import Off, play
from edge.simulation.report import night_lines, night_values
from edge.units import DAY_MS, MINUTE_MS
from edge.watch.watch import LENGTH_MS, LOOKS
from tests.simulation.parts import BEGAN_MS, FLOODED, flood, head, line, night
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
        assert (Off(),) == result.off


def test_a_flood_of_strangers_is_held_back_once_nobody_can_be_paid():
    """Three are paid within three seconds, and that is a flood; the provider takes as long as it was told."""
    one, file = night(*strangers(4_000, 1_000)), detached(per_day="1.5", burst="0.3")
    at_once, later = (play(file, one, delay_ms=delay_ms) for delay_ms in (0, 60_000))
    (first,), (second,) = at_once.off, later.off
    off_ms = first.changes_ms[1] - first.changes_ms[0]

    assert LOOK_MS == first.changes_ms[0] - BEGAN_MS == second.changes_ms[0] - BEGAN_MS
    assert 4_000 == first.held_back + sum(at_once.counts.values())
    assert second.held_back == 4_000 - sum(later.counts.values()) < first.held_back - 30
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
    assert play(file, one, seed="1").off != play(file, one, seed="2").off


def test_a_pause_of_the_file_detaches_at_once_and_for_good():
    """Nobody is answered, so nothing needs to be delivered."""
    one = night(*strangers(100, MINUTE_MS))
    result = play(file_of('detach = "yes"', before="paused = true"), one)
    [off] = result.off

    assert (1, 99) == (sum(result.counts.values()), off.held_back)
    assert 1 == len(off.changes_ms)
    assert (Off(),) == play(detached(), one).off


def test_the_last_resort_lets_go_when_nothing_is_owed():
    """A look a minute, since no timer runs."""
    file = detached('per-answer = "1000"', 'per-day = "24"', 'burst = "0.75"', per_day="1000", burst="100")
    lines = [line(n * 100, "+33639000001", genuine=False) for n in range(200)]
    result = play(file, night(*lines, line(DAY_MS, "+33639000002", genuine=True)), delay_ms=0)
    [off] = result.off
    off_ms = off.changes_ms[1] - off.changes_ms[0]

    assert 2 == len(off.changes_ms)
    assert 30 * MINUTE_MS <= off_ms <= 31 * MINUTE_MS
    assert 0 == off_ms % MINUTE_MS


TWO = """[[number]]
phone = "+33937000001"
provider = "twilio"
url = "https://sms.example.org/other"

[reply]
"""


def of_two(*lines, **money):
    """Return a file of two numbers that may be detached."""
    text = config(**money).replace(FRENCH, "").replace("[number]", "[[number]]").replace("[reply]\n", TWO)
    return parse("\n".join(["[receiving]", 'detach = "yes"', *lines, text]))


def to(number, lines):
    """Return messages as ones that were written to a number."""
    return [json.dumps([*json.loads(one), number]).encode() + b"\n" for one in lines]


def night_of_two(first, second):
    """Return a night in which messages come to both numbers."""
    lines = sorted([*to(0, first), *to(1, second)], key=lambda one: json.loads(one)[0])
    return night(*lines, first=head().replace(b'"prefixes"', b'"numbers": 2, "prefixes"'))


def people(count, every_ms):
    """Return messages of as many people."""
    return [line(n * every_ms, f"+3363{n:07}", genuine=True) for n in range(count)]


def test_a_number_that_is_flooded_is_detached_while_the_other_answers():
    """By its own share, which pays nobody, and by what it receives itself."""
    file = of_two("people-per-day = 1000", per_day="24", burst="8")
    result = play(file, night_of_two(people(30, 4 * MINUTE_MS), strangers(7_200, 1_000)))
    first, second = result.off

    assert Off() == first
    assert 5_000 < second.held_back == 7_230 - sum(result.counts.values())
    assert second.off_ms > 90 * MINUTE_MS


def test_what_two_numbers_do_is_what_the_watch_would_do():
    """The last resort is that of both; each has chance of its own."""
    one = night_of_two(strangers(200, 1_000), strangers(200, 1_000, start_ms=1))
    file = of_two('per-answer = "1000"', 'per-day = "24"', 'burst = "0.75"', per_day="1000", burst="100")
    dear = of_two('per-answer = "0.01"', per_day="1000", burst="100")
    both, apart = (
        play(file, one, delay_ms=0),
        play(dear, night_of_two(strangers(9_000, 1_000), strangers(9_000, 1_000, start_ms=1))),
    )

    assert 1 == len({off.changes_ms for off in both.off})
    assert [1, 1] == [len(off.changes_ms) for off in both.off]
    assert 2 == len({off.changes_ms[1] for off in apart.off})
    assert 1 == len({off.changes_ms[0] for off in apart.off})


def test_each_number_is_told_with_its_time_off():
    """By its place in the file; all together are the sums, and the worst of them."""
    file = of_two("people-per-day = 1000", per_day="24", burst="8")
    one = night_of_two(people(30, 4 * MINUTE_MS), strangers(7_200, 1_000))
    found = outcome_of(file, one, play(file, one))
    said, values = list(night_lines("n", found, "EUR")), night_values("n", found)

    assert any(
        text.startswith("number[0] detached: 0.0 hours, in which 0 messages were held back; 0 ch") for text in said
    )
    assert any(text.startswith("number[1] detached: ") for text in said)
    assert [0, found.held_back] == [number["held_back"] for number in values["numbers"]]
    assert found.changes == values["numbers"][1]["changes_in_a_day"] == values["changes_in_a_day"]
