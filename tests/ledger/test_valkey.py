"""The ledger on a server: where it decides as the books do, what it keeps, and what it never takes for a fresh start."""

import asyncio

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.core.charging.charge import Tally
from edge.core.charging.pace import cost_at
from edge.core.limits.bucket import count_limit
from edge.core.limits.rules import Pace, Sharing
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger import breaker
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.opening import create, prepare
from edge.ledger.valkey import KEPT
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import MICROS, NOW_MS, Clock, OnServer, charge, ids, key16, rules
from tests.torture import rounds

FILES = [
    rules(
        sender=count_limit(burst=2, count=2, period_ms=8 * HOUR_MS),
        block=count_limit(burst=3, count=3, period_ms=HOUR_MS),
        kitty_micros=12 * MICROS,
    ),
    rules(
        sender=count_limit(burst=1, count=7, period_ms=DAY_MS + 1),
        block=count_limit(burst=5, count=3, period_ms=40 * DAY_MS - 1),
        kitty_micros=14 * MICROS,
    ),
    rules(
        sender=count_limit(burst=2, count=2, period_ms=8 * HOUR_MS),
        block=count_limit(burst=5, count=3, period_ms=HOUR_MS),
        kitty_micros=14 * MICROS,
        numbers=("+33937000000", "+33937000001"),
    ),
]
"""Of three workers; the second one's rates are fractions that nothing divides, and the third one has two numbers."""
PRICES = [
    [
        cost_at(micros, Pace(burst, per_day), Sharing(2 * MICROS + 1, share, numbers))
        for micros in (MICROS, 2 * MICROS + 1)
    ]
    for burst, per_day, share, numbers in (
        (6 * MICROS, 20 * MICROS, 500, 1), (7 * MICROS - 1, 999_983, 333, 1), (13 * MICROS - 1, 999_983, 400, 2),
    )
]  # fmt: skip
FILE = st.integers(0, 2)
STEPS_MS = st.sampled_from([sign * ms for ms in (MINUTE_MS, HOUR_MS, DAY_MS, 40 * DAY_MS) for sign in (1, -1)])
EVENTS = st.one_of(
    st.tuples(
        *(st.just("admit"), FILE, st.integers(0, 30), st.integers(0, 3), st.integers(0, 1), st.integers(0, 1)),
        st.booleans(),
    ),
    st.tuples(st.just("opt_out"), FILE, st.integers(0, 3)),
    st.tuples(st.just("tell"), FILE, st.integers(0, 9)),
    st.tuples(st.just("pause"), FILE, st.sampled_from([None, MINUTE_MS, DAY_MS])),
    st.tuples(st.just("resume"), FILE),
    st.tuples(st.just("step"), st.one_of(STEPS_MS, st.integers(-20_000, 20_000))),
)


