"""Facts about a worker that records: each answer once, as it is counted, and nothing of it in a request's way."""

import asyncio
import json
from collections import Counter

import edge.web.app
from edge import wiring
from edge.core.answering.desk import Desk
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning import terms
from edge.tracing.traced import TracedDesk
from edge.web.app import App
from tests.parts import NOW_MS, Clock, call, deliver, play, running, setup_of
from tests.worker import config, message_id, request, sender


class SilentLedger(MemoryLedger):
    """A ledger that says nothing but its end."""

    async def admit(self, charge):
        """Give no answer."""
        raise LedgerDown("silent")

    opt_out = tell = admit


def app_in(folder, ledger=MemoryLedger, books=None, **secrets):
    """Return an application that records."""
    setup, clock = setup_of(config() + f'trace = "{folder}"\n', **secrets), Clock()
    gate, rules = wiring.gate_of(setup), terms.rules_of(setup.config)
    desk, trace = wiring.desk_of(setup, gate), wiring.trace_of(setup, clock)
    return App(
        desks={terms.webhook_path(setup.config): TracedDesk(desk, trace)},
        open_ledger=lambda: ledger(rules, clock, lambda ids: gate.hear(ids, clock()), books or MemoryBooks()),
        clock=clock,
        record=trace.write,
    )


def recorded(folder):
    """Return what was recorded: hash, reason and segments."""
    return [tuple(json.loads(line)[1:4]) for path in folder.iterdir() for line in path.read_text().splitlines()[1:]]


def test_without_a_folder_nothing_is_there_that_could_record():
    """The application's desk is the plain one."""
    app = wiring.application(setup_of())

    assert (Desk, None) == (type(app._desk), app._record)


def test_every_answer_to_a_message_is_recorded_once_with_its_sender(tmp_path):
    """Whatever its reason is, and whether it was given from memory or by the ledger."""

    async def scene():
        app = app_in(tmp_path)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            await deliver(app, sender(1), "salut", message_id(1))
            await deliver(app, sender(1), "x" * 161, message_id(2))
            await deliver(app, sender(1), "STOP", message_id(3))
            await deliver(app, sender(1), "salut", message_id(4))
            await deliver(app, "36184", "salut", message_id(5))
            await deliver(app, "+15550100000", "salut", message_id(6))
            await deliver(app, sender(3), "salut", message_id(8))
            return app._desk.tally().counts

    counts = play(scene)
    seen = recorded(tmp_path)
    first = seen[0][0]

    assert {reason: count for reason, count in counts.items() if count} == Counter(Reason(line[1]) for line in seen)
    assert [
        ("answered", 1), ("duplicate", 1), ("sender_limit", 2), ("opted_out", 1), ("opted_out", 1),
    ] == [line[1:] for line in seen if line[0] == first]  # fmt: skip
    assert 4 == len({line[0] for line in seen})


def test_what_is_no_message_is_not_recorded(tmp_path):
    """Forged requests, scanners, reports and what is too large would fill a trace, which holds so much and no more."""

    async def scene():
        app = app_in(tmp_path, origin_secrets=["edge"])
        edge_ = {"X-Origin-Secret": "edge"}
        async with running(app):
            headers, body = request(sender(2), "salut", message_id(7), "forged")
            await call(app, body, headers=headers | edge_)
            await call(app, b"x" * 32_769, headers=edge_)
            await call(app, b"x" * 32_769, headers=edge_, told=False)
            await call(app, method="PUT", headers=edge_)
            await call(app, path="/wp-login.php")
            await call(app, body, headers=headers)
            await deliver(app, sender(1), "salut", message_id(1), headers=edge_)
            return sum(app._desk.tally().counts.values())

    assert 7 == play(scene)
    assert ["answered"] == [line[1] for line in recorded(tmp_path)]


