"""One worker in this process, and what is measured on it."""

import asyncio

import pytest

from bench import number
from bench.charges import books_of
from bench.stand import Call, run, stand
from bench.workload import genuine, sender_at
from edge.core.wire.reason import Reason


def test_answers_once(tmp_path):
    """The worker on the stand is the real one: it answers once, then it is silent."""
    with stand(tmp_path, number.static_file()) as here:
        first = here.answer(Call.of(genuine(0, sender_at(0))))
        second = here.answer(Call.of(genuine(1, sender_at(0))))

    assert number.REPLY in first.decode().replace("&apos;", "'").replace("&#39;", "'")
    assert b"<Response/>" in second


def test_asks_without_a_loop(tmp_path):
    """A refusal runs to its end in one step."""
    with stand(tmp_path, number.static_file()) as here:
        here.answer(Call.of(genuine(0, sender_at(0))))
        here.ask(Call.of(genuine(1, sender_at(0))))

        assert 1 == here.desk.tally().counts[Reason.SENDER_LIMIT]


def test_what_waits_is_not_measured():
    """A call that waits for something is refused instead of being measured by half."""
    with pytest.raises(RuntimeError, match="waits"):
        run(asyncio.sleep(0))


def test_call():
    """A whole HTTP request is taken apart as an ASGI server does it."""
    call = Call.of(b"POST /sms HTTP/1.1\r\nHost: x\r\nX-Sig: a: b\r\n\r\nFrom=1")

    assert ("POST", "/sms") == (call.scope["method"], call.scope["path"])
    assert [(b"host", b"x"), (b"x-sig", b"a: b")] == call.scope["headers"]
    assert {"type": "http.request", "body": b"From=1", "more_body": False} == call.body


def test_books(tmp_path):
    """Charges that wait together, and charges in turn, are all answered."""
    with books_of(tmp_path) as books:
        assert [Reason.ANSWERED] * 3 == books.admit(3)
        assert [Reason.ANSWERED] * 2 == books.admit_in_turn(2)
