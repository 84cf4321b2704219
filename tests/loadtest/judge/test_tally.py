"""Facts about what a Locust process counts: it adds up exactly, in whatever order and in however many pieces."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.flood.arrival import Arrival, Kind
from loadtest.judge.seen import Moment, Reply, Unpaid
from loadtest.judge.tally import Tally
from loadtest.provider.billing import Billed
from loadtest.provider.reading import LOST, Outcome, Reading

_answers = st.sampled_from(
    [
        Reading(Outcome.REPLY, "Non.", 1),
        Reading(Outcome.SILENCE),
        Reading(Outcome.REFUSED),
        Reading(Outcome.ERROR),
        LOST,
    ]
)
_records = st.lists(
    st.tuples(
        st.integers(0, 50),
        st.sampled_from(Kind),
        _answers,
        st.integers(0, 10**7),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
    max_size=25,
)


def arrival(index=7, kind=Kind.FRESH, at_us=1_000_000):
    """Return an arrival with a number and an id of its own."""
    return Arrival(index, at_us, f"+336{index:08}", "Salut", f"SM{index}", kind, genuine=True)


def tally_of(records, process=0):
    """Return the tally of a process that has seen these."""
    tally = Tally()
    for index, kind, reading, at_us, lag_us, service_us in records:
        price = 76_300 * reading.segments
        tally.record(arrival(index, kind, at_us), reading, price, at_us + lag_us, at_us + lag_us + service_us)
        tally.played(process, at_us)
    tally.connections, tally.connection_limit_hits = len(records), len(records) // 3
    tally.cpu_share = len(records) / 100
    tally.held_back = [index for index, *_ in records if not index % 3]
    return tally


def merged(*tallies):
    """Return the sum of tallies that came as messages, as a message."""
    whole = Tally()
    for tally in tallies:
        whole.merge(Tally.from_dict(json.loads(json.dumps(tally.to_dict()))))
    return whole.to_dict()


@settings(max_examples=30)
@given(_records, _records, _records)
def test_merging_is_associative_and_commutative(first, second, third):
    """Whoever reports first, and whoever has been merged with whom before: the sum is the same."""
    a, b, c = tally_of(first, 0), tally_of(second, 1), tally_of(third, 2)
    left = Tally.from_dict(merged(a, b))

    assert merged(left, c) == merged(c, b, a)


@settings(max_examples=30)
@given(_records)
def test_a_flood_cut_in_three_is_the_whole_flood(records):
    """Arrival i counted by process i mod 3 gives what one process would have counted."""
    whole = tally_of(records)
    parts = [tally_of(records[place::3]) for place in range(3)]
    together = merged(*parts)
    for name in ("connections", "connection_limit_hits", "cpu_share"):
        together[name] = getattr(whole, name)

    assert whole.to_dict() == together


def test_a_reply_is_kept_with_what_it_costs():
    """Money is kept arrival by arrival, with the two instants between which it was spent."""
    tally = Tally()
    tally.record(arrival(), Reading(Outcome.REPLY, "Non.", 1), 76_300, 1_000_100, 1_000_900)

    assert [Reply(7, Kind.FRESH, "+33600000007", "SM7", "Non.", 1, 76_300, 1_000_100, 1_000_900)] == tally.replies


def test_latencies_are_measured_from_three_instants():
    """Corrected counts from when it was due, service from when it was sent, and lag is the difference."""
    tally = Tally()
    tally.record(arrival(at_us=1000), Reading(Outcome.SILENCE), 0, 1100, 1350)

    assert (350, 250, 100) == (tally.corrected.max_us, tally.service.max_us, tally.lag.max_us)


def test_the_course_of_a_flood_is_kept_in_tenths_of_a_second():
    """A request counts where it was sent, and again where it was answered."""
    tally = Tally()
    tally.record(arrival(at_us=90_000), Reading(Outcome.SILENCE), 0, 90_000, 210_000)

    assert {0: Moment(sent=1, done=0), 2: Moment(sent=0, done=1)} == tally.moments


def test_a_lost_request_is_kept_because_it_may_have_been_paid():
    """A timeout is not silence: the money may be gone."""
    tally = Tally()
    tally.record(arrival(), LOST, 0, 5, 10)

    assert [Unpaid(7, Kind.FRESH, "+33600000007", "SM7", 5, Billed(1))] == tally.unknown
    assert {0: Moment(sent=1, done=0)} == tally.moments


def test_a_silent_repeat_is_kept_because_the_first_one_may_have_been_answered():
    """Whether the same answer came twice is judged when everything has been seen."""
    tally = Tally()
    tally.record(arrival(kind=Kind.RETRIED), Reading(Outcome.SILENCE), 0, 5, 10)

    assert [Unpaid(7, Kind.RETRIED, "+33600000007", "SM7", 5, Billed(1))] == tally.silent_repeats


def test_a_slow_loris_has_no_latency():
    """A request that never ends is counted and nothing more."""
    tally = Tally()
    tally.record(arrival(kind=Kind.SLOW_LORIS), LOST, 0, 5, 10)

    assert (1, 0, {}, []) == (tally.count(kind=Kind.SLOW_LORIS), tally.corrected.count, tally.moments, tally.unknown)


def test_who_was_not_waited_for_has_no_latency():
    """Of unknown outcome, so that it may have cost money; nothing is said of how long the worker takes."""
    tally = Tally()
    tally.give_up(arrival(), 1_000_005)
    tally.give_up(arrival(8, Kind.SLOW_LORIS), 1_000_005)

    assert (2, 0, 0) == (tally.count(outcome=Outcome.UNKNOWN), tally.corrected.count, tally.lag.count)
    assert [Unpaid(7, Kind.FRESH, "+33600000007", "SM7", 1_000_005, Billed(1))] == tally.unknown
    assert 1 == sum(moment.sent for moment in tally.moments.values())


def test_counts_can_be_asked_by_kind_and_by_outcome():
    """Both together, one alone, or all."""
    tally = Tally()
    tally.record(arrival(1, Kind.FORGED), Reading(Outcome.REFUSED), 0, 0, 1)
    tally.record(arrival(2), Reading(Outcome.SILENCE), 0, 0, 1)

    assert (2, 1, 1, 0) == (
        tally.count(),
        tally.count(kind=Kind.FORGED),
        tally.count(outcome=Outcome.SILENCE),
        tally.count(kind=Kind.FORGED, outcome=Outcome.SILENCE),
    )
