"""The application, driven by hand: what the provider sees, and what a broken client or ledger does to it."""

import asyncio
import logging
import random
from urllib.parse import unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edge.web.app
from edge.core.charging.charge import Tally
from edge.core.limits.rules import Standing
from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning.terms import rules_of
from edge.tracing.traced import TracedDesk
from tests.parts import Clock, Pipe, app_of, call, call_slowly, deliver, play, play_in_leaps, running, setup_of
from tests.worker import REPLY, SECRET, URL, config, fields, message_id, request, sender, sign


def test_a_first_message_gets_the_reply_and_the_next_one_silence():
    """The first message of a sender gets the configured text as TwiML, the second an empty answer, both with status 200."""

    async def scene():
        app = app_of(setup_of(), Clock())
        async with running(app):
            return [await deliver(app, sender(1), "salut", message_id(n)) for n in (1, 2)]

    first, second = play(scene)

    assert f"<Response><Message>{REPLY}</Message></Response>" == first.body.decode()
    assert b"<Message" not in second.body
    assert [200, 200] == [first.status, second.status]
    assert b"%d" % len(first.body) == first.headers[b"content-length"]
    assert {b"no-store"} == {response.headers[b"cache-control"] for response in (first, second)}


def test_a_retry_gets_the_same_answer_without_a_charge():
    """The same message id delivered again gets the same bytes, and neither the reply nor the receiving is charged again."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            bodies = [(await deliver(app, sender(1), "salut", message_id(1))).body for _ in range(3)]
        return bodies, books

    bodies, books = play(scene)

    assert 1 == len(set(bodies))
    assert (76_300, 7_500) == (books.replies_micros, books.received_micros)


def test_a_retry_after_a_restart_is_recognised_by_the_ledger():
    """A worker that was not there answers the retry of a message that was paid before it started, and charges nothing."""

    async def scene():
        books = MemoryBooks()
        answers = []
        for _ in range(2):
            app = app_of(setup_of(), Clock(), books)
            async with running(app):
                answers.append((await deliver(app, sender(1), "salut", message_id(1))).body)
        return answers, books

    answers, books = play(scene)

    assert answers[0] == answers[1]
    assert (76_300, 7_500) == (books.replies_micros, books.received_micros)


def test_twins_in_flight_are_answered_alike():
    """Two deliveries of one message at the same moment both get the reply, for one charge."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            twins = [deliver(app, sender(1), "salut", message_id(1)) for _ in range(5)]
            return await asyncio.gather(*twins), books

    answers, books = play(scene)

    assert {True} == {b"<Message>" in answer.body for answer in answers}
    assert 76_300 == books.replies_micros


def test_an_opt_out_is_silent_and_kept():
    """STOP from somebody who was answered is kept for ever; STOP from a stranger leaves nothing behind."""

    async def scene():
        books, clock = MemoryBooks(), Clock()
        app = app_of(setup_of(), clock, books)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            silences = [await deliver(app, who, "Arrêt !", message_id(2)) for who in (sender(1), sender(2))]
            clock.now_ms += 10 * 86_400_000
            later = [await deliver(app, who, "salut", message_id(3)) for who in (sender(1),)]
        return silences + later, books

    silences, books = play(scene)

    assert {False} == {b"<Message>" in answer.body for answer in silences}
    assert 1 == len(books.opted_out)
    assert 1 == len(books.ids)


