"""Reads a request's body: its type, the fields of a JSON object, the message.

A message has an id. Its text may be blank: a picture without words is a message, and costs as much. So may its sender be:
somebody who withholds a number has written all the same.
"""

import functools

import msgspec

from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.core.wire.provider import Headers
from edge.core.wire.reason import Reason
from edge.errors import UNREADABLE
from edge.providers.billed import segments_of

FORM = b"application/x-www-form-urlencoded"
JSON = b"application/json"


def media_type(headers: Headers) -> bytes:
    """Return the type of a request's body, in lower case and without its parameters."""
    return _media_type(headers.get(b"content-type", b""))


@functools.lru_cache(maxsize=16)
def _media_type(content_type: bytes) -> bytes:
    return content_type.partition(b";")[0].strip().lower()


def json_fields(body: bytes) -> dict[str, object] | Reason:
    """Return the fields of a JSON object; `not_a_message` for a list of anything, `malformed` for what holds nothing."""
    try:
        found = msgspec.json.decode(body, type=dict[str, object] | list[object])
    except UNREADABLE:
        return Reason.MALFORMED
    if not found:
        return Reason.MALFORMED
    return found if isinstance(found, dict) else Reason.NOT_A_MESSAGE


def message_of(
    sender: object,
    text: object,
    message_id: object,
    to: object = "",
    word: Word | None = None,
    *,
    segments: object = None,
    has_media: bool = False,
) -> Message | Reason:
    """Return the message, or `malformed` unless its parts are strings, and the id is not blank.

    `segments` is what the provider says of its bill; None if it says nothing.
    """
    if (
        isinstance(sender, str)
        and isinstance(text, str)
        and isinstance(message_id, str)
        and isinstance(to, str)
        and message_id
    ):
        return Message(sender, text, message_id, to, word, segments_of(segments, text), has_media)
    return Reason.MALFORMED
