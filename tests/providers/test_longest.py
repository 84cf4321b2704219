"""The longest genuine message of each provider, in every encoding, is let in by default, with room for fields to come."""

import json
from urllib.parse import quote, urlencode

import pytest

from edge.config import TEXT_LENGTH_MAX, Server
from edge.core.wire.message import Message
from edge.providers import PROVIDERS
from tests.providers.test_kinds import MESSAGES, NAMES, read

LIMIT = Server().body_bytes_max
CHARACTERS = {
    "emoji": "\N{GRINNING FACE}",
    "accent": "é",
    "arabic": "ش",
    "chinese": "好",
    "ampersand": "&",
    "blank": " ",
}
TEXTS = [character * TEXT_LENGTH_MAX for character in CHARACTERS.values()]
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/AC{0}/Messages/MM{0}/Media/ME{0}".format("0" * 32)
PICTURES = {
    "twilio": {f"MediaUrl{n}": MEDIA for n in range(10)}
    | {f"MediaContentType{n}": "application/octet-stream" for n in range(10)},
    "signalwire": {f"MediaUrl{n}": MEDIA for n in range(10)}
    | {f"MediaContentType{n}": "application/octet-stream" for n in range(10)},
    "plivo": {f"Media{n}": MEDIA for n in range(10)},
    "46elks": {"image": MEDIA},
}
USUAL = {f"Usual{n}": "0" * 34 for n in range(20)}
"""As many fields as Twilio sends beside the text, each as long as an id."""
NEW = {f"NewField{n}": "x" * 100 for n in range(40)}


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("text", TEXTS, ids=CHARACTERS)
def test_the_longest_message_fits_in_every_encoding(name, text):
    """As a form with few or all escapes, as JSON with escapes; ten pictures, and four thousand bytes of new fields."""
    fields = {**MESSAGES[name], **PICTURES[name], **USUAL, **NEW, NAMES[name][1]: text}
    bodies = [
        urlencode(fields),
        urlencode(fields, quote_via=quote),
        "&".join(f"{key}={''.join(f'%{byte:02x}' for byte in value.encode())}" if value == text else f"{key}={value}" for key, value in fields.items()),
        json.dumps(fields),
    ]  # fmt: skip

    assert LIMIT > max(map(len, bodies))


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_longest_message_is_read(name):
    """To its last character."""
    longest = read(name, {**MESSAGES[name], NAMES[name][1]: TEXTS[0]})

    assert isinstance(longest, Message)
    assert TEXTS[0] == longest.text