def test_a_forged_message_costs_nothing():
    """A message with a wrong signature gets 403 and is not counted as a message."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(), Clock(), books)
        headers, body = request(sender(1), "salut", message_id(1), secret="guessed")
        async with running(app):
            answer = await call(app, body, headers=headers)
        return answer, books

    answer, books = play(scene)

    assert (403, b"bad_signature\n") == (answer.status, answer.body)
    assert (0, 0) == (books.replies_micros, books.received_micros)


def test_what_did_not_come_through_our_edge_is_not_read():
    """With an origin secret, a request without it gets 403 before its body is read; either secret of a rotation will do."""

    async def scene():
        app = app_of(setup_of(origin_secrets=["old", "new"]), Clock())
        async with running(app):
            direct = await call(app, end={"type": "never read"})
            through = [
                await deliver(app, sender(n), "salut", message_id(n), headers={"X-Origin-Secret": secret})
                for n, secret in enumerate(("old", "new"))
            ]
        return direct, through

    direct, through = play(scene)

    assert (403, b"not_our_edge\n") == (direct.status, direct.body)
    assert {200} == {answer.status for answer in through}


SLASH = "not_found: it would verify if number.url had a slash at its end"
CALLED = "not_found: it would verify if number.url had the path that was called"


@pytest.mark.parametrize(
    ("called", "secret", "chunks", "said"),
    [
        (f"{URL}/", SECRET, 1, [SLASH]),
        ("https://sms.example.org/Hooks/%C3%A9", SECRET, 1, [CALLED]),
        (f"{URL}/", "forged", 1, []),
        (f"{URL}/", SECRET, 100, []),
    ],
)
def test_what_the_provider_brings_to_another_path_is_404_and_the_log_says_why(called, secret, chunks, said):
    """Once a minute, and not which path; of what a stranger has signed, and of what is too long to be a message, nothing."""
    path = unquote(called.partition(".org")[2])

    async def scene():
        app = app_of(setup_of(), Clock(), around=lambda desk: TracedDesk(desk, None))
        form = fields(sender(1), "salut", message_id(1))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(form, secret, called),
        }
        body = urlencode(form).encode()
        async with running(app):
            answers = [await call(app, *[body] * chunks, path=path, headers=headers) for _ in range(2)]
        return answers, [notice for desk in app._desks for notice in desk.notices()]

    answers, notices = play(scene)

    assert {(404, b"not_found\n")} == {(answer.status, answer.body) for answer in answers}
    assert said == notices


def test_a_stranger_at_another_path_is_not_read():
    """Without a signature, by a method that the provider does not use, or past our edge: 404 at once."""

    async def scene():
        app = app_of(setup_of(origin_secrets=["secret"]), Clock())
        signed, through = {"X-Twilio-Signature": "x"}, {"X-Origin-Secret": "secret"}
        asked = [("POST", through), ("PUT", signed | through), ("POST", signed)]
        async with running(app):
            return [
                await call(app, method=method, path="/elsewhere", headers=headers, end={"type": "never read"})
                for method, headers in asked
            ]

    assert [404] * 3 == [answer.status for answer in play(scene)]


def test_an_announced_length_beyond_the_cap_is_refused_unread():
    """A Content-Length above the cap gets 413 without reading a byte."""

    async def scene():
        app = app_of(setup_of(), Clock())
        async with running(app):
            return await call(app, headers={"Content-Length": "32769"}, told=False, end={"type": "never read"})

    assert 413 == play(scene).status


def test_a_body_without_a_length_is_read_up_to_the_cap():
    """A chunked body that never says its length is cut off at the cap."""

    async def scene():
        app = app_of(setup_of(), Clock())
        chunks = [b"x" * 4096] * 1000
        async with running(app):
            return await call(app, *chunks, told=False)

    assert 413 == play(scene).status


def test_a_body_that_is_not_there_in_time_is_given_up():
    """15 seconds after its first wait a body gets 408: one of which nothing comes, one that trickles, and one that began later."""

    async def scene(loop):
        books = MemoryBooks()
        app = app_of(setup_of(), Clock(), books, monotonic=loop.time)
        ends = []

        async def answered(pipe, length, begins_s=0):
            await asyncio.sleep(begins_s)
            answer = await call_slowly(app, pipe, length=length)
            ends.append((loop.time(), answer.status, answer.body))

        async with running(app):
            await asyncio.gather(
                answered(Pipe(), 9),
                answered(Pipe(b"a", endless=True), 10_000),
                answered(Pipe(b"a", b"b"), None, begins_s=7),
            )
            prompt = await deliver(app, sender(1), "salut", message_id(1))
        return ends, prompt, app, books

    ends, prompt, app, books = play_in_leaps(scene)

    assert [(at_s, 408, b"too_slow\n") for at_s in (15, 15, 22)] == ends
    assert b"<Message>" in prompt.body
    assert {"too_slow": 3} == {reason: count for reason, count in books.counts.items() if count}
    assert {} == app._reading


def test_a_body_that_comes_late_but_in_time_is_taken():
    """A body whose last piece comes a second before its deadline is a body."""

    async def scene(loop):
        app = app_of(setup_of(), Clock(), monotonic=loop.time)
        headers, body = request(sender(1), "salut", message_id(1))
        pieces = [body[n : n + 1] for n in range(13)]
        async with running(app):
            answer = await call_slowly(app, Pipe(*pieces, body[13:]), length=len(body), headers=headers)
        return loop.time(), answer.body

    at_s, answer = play_in_leaps(scene)

    assert (14, True) == (at_s, b"<Message>" in answer)


@pytest.mark.parametrize(("whole", "expected"), [(True, 200), (False, 408)])
def test_what_comes_at_the_very_deadline_is_taken(whole, expected):
    """A piece that has arrived, but is not read yet at the deadline, still counts; if it is not the last, the body is too slow."""

    async def scene(loop):
        app = app_of(setup_of(), Clock(), monotonic=loop.time)
        headers, body = request(sender(1), "salut", message_id(1))
        pipe = Pipe()
        async with running(app):
            answering = asyncio.create_task(call_slowly(app, pipe, length=len(body), headers=headers))
            await pipe.asked.wait()
            pipe.coming.set_result({"type": "http.request", "body": body[: None if whole else 9], "more_body": True})
            loop.now_s += 100
            app._give_up()
            return (await answering).status, app._reading

    assert (expected, {}) == play_in_leaps(scene)


def test_a_body_costs_no_timer():
    """A thousand messages make no timer, since one that waits for the oldest body does for all."""

    async def scene(loop):
        app = app_of(setup_of(), Clock(), monotonic=loop.time)
        async with running(app):
            await asyncio.sleep(0)
            before = loop.timers
            for n in range(1_000):
                await deliver(app, sender(1), "salut", message_id(n))
            return loop.timers - before

    assert 0 == play_in_leaps(scene)


@pytest.mark.parametrize(("piece_bytes", "expected"), [(536, 200), (100, 413)])
def test_a_body_may_come_in_as_many_pieces_as_small_packets(piece_bytes, expected):
    """The longest body in packets of 536 bytes is read; in smaller pieces, each of which costs as much as a long one, it is not."""

    async def scene():
        app = app_of(setup_of(), Clock())
        headers, body = request(sender(1), "é" * 2_600, message_id(1))
        pieces = [body[n : n + piece_bytes] for n in range(0, len(body), piece_bytes)]
        assert 15_000 < len(body) < 16_384
        async with running(app):
            return await call(app, *pieces, headers=headers)

    assert expected == play(scene).status


def test_a_body_of_single_bytes_is_read_no_further_than_its_pieces_allow():
    """Of a body of 1-byte chunks 81 are read: one for each 512 bytes that it may have, 16 to spare, and one too many."""
    left = []

    async def scene():
        app = app_of(setup_of(), Clock())
        waiting = [{"type": "http.request", "body": b"a", "more_body": True}] * 10_000

        async def receive():
            return waiting.pop()

        scope = {"type": "http", "method": "POST", "path": "/sms", "query_string": b"", "headers": []}
        async with running(app):
            await app(scope, receive, kept)
        left.append(len(waiting))

    async def kept(message):
        left.append(message.get("status"))

    play(scene)

    assert [413, None, 10_000 - 81] == left


def test_a_worker_that_ends_ends_what_it_reads():
    """A request that is cancelled from outside while it reads is not mistaken for a slow one."""

    async def scene():
        books, pipe = MemoryBooks(), Pipe()
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            answering = asyncio.create_task(call_slowly(app, pipe, length=9))
            await pipe.asked.wait()
            answering.cancel()
            await asyncio.wait([answering])
        return answering.cancelled(), app._reading, books.counts.get("too_slow", 0)

    assert (True, {}, 0) == play(scene)


def test_a_worker_looks_around_once_a_second():
    """What the worker is given to watch is watched while it serves."""

    async def scene(loop):
        seen = []
        async with running(app_of(setup_of(), Clock(), watch=lambda: seen.append(loop.time()))):
            await asyncio.sleep(3.5)
        return seen

    assert [1, 2, 3] == play_in_leaps(scene)


def test_a_body_that_breaks_off_is_malformed():
    """A client that goes, or breaks its own chunks, in the middle of a body gets 400 if it still listens."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            answer = await call(
                app, b"From=", headers={"Content-Length": "9"}, told=False, end={"type": "http.disconnect"}
            )
        return answer, books

    answer, books = play(scene)

    assert (400, b"malformed\n") == (answer.status, answer.body)
    assert {"malformed": 1} == {reason: count for reason, count in books.counts.items() if count}


