"""What is in a body."""

import pytest

from edge.core.message import Message
from edge.core.reason import Reason
from edge.providers.body import FORM, json_fields, media_type, message_of


@pytest.mark.parametrize(
    "content_type",
    [FORM, FORM + b"; charset=UTF-8", FORM + b";charset=utf-8", b" Application/X-WWW-Form-URLencoded "],
)
def test_the_type_of_a_body_is_told_whatever_its_case_and_parameters(content_type):
    """Providers write it in several ways."""
    assert FORM == media_type({b"content-type": content_type})


def test_a_body_may_have_no_type():
    """A missing header is a blank type, which no provider uses."""
    assert b"" == media_type({})


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{", b'{"a":1', b"\xff", b'{"a":' * 100_000])
def test_what_is_not_an_object_has_no_fields(body):
    """Neither other JSON nor anything that is none, however deep, raises."""
    assert {} == json_fields(body)


def test_the_fields_of_an_object_are_its_own():
    """Whatever the values are, they are kept."""
    assert {"From": "+33639980001", "NumMedia": 0} == json_fields(b'{"From": "+33639980001", "NumMedia": 0}')


@pytest.mark.parametrize(
    "fields",
    [
        (None, "t", "i"),
        ("", "t", "i"),
        ("s", None, "i"),
        ("s", 1, "i"),
        ("s", "t", None),
        ("s", "t", ""),
        (1, "t", "i"),
    ],
)
def test_a_message_needs_a_sender_an_id_and_text_that_is_text(fields):
    """Without an id a retry could not be told, without a sender nobody answered."""
    assert Reason.MALFORMED == message_of(*fields)


def test_a_message_may_be_without_words():
    """A picture is a message, too."""
    assert Message("+33639980001", "", "MM1") == message_of("+33639980001", "", "MM1")
