"""Facts about a trace that is played again: when, from whom, and what."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.text.optout import word_of
from edge.core.wire.reason import Reason
from loadtest.flood.arrival import Kind
from loadtest.flood.choice import choose
from loadtest.flood.file import ScenarioError, parse
from loadtest.flood.stream import arrivals
from loadtest.provider.prices import Prices
from loadtest.provider.segments import segments
from tests.loadtest.floods import config_of
from tests.loadtest.traces import HEAD_BEFORE, JEAN, MARC, PAUL, line, line_before, write

PHASE = """
[[phase]]
name = "people"
lasts = "10s"
messages = 50
arrivals = { process = "constant" }
senders = { from = "distinct" }
genuine = true
"""


def replayed(path, speed=None, **given):
    """Return the arrivals of a trace."""
    return list(arrivals(choose("", [str(path)], speed), **given))


@pytest.fixture
def trace(tmp_path):
    """Write a trace, and return what is played of it."""
    return lambda *lines, **given: replayed(write(tmp_path / "1", *lines), **given)


def test_instants_are_those_of_the_trace_divided_by_the_speed(trace):
    """Counted from its first request."""
    lines = [line(after_ms) for after_ms in (0, 1_500, 60_000)]

    assert [0, 1_500_000, 60_000_000] == [arrival.at_us for arrival in trace(*lines)]
    assert [0, 25_000, 1_000_000] == [arrival.at_us for arrival in trace(*lines, speed=60.0)]


def test_each_hash_is_one_number_in_all_traces(tmp_path):
    """Two workers met the same people; no two of them share a number."""
    one = write(tmp_path / "1", line(0, PAUL), line(2, MARC))
    other = write(tmp_path / "2", line(1, MARC), line(3, JEAN), line(4, PAUL))

    senders = [arrival.sender for arrival in arrivals(choose("", [one, other]))]

    assert [senders[0], senders[1], senders[1], senders[3], senders[0]] == senders
    assert 3 == len(set(senders))
    assert {("+336", 12)} == {(sender[:4], len(sender)) for sender in senders}


@given(st.lists(st.integers(0, 500), min_size=1, max_size=300))
def test_ranks_are_kept(tmp_path_factory, whos):
    """Whoever wrote most in the trace writes most in its replay, and so on down."""
    path = write(tmp_path_factory.mktemp("t") / "1", *(line(n, f"{who:016x}") for n, who in enumerate(whos)))

    again = Counter(arrival.sender for arrival in replayed(path))

    assert sorted(Counter(whos).values()) == sorted(again.values())


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_what_is_sent(trace, reason):
    """What the provider vouched for is a message; what it did not is forged, malformed, too large or too slow."""
    kinds = {
        Reason.BAD_SIGNATURE: Kind.FORGED,
        Reason.NOT_OUR_EDGE: Kind.FORGED,
        Reason.NOT_FOUND: Kind.FORGED,
        Reason.MALFORMED: Kind.MALFORMED,
        Reason.NOT_A_MESSAGE: Kind.MALFORMED,
        Reason.WRONG_METHOD: Kind.MALFORMED,
        Reason.WRONG_TYPE: Kind.MALFORMED,
        Reason.TOO_LARGE: Kind.OVERSIZE,
        Reason.TOO_SLOW: Kind.SLOW_LORIS,
    }
    (arrival,) = trace(line(0, PAUL if reason.from_provider else "", reason))

    assert kinds.get(reason, Kind.FRESH) is arrival.kind
    assert reason.from_provider == arrival.kind.is_message
    assert not arrival.genuine


def test_only_those_are_people_with_a_price_who_were(trace):
    """Whatever the price is that a file names, and however they write otherwise."""
    prices = Prices(config_of())
    arrivals = trace(line(0, PAUL), line(1, MARC, "not_a_person"), line(2, JEAN, "unserved"), line(3, MARC, "paused"))

    assert [True, False, False, False] == [prices.serves(arrival.sender) for arrival in arrivals]
    assert arrivals[1].sender == arrivals[3].sender


def test_a_message_that_came_again_comes_again(trace):
    """With its id and its text, whether it was answered or not; another trace may have had the first of them."""
    one, other, before = "1" * 16, "2" * 16, "3" * 16
    arrivals = trace(
        line(0, PAUL, "sender_limit", message=one),
        line(1, PAUL, message=other),
        line(2, PAUL, "sender_limit", message=one),
        line(3, PAUL, "duplicate", message=other),
        line(4, PAUL, "duplicate", message=before),
        line(5, PAUL, "duplicate", message=before),
    )
    told = [(arrival.message_id, arrival.text) for arrival in arrivals]

    assert ["fresh", "fresh", "retried", "retried", "fresh", "retried"] == [arrival.kind for arrival in arrivals]
    assert (told[0], told[1], told[4]) == (told[2], told[3], told[5])
    assert 3 == len({message_id for message_id, _ in told})


def test_who_is_genuine_is_told_by_the_flood_that_knows(trace):
    """And what nobody has answered yet is an ordinary message."""
    arrivals = trace(line(0, PAUL, None, genuine=True), line(1, MARC, None, genuine=False), line(2, JEAN))

    assert [("fresh", True), ("fresh", False), ("fresh", False)] == [(a.kind, a.genuine) for a in arrivals]


def test_in_the_version_before_a_duplicate_is_the_last_answered_message_of_its_sender(tmp_path):
    """Delivered again, with its id and its text; others' messages, and refused ones, are not repeated."""
    lines = [
        line_before(0, PAUL),
        line_before(1, MARC),
        line_before(2, PAUL, "sender_limit"),
        line_before(3, PAUL, "duplicate"),
        line_before(4, PAUL),
        line_before(5, PAUL, "duplicate"),
    ]
    arrivals = replayed(write(tmp_path / "1", *lines, head=HEAD_BEFORE))
    told = [(arrival.message_id, arrival.text) for arrival in arrivals]

    assert ["fresh", "fresh", "fresh", "retried", "fresh", "retried"] == [arrival.kind for arrival in arrivals]
    assert (told[0], told[4]) == (told[3], told[5])
    assert 4 == len({message_id for message_id, _ in told})