def test_a_body_in_any_pieces_is_the_same_message():
    """However the body is cut, the message verifies and is answered."""

    async def scene():
        app = app_of(setup_of(), Clock())
        rng = random.Random(4)
        async with running(app):
            for n in range(20):
                headers, body = request(sender(n), "Ça va ? é&=%", message_id(n))
                cut = sorted(rng.sample(range(len(body)), 3))
                pieces = [body[a:b] for a, b in zip([0, *cut], [*cut, len(body)], strict=True)]
                assert b"<Message>" in (await call(app, *pieces, headers=headers, told=bool(n % 2))).body

    play(scene)


def test_other_paths_and_methods_are_refused():
    """Another path gets 404, another method 405 with what is allowed."""

    async def scene():
        app = app_of(setup_of(), Clock())
        async with running(app):
            return await call(app, path="/other"), await call(app, method="DELETE")

    elsewhere, deleted = play(scene)

    assert (404, b"not_found\n") == (elsewhere.status, elsewhere.body)
    assert (405, b"GET, POST") == (deleted.status, deleted.headers[b"allow"])


def test_a_ledger_that_is_down_means_silence_and_it_comes_back_by_itself(caplog):
    """While the ledger fails nobody is answered and nothing is spent; then the same sender gets the reply. Logged once each."""
    books, clock, setup = MemoryBooks(), Clock(), setup_of()

    class Shaky(MemoryLedger):
        """A ledger behind a cable that can be pulled out."""

        plugged = False

        async def admit(self, charge):
            """Answer if it can."""
            if not self.plugged:
                raise LedgerDown("unplugged")
            return await super().admit(charge)

        async def opt_out(self, sender):
            """Answer if it can."""
            if not self.plugged:
                raise LedgerDown("unplugged")
            return await super().opt_out(sender)

    ledger = Shaky(rules_of(setup.config), clock, lambda _: None, books)

    async def scene():
        app = app_of(setup, clock, open_ledger=lambda: ledger)
        async with running(app):
            silences = [await deliver(app, sender(1), "salut", message_id(n)) for n in range(3)]
            silences.append(await deliver(app, sender(2), "stop", message_id(8)))
            ledger.plugged = True
            return silences, await deliver(app, sender(1), "salut", message_id(9))

    with caplog.at_level(logging.WARNING, "antirelou"):
        silences, answer = play(scene)

    assert {(200, False)} == {(silence.status, b"<Message>" in silence.body) for silence in silences}
    assert b"<Message>" in answer.body
    assert 76_300 == books.replies_micros
    assert ["ledger_down: unplugged; silent until it is back", "the ledger is back"] == caplog.messages


