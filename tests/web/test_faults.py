"""What went wrong inside: silence for the sender, one traceback a minute for whoever runs this, and nothing of a message in it."""

import logging

import pytest

from edge.core.answering.desk import Desk
from edge.core.answering.gate import Gate
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.providers.twilio import Twilio
from edge.web.faults import PAUSE_S, Faults
from tests.parts import Clock, app_of, deliver, play, running, setup_of
from tests.worker import message_id, sender


class Watch:
    """A stopwatch that only moves when told to."""

    s = 0.0

    def __call__(self):
        """Return the instant."""
        return self.s


def raised(words):
    """Return an error as it is caught."""
    try:
        int(words)
    except ValueError as error:
        return error


def test_one_traceback_a_minute_says_how_many_more_there_were(caplog):
    """A flood of faults is a line, not a flood of lines."""
    watch = Watch()
    faults = Faults(watch)
    with caplog.at_level(logging.ERROR, "antirelou"):
        for watch.s in (0.0, 1.0, PAUSE_S - 1, PAUSE_S, PAUSE_S + 1, 2 * PAUSE_S):
            faults.say(raised("x"))

    heads = [message.splitlines()[0] for message in caplog.messages]
    assert [
        "fault: ValueError, silent all the same; please report it:",
        "fault: ValueError, silent all the same (2 more since the last one was shown); please report it:",
        "fault: ValueError, silent all the same (1 more since the last one was shown); please report it:",
    ] == heads
    assert all("in raised" in message for message in caplog.messages)


def test_a_traceback_holds_no_words_of_the_error(caplog):
    """They may be a number or a text."""
    with caplog.at_level(logging.ERROR, "antirelou"):
        Faults().say(raised("+33639980001 unmistakable"))

    assert "639980001" not in caplog.text
    assert "unmistakable" not in caplog.text


def fail(*_args, **_more):
    """Do what nobody foresaw."""
    raise OverflowError


@pytest.mark.parametrize(
    ("where", "name", "received"),
    [(Twilio, "read", 0), (Gate, "judge", 7_500), (MemoryLedger, "admit", 7_500), (Desk, "finish", 7_500)],
)
def test_whatever_goes_wrong_inside_a_genuine_message_meets_silence(monkeypatch, caplog, where, name, received):
    """200 and nothing to send, so that no provider retries; counted, received if it was verified, and the next one is answered."""
    books = MemoryBooks()

    async def scene():
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            with monkeypatch.context() as broken:
                broken.setattr(where, name, fail)
                silence = await deliver(app, sender(1), "salut", message_id(1))
            await app.tell()
            told = books.received_micros
            return silence, told, await deliver(app, sender(2), "salut", message_id(2))

    silence, told, answer = play(scene)

    assert (200, b"<Response/>") == (silence.status, silence.body)
    assert received == told
    assert b"<Message>" in answer.body
    assert 1 == books.counts["fault"]
    assert 1 == len([message for message in caplog.messages if message.startswith("fault: OverflowError")])


def test_a_stop_that_meets_a_fault_is_told_later(monkeypatch):
    """Nobody who wants no answer gets one because of it."""
    books = MemoryBooks()

    async def scene():
        app = app_of(setup_of(), Clock(), books)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            with monkeypatch.context() as broken:
                broken.setattr(MemoryLedger, "opt_out", fail)
                await deliver(app, sender(1), "STOP", message_id(2))
            before = len(books.opted_out)
            await app.tell()
            return before, len(books.opted_out)

    assert (0, 1) == play(scene)
