"""46elks: forms that nobody signed, and replies in plain text."""

import pytest

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.errors import ConfigError
from edge.providers.elks46 import Elks46
from tests.providers.test_samples import number
from tests.providers.wire import FORM_TYPE, form

MESSAGE = {"direction": "incoming", "id": "sf1", "from": "+33639980001", "to": "+33937000000", "message": "Salut"}


def read(fields, headers=FORM_TYPE):
    """Return what becomes of a request."""
    return Elks46(phone="+33937000000", url="https://h/", secrets=[]).read("POST", b"", headers, form(fields))


def test_a_form_is_a_message_whoever_sent_it():
    """That is why a path or a CDN that only 46elks knows is required, and a secret is not."""
    assert Message("+33639980001", "Salut", "sf1", "+33937000000") == read(MESSAGE)
    assert (True, False) == (Elks46.needs_secret_path, Elks46.needs_secret)


def test_a_form_without_an_id_is_malformed():
    """There is no way to tell a retry."""
    assert Reason.MALFORMED == read({**MESSAGE, "id": ""})


def test_somebody_who_withholds_a_number_has_written_all_the_same():
    """It is received and paid for; the gate takes nobody for a person."""
    assert Message("", "Salut", "sf1", "+33937000000") == read({**MESSAGE, "from": ""})


@pytest.mark.parametrize("text", ['{"reply": "x"}', ' {"forward": "+33639980001"}', "{", "\n{"])
def test_a_reply_that_would_be_an_action_is_refused(text):
    """46elks does what JSON in an answer says."""
    elks46, _ = number("46elks")

    with pytest.raises(ConfigError, match=r"^reply\.text: begins with a brace"):
        elks46.compile(text)


def test_a_form_without_words_is_a_message():
    """A picture is one, too."""
    assert Message("+33639980001", "", "sf1") == read({"id": "sf1", "from": "+33639980001"})


def test_another_type_is_refused_unread():
    """46elks sends forms."""
    assert Reason.WRONG_TYPE == read(MESSAGE, {b"content-type": b"application/json"})


def test_a_reply_is_its_text_and_silence_is_blank():
    """The body of the answer is what is sent."""
    elks46, _ = number("46elks")

    assert ("Né & <né>".encode(),) == elks46.compile("Né & <né>")
    assert b"" == elks46.silence
    assert b"text/plain; charset=utf-8" == elks46.content_type