def test_a_stop_while_the_ledger_is_away_is_kept_once_it_is_back():
    """Meanwhile the worker that heard it is silent; afterwards every worker is, and a stranger's STOP leaves nothing behind."""
    books, clock, setup = MemoryBooks(), Clock(), setup_of()

    class Away(MemoryLedger):
        """A ledger behind a cable that can be pulled out."""

        plugged = True

        async def opt_out(self, sender):
            """Answer if it can."""
            if not self.plugged:
                raise LedgerDown("unplugged")
            return await super().opt_out(sender)

        async def tell(self, tally):
            """Hear if it can."""
            if not self.plugged:
                raise LedgerDown("unplugged")
            return await super().tell(tally)

    ledger = Away(rules_of(setup.config), clock, lambda _: None, books)

    async def scene():
        app, other = app_of(setup, clock, open_ledger=lambda: ledger), app_of(setup, clock, books)
        async with running(app), running(other):
            await deliver(app, sender(1), "salut", message_id(1))
            ledger.plugged = False
            for who in (1, 2):
                await deliver(app, sender(who), "STOP", message_id(10 + who))
            clock.now_ms += 10 * 86_400_000
            silences = [await deliver(app, sender(who), "salut", message_id(20 + who)) for who in (1, 2)]
            ledger.plugged = True
            await app.tell()
            after = [await deliver(one, sender(1), "salut", message_id(30)) for one in (app, other)]
            return silences, after, await deliver(app, sender(2), "salut", message_id(40))

    silences, after, stranger = play(scene)

    assert {False} == {b"<Message>" in answer.body for answer in [*silences, *after]}
    assert b"<Message>" in stranger.body
    assert 1 == len(books.opted_out)


