"""Facts about answers: built once, complete with their headers, and the right one for each reason."""

import xml.etree.ElementTree as ET

import pytest

from edge.core.answering.replies import Replies, answer
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.providers.elks46 import Elks46
from edge.providers.plivo import Plivo
from edge.providers.twilio import Twilio
from tests.worker import PHONE, URL

PAUL = "+33639981312"
TEXTS = ["Bonjour. Non, c'est non.", "No <means> no & thank you."]


def replies_of(kind):
    """Return the answers of a number at a provider."""
    return Replies(kind(phone=PHONE, url=URL, secrets=["secret"]), TEXTS)


@pytest.fixture
def replies():
    """Return the answers of a number at Twilio."""
    return replies_of(Twilio)


def headers_of(given):
    """Return the headers of an answer by name."""
    return dict(given.start["headers"])


def test_an_answer_is_two_asgi_messages_that_say_it_all():
    """Status, type, length, that no cache may keep it, what else there is, and the body in one piece."""
    made = answer(Reason.WRONG_METHOD, 405, b"text/plain", b"no", (b"allow", b"POST"))

    assert {"type": "http.response.body", "body": b"no"} == made.body
    assert {
        "type": "http.response.start",
        "status": 405,
        "headers": [
            (b"content-type", b"text/plain"),
            (b"content-length", b"2"),
            (b"cache-control", b"no-store"),
            (b"allow", b"POST"),
        ],
    } == made.start


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.from_provider])
def test_silence_is_a_200_that_sends_nothing(replies, reason):
    """Whatever the reason, the provider takes the message as handled and sends no reply."""
    silence = replies.without(reason)

    assert (reason, 200, b"<Response/>") == (silence.reason, silence.start["status"], silence.body["body"])
    assert b"text/xml; charset=utf-8" == headers_of(silence)[b"content-type"]


@pytest.mark.parametrize(("reason", "status"), HTTP_STATUS.items())
def test_what_does_not_come_from_the_provider_is_an_http_error_that_names_itself(replies, reason, status):
    """The body is the reason and nothing else: no software, no version, nothing to learn from."""
    error = replies.without(reason)

    assert (reason, status, f"{reason}\n".encode()) == (error.reason, error.start["status"], error.body["body"])
    assert b"text/plain" == headers_of(error)[b"content-type"]


@pytest.mark.parametrize(("kind", "allowed"), [(Twilio, b"GET, POST"), (Elks46, b"POST")])
def test_a_wrong_method_hears_which_ones_the_provider_uses(kind, allowed):
    """RFC 9110 asks for that with status 405, and with no other."""
    replies = replies_of(kind)

    assert allowed == headers_of(replies.without(Reason.WRONG_METHOD))[b"allow"]
    assert not any(b"allow" in headers_of(replies.without(reason)) for reason in Reason if reason != "wrong_method")


@pytest.mark.parametrize("reason", [Reason.ANSWERED, Reason.DUPLICATE])
@pytest.mark.parametrize("index", [0, 1])
def test_a_reply_says_its_text_whether_it_is_the_first_or_a_retry(replies, reason, index):
    """A retry is answered as its first delivery was; only the reason differs."""
    reply = replies.reply(reason, index, PAUL)
    body = reply.body["body"]

    assert (reason, 200, TEXTS[index]) == (reply.reason, reply.start["status"], ET.fromstring(body).findtext("Message"))
    assert b"%d" % len(body) == headers_of(reply)[b"content-length"]


def test_a_constant_reply_is_built_once(replies):
    """Where the answer names nobody, everybody gets the same object."""
    assert replies.reply(Reason.ANSWERED, 0, PAUL) is replies.reply(Reason.ANSWERED, 0, "+447700900001")


@pytest.mark.parametrize("reason", [Reason.ANSWERED, Reason.DUPLICATE])
def test_a_reply_that_names_the_sender_does_so_in_digits(reason):
    """Plivo's answer says whom it is for, without the plus sign, and its length is that of the whole."""
    reply = replies_of(Plivo).reply(reason, 1, PAUL)
    message = ET.fromstring(reply.body["body"]).find("Message")

    assert {"src": PHONE[1:], "dst": PAUL[1:]} == message.attrib
    assert (reason, TEXTS[1]) == (reply.reason, message.text)
    assert b"%d" % len(reply.body["body"]) == headers_of(reply)[b"content-length"]