def test_twins_and_what_the_ledger_refuses_are_recorded_as_they_end(tmp_path):
    """Of five deliveries at once one is answered, and four are its duplicates."""

    async def scene():
        app = app_in(tmp_path)
        async with running(app):
            await asyncio.gather(*(deliver(app, sender(1), "salut", message_id(1)) for _ in range(5)))

    play(scene)

    assert {"answered": 1, "duplicate": 4} == Counter(line[1] for line in recorded(tmp_path))


def test_what_only_the_ledger_refuses_is_recorded_with_its_reason(tmp_path):
    """A worker that knows of no reply to a sender hears of another one's."""

    async def scene():
        books = MemoryBooks()
        for folder, number in (("a", 1), ("b", 2)):
            (tmp_path / folder).mkdir()
            app = app_in(tmp_path / folder, books=books)
            async with running(app):
                await deliver(app, sender(1), "salut", message_id(number))

    play(scene)
    first, second = recorded(tmp_path / "a"), recorded(tmp_path / "b")

    assert ["answered", "sender_limit"] == [first[0][1], second[0][1]]
    assert first[0][0] == second[0][0]


def test_a_request_is_recorded_at_the_instant_at_which_it_came(tmp_path):
    """However long the ledger took to say what becomes of it."""
    setup, clock = setup_of(config() + f'trace = "{tmp_path}"\n'), Clock()
    trace = wiring.trace_of(setup, clock)
    plain = wiring.desk_of(setup, wiring.gate_of(setup))
    desk = TracedDesk(plain, trace)
    questions = [
        plain.judge(Message(sender(n), text, f"SM{n}"), NOW_MS + n) for n, text in enumerate(("salut", "STOP"))
    ]
    clock.now_ms += 500
    for question in questions:
        desk.abandon(question)
    trace.write()
    (path,) = tmp_path.iterdir()

    assert [0, 1] == [json.loads(line)[0] - NOW_MS for line in path.read_text().splitlines()[1:]]


def test_a_ledger_that_is_away_is_recorded_and_does_not_keep_the_trace_from_being_written(tmp_path):
    """Neither while it is asked nor while it is told."""

    async def scene():
        app = app_in(tmp_path, SilentLedger)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            await deliver(app, sender(1), "STOP", message_id(2))

    play(scene)

    assert ["ledger_down", "ledger_down"] == [line[1] for line in recorded(tmp_path)]


def test_a_trace_is_written_while_the_worker_runs(tmp_path, monkeypatch):
    """Whenever the ledger is told, not only at the end."""
    monkeypatch.setattr(edge.web.app, "TELL_S", 0.0)

    async def scene():
        answered, told = asyncio.Event(), asyncio.Event()

        class ToldLedger(MemoryLedger):
            async def tell(self, tally):
                if answered.is_set():
                    told.set()

        app = app_in(tmp_path, ToldLedger)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            answered.set()
            await told.wait()
            told.clear()
            await told.wait()
            return recorded(tmp_path)

    assert 1 == len(play(scene))


def test_a_disk_that_takes_nothing_stops_no_answer(tmp_path):
    """The folder is gone, the replies go out."""

    async def scene():
        app = app_in(tmp_path / "gone")
        async with running(app):
            first = await deliver(app, sender(1), "salut", message_id(1))
            await app.tell()
            second = await deliver(app, sender(2), "salut", message_id(2))
        return first, second

    assert [True, True] == [b"<Message>" in answer.body for answer in play(scene)]


def test_a_stop_that_the_ledger_did_not_hear_is_told_through_it(tmp_path):
    """A desk that is recorded does what the desk within it does."""
    books = MemoryBooks()

    async def scene():
        app = app_in(tmp_path, books=books)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            stop = app._desk._desk.judge(Message(sender(1), "STOP", "SM2"), NOW_MS)
            app._desk.abandon(stop)
            await app.tell()
            return app._desk.untold(), len(books.opted_out)

    assert ([], 1) == play(scene)