def test_a_duplicate_of_what_came_before_the_trace_is_the_first_delivery(trace):
    """Its retries repeat that."""
    first, second = trace(line(0, PAUL, "duplicate"), line(1, PAUL, "duplicate"))

    assert (Kind.FRESH, Kind.RETRIED) == (first.kind, second.kind)
    assert first.message_id == second.message_id


@pytest.mark.parametrize(
    ("length", "played"), [(0, 1), (1, 1), (2, 2), (3, 3), (10, 10), (11, 11), (12, 12), (24, 24), (1_000, 25)]
)
def test_texts_are_as_many_segments_long_as_they_were(trace, length, played):
    """Up to what one message can carry. What they said is not recorded, and nobody asks to be left alone."""
    arrivals = trace(*(line(n, PAUL, reason, length) for n, reason in enumerate(("answered", "opted_out", "paused"))))

    assert {played} == {segments(arrival.text) for arrival in arrivals}
    assert not any(word_of(arrival.text) for arrival in arrivals)


def test_who_was_not_made_out_is_somebody_else_each_time(trace):
    """Nobody knows how many forgers there are."""
    arrivals = trace(*(line(n, "", "bad_signature", 0) for n in range(100)), line(100, PAUL))

    assert 101 == len({arrival.sender for arrival in arrivals})


def test_a_trace_is_one_flood(trace):
    """Played twice it is the same to the last byte; another seed has other ids and the same instants and senders."""
    lines = [line(n, f"{n % 7:016x}") for n in range(50)]
    first, second, other = trace(*lines), trace(*lines), trace(*lines, seed=1)

    assert first == second
    assert [(a.at_us, a.sender) for a in first] == [(a.at_us, a.sender) for a in other]
    assert not {a.message_id for a in first} & {a.message_id for a in other}


def test_people_may_be_added_to_a_trace(tmp_path):
    """A scenario has both, from different numbers, in one order of time; relative paths begin where the harness does."""
    path = write(tmp_path / "1", *(line(n * 100, f"{n:016x}") for n in range(100)))
    both = list(arrivals(parse(f'description = "A test."\ntrace = {{ files = ["{path}"] }}\n{PHASE}', "test")))

    assert {True: 50, False: 100} == Counter(arrival.genuine for arrival in both)
    assert 150 == len({arrival.sender for arrival in both})
    assert all(earlier.at_us <= later.at_us for earlier, later in pairwise(both))


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_no_flood_is_played_at_no_speed(speed):
    """The factor is above zero."""
    with pytest.raises(ScenarioError, match=r"speed: found .*; write a factor above 0, such as 60"):
        choose("raid", (), speed)


def test_a_scenario_may_be_played_at_another_speed():
    """It is the same flood, faster."""
    assert (2_880, 60) == (choose("raid").speed, choose("raid", (), 60.0).speed)
    assert choose("raid").phase == choose("raid", (), 60.0).phase


def test_a_trace_asks_for_what_holds_of_any_flood(tmp_path):
    """No limit that hangs on what was recorded, and the name of its folder or file."""
    scenario = choose("", [str(tmp_path / "night.jsonl")])

    assert ("night", 1, ("replies.forged <= 0", "messages.errors <= 0")) == (
        scenario.name,
        scenario.speed,
        scenario.thresholds,
    )
