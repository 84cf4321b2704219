"""Facts about what a response means to the provider that asked for it."""

import pytest

from loadtest.provider.reading import Outcome, Reading, classify

REPLY = b'<?xml version="1.0" encoding="UTF-8"?><Response><Message>Non, c\'est non.</Message></Response>'


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"<Response/>", b"<Response></Response>", b'<?xml version="1.0"?><Response/>', b"{}"]
)
def test_no_message_is_silence(body):
    """A 200 without anything to send costs nothing."""
    assert Reading(Outcome.SILENCE) == classify(200, body)


def test_a_message_is_a_reply_with_its_text():
    """The text is what stands between the tags, unescaped, and its segments are counted."""
    assert Reading(Outcome.REPLY, "Non, c'est non.", 1) == classify(200, REPLY)


def test_several_messages_cost_the_sum_of_their_segments():
    """Two short messages are two segments, though their text would fit in one."""
    body = b"<Response><Message>a &amp; b</Message><Message>c</Message></Response>"

    assert Reading(Outcome.REPLY, "a & bc", 2) == classify(200, body)


def test_a_nested_body_is_read():
    """Twilio also takes the text in a Body element."""
    assert "a" == classify(200, b"<Response><Message><Body>a</Body></Message></Response>").text


def test_attributes_of_plivo_do_not_matter():
    """Plivo's form names both numbers; the text is the same."""
    body = b'<Response><Message src="+33937000000" dst="+33612345678">Non.</Message></Response>'

    assert Reading(Outcome.REPLY, "Non.", 1) == classify(200, body)


@pytest.mark.parametrize("body", [b"Internal page", "Déjà vu".encode(), b"{broken"])
def test_plain_text_would_be_sent_on_and_so_is_a_reply(body):
    """Twilio and 46elks send a plain body to the sender: it costs money whatever was meant."""
    assert Reading(Outcome.REPLY, body.decode(), 1) == classify(200, body)


def test_a_json_reply_is_a_reply():
    """46elks's actions carry the text under `reply`."""
    assert Reading(Outcome.REPLY, "Non.", 1) == classify(200, b'{"reply": "Non."}')


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 499])
def test_a_4xx_is_a_refusal_whatever_it_says(status):
    """A body beside a refusal is never sent on."""
    assert Outcome.REFUSED == classify(status, REPLY).outcome


@pytest.mark.parametrize(
    ("status", "body"), [(500, REPLY), (302, b""), (100, b""), (200, b"<Response>"), (200, b"\xff")]
)
def test_what_a_provider_cannot_use_is_an_error(status, body):
    """Anything but a readable 2xx makes a provider ask again."""
    assert Outcome.ERROR == classify(status, body).outcome


def test_a_204_is_silence():
    """A 2xx without a body is as good as an empty 200."""
    assert Outcome.SILENCE == classify(204, b"").outcome
