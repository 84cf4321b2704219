"""Facts about a number that is detached: whoever sees everything public cannot tell it from one that is attached."""

import pytest

from edge import wiring
from edge.core.kept.attachment import Attachment, Why
from edge.web import health, publicpage
from tests.parts import call, deliver, play, running, setup_of
from tests.worker import PHONE, config, message_id, sender

FAR = "203.0.113.9"
TEXT = f'{config()}counter = true\ncounter-money = true\nstatus-key-env = "KEY"\n[receiving]\ndetach = "yes"\n[alert]\nto-env = "A"\n'
PAGES = [*publicpage.PATHS, *health.PATHS, "/status", "/metrics", "/sms", "/silence", "/detach", "/elsewhere"]


TWO = """[[number]]
phone = "+33937000001"
provider = "twilio"
url = "https://sms.example.org/other"
secret-env = "TWILIO_AUTH_TOKEN"

[reply]
"""
OF_TWO = TEXT.replace("[number]", "[[number]]").replace("[reply]\n", TWO)


def shown(attachment, text=TEXT):
    """Return every page that strangers may ask for, and the answers to three messages, as headers and bodies."""

    async def scene():
        app = wiring.application(setup_of(text, status_key="a-key"))
        async with running(app):
            if attachment is not None:
                await app.ledger.keep_attachment(PHONE, Attachment(), attachment)
            sent = [await deliver(app, sender(n), text, message_id(i)) for i, (n, text) in enumerate(MESSAGES)]
            await app.tell()
            pages = [await call(app, method="GET", path=path, host=FAR) for path in PAGES]
            return [(answer.status, answer.headers, answer.body) for answer in (*sent, *pages)]

    return play(scene)


MESSAGES = [(1, "salut"), (1, "salut"), (2, "STOP")]


@pytest.mark.parametrize("why", Why)
def test_nothing_public_tells_a_detached_number_from_an_attached_one(why):
    """Status, headers and body of every page and of every answer are the same, for whatever reason it is detached."""
    detached = Attachment(attached=False, since_ms=1, why=why, by_hand=why is Why.BY_HAND, detachings_ms=(1,))

    assert shown(None) == shown(detached)


def test_nothing_public_tells_of_several_numbers_which_is_detached():
    """One of two is: every page and every answer is as if none were."""
    detached = Attachment(attached=False, since_ms=1, why=Why.PER_ANSWER, detachings_ms=(1,))

    assert shown(None, OF_TWO) == shown(detached, OF_TWO)