def test_what_an_operator_should_know_is_logged(monkeypatch, caplog):
    """The desk's notices come out when the ledger is told, about once a second."""
    monkeypatch.setattr(edge.web.app, "TELL_S", 0.0)

    async def scene():
        forged, told = asyncio.Event(), asyncio.Event()

        class ToldLedger(MemoryLedger):
            async def tell(self, tally):
                if forged.is_set():
                    told.set()
                return await super().tell(tally)

        app = app_of(
            setup_of(), Clock(), open_ledger=lambda: ToldLedger(rules_of(setup_of().config), Clock(), lambda _: None)
        )
        async with running(app):
            headers, body = request(sender(1), "salut", message_id(1), "forged")
            await call(app, body, headers=headers)
            forged.set()
            await told.wait()

    with caplog.at_level(logging.WARNING, "antirelou"):
        play(scene)

    assert ["bad_signature: no other spelling of number.url"] == [line[:46] for line in caplog.messages]


def test_the_ledger_is_told_once_a_second(monkeypatch):
    """What a worker refuses is told to the ledger in the background, and a failure of it is survived."""
    monkeypatch.setattr(edge.web.app, "TELL_S", 0.001)
    told = asyncio.Event
    setup, clock = setup_of(), Clock()

    class Listening(MemoryLedger):
        """A ledger that fails the first time that it is told something."""

        heard: asyncio.Event
        failures = 1

        async def tell(self, tally: Tally) -> Standing:
            """Fail once, then listen."""
            if self.failures:
                self.failures -= 1
                raise LedgerDown("not now")
            self.heard.set()
            return await super().tell(tally)

    books = MemoryBooks()
    ledger = Listening(rules_of(setup.config), clock, lambda _: None, books)

    async def scene():
        ledger.heard = told()
        app = app_of(setup, clock, open_ledger=lambda: ledger)
        async with running(app):
            await deliver(app, "12345", "a short code", message_id(1))
            await ledger.heard.wait()
            return dict(books.counts)

    assert {"not_a_person": 1} == {reason: count for reason, count in play(scene).items() if count}


def test_before_the_start_the_ledger_counts_as_down():
    """Who is asked that early is silent."""
    early = play(lambda: deliver(app_of(setup_of(), Clock()), sender(1), "salut", message_id(1)))

    assert (200, False) == (early.status, b"<Message>" in early.body)


def test_a_ledger_that_dies_before_the_end_does_not_stop_the_end(monkeypatch):
    """A worker shuts down even if the ledger cannot be told the last counts."""
    monkeypatch.setattr(edge.web.app, "TELL_S", 60)
    setup, clock = setup_of(), Clock()

    class Dying(MemoryLedger):
        """A ledger that cannot be told anything."""

        async def tell(self, tally):
            """Fail."""
            raise LedgerDown("gone")

    async def scene():
        app = app_of(setup, clock, open_ledger=lambda: Dying(rules_of(setup.config), clock, lambda _: None))
        async with running(app) as sent:
            pass
        return sent

    assert {"type": "lifespan.shutdown.complete"} == play(scene)[-1]


def test_websockets_are_not_answered():
    """A scope that is neither HTTP nor the lifespan is left alone."""

    async def scene():
        await app_of(setup_of(), Clock())({"type": "websocket"}, None, None)

    assert play(scene) is None


def test_an_unsigned_provider_answers_on_its_secret_path():
    """A provider without signatures is answered on the secret path, its retries too."""
    text = config().replace('"twilio"', '"46elks"').replace("/sms", "/sms-0123456789abcdef")

    async def scene():
        app = app_of(setup_of(text, secrets=[]), Clock())
        form = b"direction=incoming&id=sf1&from=%2B33639980001&to=%2B33937000000&message=salut"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with running(app):
            return [await call(app, form, path="/sms-0123456789abcdef", headers=headers) for _ in range(2)]

    answers = play(scene)

    assert [REPLY.encode()] * 2 == [answer.body for answer in answers]


@given(
    body=st.binary(max_size=300),
    method=st.sampled_from(["GET", "POST", "PUT"]),
    query=st.binary(max_size=60),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "x-twilio-signature", "x-origin-secret"]),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40),
    ),
)
def test_no_bytes_get_money_or_a_crash(body, method, query, headers):
    """Whatever is sent without the secret: an HTTP error, never a reply, never an exception."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            return await call(app, body, method=method, query=query, headers=headers), books

    answer, books = play(scene)

    assert 400 <= answer.status < 500
    assert 0 == books.replies_micros
