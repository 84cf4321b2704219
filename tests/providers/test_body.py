"""What is in a body."""

import pytest

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
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


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{}", b"1", b"null", b'"a"', b"{", b'{"a":1', b"\xff", b'{"a":' * 100_000),
        *(b'{"a":"\xff"}', b'{"\xc3":1}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\\ud800"}', "é".encode("utf-16")),
    ],
)
def test_what_holds_nothing_is_malformed(body):
    """Neither other JSON nor anything that is none, in any encoding and however deep, raises."""
    assert Reason.MALFORMED == json_fields(body)


def test_a_list_is_something_else_than_a_message():
    """Events come in lists."""
    assert Reason.NOT_A_MESSAGE == json_fields(b'[{"MessageSid": "SM1"}]')


def test_the_fields_of_an_object_are_its_own():
    """Whatever the values are, they are kept."""
    assert {"From": "+33639980001", "NumMedia": 0} == json_fields(b'{"From": "+33639980001", "NumMedia": 0}')


@pytest.mark.parametrize(
    "fields",
    [
        (None, "t", "i"),
        ("s", "t", "i", None),
        ("s", None, "i"),
        ("s", 1, "i"),
        ("s", "t", None),
        ("s", "t", ""),
        (1, "t", "i"),
    ],
)
def test_a_message_needs_an_id_and_text_that_is_text(fields):
    """Without an id a retry could not be told."""
    assert Reason.MALFORMED == message_of(*fields)


def test_a_message_may_be_without_words():
    """A picture is a message, too."""
    assert Message("+33639980001", "", "MM1") == message_of("+33639980001", "", "MM1")


def test_a_message_may_be_from_nobody():
    """Who withholds a number has written, and receiving it is paid for."""
    assert Message("", "Salut", "SM1") == message_of("", "Salut", "SM1")
