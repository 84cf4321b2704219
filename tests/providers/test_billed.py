"""What receiving a message is billed as: as its provider says, or by its text where the provider says nothing sensible."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.providers import PROVIDERS
from edge.providers.billed import number_of, segments_of
from loadtest.provider.segments import segments as counted_elsewhere
from tests.providers.test_kinds import MESSAGES, NAMES, PHONE, URL, read
from tests.providers.wire import JSON_TYPE, body_hash, sha1_base64

LONG = "x" * 1530
COUNTS = {"twilio": "NumSegments", "signalwire": "NumSegments", "plivo": "Units"}
PICTURES = {
    "twilio": [{"NumMedia": "1"}, {"NumMedia": "10"}],
    "signalwire": [{"NumMedia": "1"}],
    "plivo": [{"Type": "mms"}, {"Type": "MMS", "MediaCount": "2"}, {"MediaCount": "1"}],
    "46elks": [{"image": "https://h/1.jpg"}, {"image": "https://h/1.jpg", "image2": "https://h/2.jpg"}],
}
said_wrongly = st.sampled_from(["", "0", "101", "1000", "-1", "1.5", "1e1", " 2", "２", "ten", "1" * 5000, "0x2"])


def of(name, fields):
    """Return segments and pictures of a message with these fields beside the usual ones."""
    message = read(name, {**MESSAGES[name], **fields})
    return message.segments, message.has_media


def of_json(fields):
    """Return the same of a message of Twilio's in JSON."""
    body = json.dumps({**MESSAGES["twilio"], **fields}).encode()
    query = f"bodySHA256={body_hash(body)}"
    headers = {**JSON_TYPE, b"x-twilio-signature": sha1_base64("s", f"{URL}?{query}")}
    message = PROVIDERS["twilio"](phone=PHONE, url=URL, secrets=["s"]).read("POST", query.encode(), headers, body)
    return message.segments, message.has_media


@pytest.mark.parametrize(("name", "field"), COUNTS.items())
@given(said=st.integers(1, 100))
def test_the_providers_own_count_is_taken(name, field, said):
    """Whatever the text: it is what the bill says."""
    assert (said, False) == of(name, {field: str(said)})


@pytest.mark.parametrize(("name", "field"), COUNTS.items())
@given(said=said_wrongly)
def test_a_count_that_no_message_can_have_is_that_of_the_text(name, field, said):
    """Nothing, none, more than a hundred, and what is no number."""
    assert (10, False) == of(name, {field: said, NAMES[name][1]: LONG})


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(
    ("text", "expected"), [("", 1), ("Salut", 1), ("x" * 160, 1), ("x" * 161, 2), (LONG, 10), ("😀" * 36, 2)]
)
def test_where_the_provider_says_nothing_the_text_is_counted(name, text, expected):
    """As it came: septets or 16-bit units, and never less than one."""
    assert (expected, False) == of(name, {NAMES[name][1]: text})


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_that_is_given_twice_and_differently_is_that_of_the_text(name):
    """Nobody knows which one would be billed."""
    fields = [*{**MESSAGES[name], NAMES[name][1]: LONG}.items(), (COUNTS[name], "1"), (COUNTS[name], "2")]

    assert 10 == read(name, fields).segments


@pytest.mark.parametrize(("name", "fields"), [(name, fields) for name in PICTURES for fields in PICTURES[name]])
def test_a_message_with_pictures_is_billed_by_the_message(name, fields):
    """However its provider says that there are some."""
    assert of(name, fields)[1]


@pytest.mark.parametrize("said", ["", "0", "00", "none", "-1"])
@pytest.mark.parametrize("name", ["twilio", "signalwire"])
def test_no_pictures_are_none(name, said):
    """Blank, zero, and what is no number."""
    assert not of(name, {"NumMedia": said})[1]


def test_a_blank_picture_is_none():
    """46elks says where it is; given twice and differently it is one."""
    twice = [*MESSAGES["46elks"].items(), ("image", ""), ("image", "https://h/1.jpg")]

    assert (False, True) == (of("46elks", {"image": ""})[1], read("46elks", twice).has_media)


@pytest.mark.parametrize(
    ("said", "expected"), [(10, 10), ("10", 10), (True, 1), (10.0, 1), ([10], 1), (None, 1), (0, 1), (-5, 1)]
)
def test_json_may_say_a_count_as_a_number(said, expected):
    """Or as text; anything else says nothing."""
    assert (expected, False) == of_json({"NumSegments": said, "NumMedia": 0})


@pytest.mark.parametrize(("said", "expected"), [(1, True), ("2", True), (0, False), (-1, False), (True, False)])
def test_json_says_pictures_by_a_number_above_zero(said, expected):
    """Fewer than none are none."""
    assert (1, expected) == of_json({"NumMedia": said})


@given(st.text())
@example("é" * 160)
@example("e\u0301" * 80)
@example("[" * 81)
@example("a" * 70)
@example("€" * 80)
def test_the_text_is_counted_as_it_came(text):
    """Expected by another counter: what is written in several code points travelled in as many, and is not composed first."""
    assert max(1, counted_elsewhere(text)) == segments_of("", text)


@given(st.integers() | st.text())
def test_a_number_of_anything_is_a_number_or_nothing(said):
    """No digits of another script, and none so long that reading them takes time."""
    number = number_of(said)

    assert number is None or 0 <= number == int(said)