@given(events=st.lists(EVENTS, max_size=40))
@settings(max_examples=rounds(25, many=400), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_script_decides_as_the_books_do(runner, server, shows, events):
    """Whatever is asked by whichever file in whatever order, the script and the books in memory say the same, to the unit."""
    on_server = OnServer(runner, server)
    clock, books = Clock(), MemoryBooks()
    pairs = [(on_server.ledger(limits), MemoryLedger(limits, clock, lambda _: None, books)) for limits in FILES]
    told = [0] * len(FILES)
    for event in events:
        match event:
            case ("step", ms):
                on_server.step(ms)
                clock.now_ms += ms
                continue
            case (kind, file, *given_):
                ledger, memory = pairs[file]
                told[file] += 7_500
        if kind == "admit":
            message, sender, block, price, knock = given_
            number = FILES[file].numbers[message % 2] if FILES[file].numbers else ""
            wanted = charge(message, sender, block, PRICES[file][price], told[file], knock=knock, number=number)
            assert runner.run(memory.admit(wanted)) == ledger.admit(wanted)
        elif kind == "opt_out":
            assert runner.run(memory.opt_out(key16(given_[0]))) == ledger.opt_out(key16(given_[0]))
        elif kind == "pause":
            assert runner.run(memory.pause(given_[0])) == ledger.pause(given_[0])
        elif kind == "resume":
            assert runner.run(memory.resume()) == ledger.resume()
        else:
            tally = Tally({Reason.UNSERVED: given_[0], Reason.SENDER_LIMIT: told[file]}, told[file])
            assert runner.run(memory.tell(tally)) == ledger.tell(tally)
    ledger, memory = pairs[0]
    expected, totals = runner.run(memory.totals()), ledger.totals()
    on_server.close()
    on_server.clear()

    shows("P1", "P2", "P4", rounds=1, requests=len(events), faults=sum(kind == "step" for kind, *_ in events))

    assert {**msgspec.structs.asdict(expected), "counts": seen(expected)} == {
        **msgspec.structs.asdict(totals),
        "counts": seen(totals),
    }


def seen(totals):
    """Return the reasons that were seen."""
    return {reason: count for reason, count in totals.counts.items() if count}


def fill(on_server):
    """Return a ledger that has something under each of its keys."""
    ledger = on_server.ledger()
    ledger.admit(charge(1))
    ledger.admit(charge(2, number=on_server.phone))
    ledger.opt_out(key16(2))
    return ledger


@pytest.mark.parametrize("name", [name for name in KEPT if name != "tally"])
def test_a_key_that_is_gone_is_never_taken_for_nothing_spent(on_server, monkeypatch, name):
    """Whichever key the server has evicted or lost, nothing is answered any more, by old workers and by new ones."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    ledger = fill(on_server)
    with on_server.server.client() as client:
        client.delete(on_server.key(name))

    for asked in (ledger, on_server.ledger(), ledger):
        with pytest.raises(LedgerDown, match="LOST"):
            asked.admit(charge(3))
        with pytest.raises(LedgerDown, match="LOST"):
            asked.totals()


def test_a_part_of_a_key_that_is_gone_is_noticed(on_server):
    """One sender less than the account says is a loss, too."""
    ledger = fill(on_server)
    with on_server.server.client() as client:
        client.zrem(on_server.key("senders"), key16(1).hex())

    with pytest.raises(LedgerDown, match="LOST keys are missing"):
        ledger.admit(charge(3))


def test_a_ledger_begun_anew_is_not_mixed_with_the_old_one(on_server, monkeypatch):
    """A worker of the ledger before is down until it is restarted: what it knows is about other money."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    ledger = fill(on_server)
    on_server.clear()
    create(on_server.place)
    prepare(on_server.place)
    on_server.set_clock(NOW_MS)

    with pytest.raises(LedgerDown, match="another ledger was begun in its place; restart the worker"):
        ledger.admit(charge(3))
    assert 0 == on_server.ledger().totals().spent_micros


def test_no_number_gets_to_the_server(on_server):
    """Keys and values hold hashes and ids; the only number is our own, in the names of the keys."""
    fill(on_server)
    with on_server.server.client() as client:
        kept = client.zrange(on_server.key("senders"), 0, -1) + list(client.smembers(on_server.key("opted_out")))

    assert {key16(1).hex(), key16(2).hex()} == set(kept)


def test_what_a_worker_has_told_is_forgotten_after_a_day(on_server):
    """The marks of each worker expire by themselves: workers come and go."""
    ledger = on_server.ledger()
    ledger.tell(Tally({Reason.UNSERVED: 1}, 100))
    with on_server.server.client() as client:
        [name] = client.keys(on_server.key("told:*"))
        lasts_ms = client.pttl(name)
        kept = [client.ttl(on_server.key(name)) for name in KEPT]

    assert DAY_MS - MINUTE_MS < lasts_ms <= DAY_MS
    assert set(kept) <= {-1, -2}


def test_marks_that_expired_are_not_counted_again(on_server):
    """A worker remembers what the server has confirmed, so that nothing is added twice after a day of silence."""
    ledger = on_server.ledger()
    ledger.tell(Tally({Reason.UNSERVED: 5}, 100))
    with on_server.server.client() as client:
        client.delete(*client.keys(on_server.key("told:*")))
    ledger.tell(Tally({Reason.UNSERVED: 7}, 150))
    totals = ledger.totals()

    assert 7 == totals.counts[Reason.UNSERVED]
    assert 150 == totals.received_micros


def test_a_step_whose_answer_is_lost_is_not_told_twice(on_server, monkeypatch):
    """A server that answers too late has counted once, however often it is told again; the charge is a duplicate then."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    monkeypatch.setattr("edge.ledger.valkey_server.ANSWER_S", 0.1)
    ledger = on_server.ledger()
    ledger.totals()
    on_server.server.pause()
    with pytest.raises(LedgerDown, match="no answer within"):
        ledger.tell(Tally({Reason.UNSERVED: 5}, 100))
    with pytest.raises(LedgerDown, match="no answer within"):
        ledger.admit(charge(1, received=100))
    on_server.server.resume()
    with on_server.server.client() as client:
        client.ping()  # the server has read by now what was sent before
    ledger.tell(Tally({Reason.UNSERVED: 5}, 100))
    decision = ledger.admit(charge(1, received=100))
    totals = on_server.ledger().totals()

    assert decision.reason in {Reason.DUPLICATE, Reason.ANSWERED}
    assert (1, 100, 5) == (totals.replies, totals.received_micros, totals.counts[Reason.UNSERVED])


def test_a_hundred_questions_at_once_are_one_round_trip(on_server):
    """What waits goes together."""
    ledger = on_server.ledger()
    ledger.totals()
    with on_server.server.client() as client:

        def calls():
            return client.info("commandstats")["cmdstat_evalsha"]["calls"]

        async def ask():
            return await asyncio.gather(*(ledger.ledger.admit(charge(n)) for n in range(100)))

        before = calls()
        decisions = on_server.runner.run(ask())
        trips = calls() - before

    assert [Reason.ANSWERED] * 100 == [decision.reason for decision in decisions]
    assert 1 == trips


def test_a_script_that_the_server_forgot_is_sent_again(on_server):
    """After SCRIPT FLUSH or a restart the script is sent once more, and nobody notices."""
    ledger = on_server.ledger()
    with on_server.server.client() as client:
        client.script_flush()

    assert Reason.ANSWERED is ledger.admit(charge(1)).reason


def test_a_server_out_of_memory_refuses_the_whole_step(on_server, monkeypatch):
    """With no memory left nothing is charged or half done, and it goes on by itself when there is some."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    ledger = fill(on_server)
    on_server.step(HOUR_MS)  # the blocks are full again, and would be the first to go
    before = on_server.rows()
    with on_server.server.client() as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(LedgerDown, match="maxmemory"):
            ledger.tell(Tally({}, 0))
        with pytest.raises(LedgerDown, match="maxmemory"):
            ledger.admit(charge(3))
        client.config_set("maxmemory", 0)
    after = on_server.rows()

    assert before == after
    assert Reason.ANSWERED is ledger.admit(charge(3)).reason
    assert 3 == ledger.totals().replies


def test_a_replica_is_not_written_to(on_server, monkeypatch):
    """A server that has become a replica is down; when it is the primary again, it goes on."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    ledger = fill(on_server)
    with on_server.server.client() as client:
        client.replicaof("127.0.0.1", 1)
        with pytest.raises(LedgerDown, match="replica"):
            ledger.admit(charge(3))
        client.replicaof("NO", "ONE")

    assert Reason.ANSWERED is ledger.admit(charge(3)).reason


def test_a_primary_that_lost_its_replicas_refuses_if_it_is_told_to(on_server, monkeypatch):
    """With min-replicas-to-write a primary that is alone charges nothing, and goes on when it need not have any."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    ledger = fill(on_server)
    with on_server.server.client() as client:
        client.config_set("min-replicas-to-write", 1)
        with pytest.raises(LedgerDown, match="replicas"):
            ledger.admit(charge(3))
        client.config_set("min-replicas-to-write", 0)

    assert Reason.ANSWERED is ledger.admit(charge(3)).reason


def test_charges_turn_over_once_a_day(on_server):
    """A charge is forgotten at the second turn after it, if a hundred thousand others came since."""
    ledger = fill(on_server)
    seen = []
    for _ in range(3):
        with on_server.server.client() as client:
            client.hincrby(on_server.key("account"), "replies", 100_000)
        on_server.step(DAY_MS)
        ledger.tell(Tally({}, 0))
        with on_server.server.client() as client:
            seen.append(client.zcard(on_server.key("charges")))

    assert [2, 0, 0] == seen
    assert Reason.ANSWERED is ledger.admit(charge(3)).reason


def test_the_newest_charges_are_kept_however_old(on_server):
    """A clock that is far ahead makes nothing recent forgotten."""
    ledger = fill(on_server)
    for _ in range(4):
        on_server.step(400 * DAY_MS)
        ledger.tell(Tally({}, 0))

    assert Reason.DUPLICATE is ledger.admit(charge(1)).reason


def test_a_new_worker_does_not_hear_what_nobody_retries(on_server):
    """Charges from before the turn before the last one are no news."""
    heard = []
    ledger = fill(on_server)
    for _ in range(3):
        on_server.step(DAY_MS)
        ledger.tell(Tally({}, 0))
    ledger.admit(charge(3))
    on_server.ledger(hear=heard.extend).totals()

    assert ids(3) == heard


def test_reasons_of_another_version_are_left_out(on_server):
    """A tally that a newer program has written does not keep this one from reading the rest."""
    ledger = on_server.ledger()
    ledger.tell(Tally({Reason.UNSERVED: 2}, 0))
    with on_server.server.client() as client:
        client.hset(on_server.key("tally"), "a_reason_to_come", 9)

    assert {Reason.UNSERVED: 2, Reason.ANSWERED: 0} == ledger.totals().counts


def test_a_dead_server_is_met_at_memory_speed(on_server, monkeypatch):
    """While the server is silent, one question waits for it, and ten thousand hear at once that it is down."""
    monkeypatch.setattr("edge.ledger.valkey_server.ANSWER_S", 0.1)
    monkeypatch.setattr(breaker, "RETRY_S", 3600.0)  # so that nobody tries again, however long ten thousand take
    ledger = fill(on_server)
    on_server.server.pause()

    async def ask():
        first = await asyncio.gather(ledger.ledger.admit(charge(3)), return_exceptions=True)
        turns = asyncio.get_running_loop().time()
        return first + await asyncio.gather(
            *(ledger.ledger.admit(charge(n)) for n in range(10_000)), return_exceptions=True
        ), turns

    try:
        errors, _ = on_server.runner.run(ask())
    finally:
        on_server.server.resume()

    assert {LedgerDown} == {type(error) for error in errors}
    assert 1 == len({str(error) for error in errors})
