"""Reads a request's body: its type, the fields of a JSON object, the message.

A message has a sender and an id. Its text may be blank: a picture without words is a message, and costs as much.
"""

import functools

import msgspec

from edge.core.message import Message
from edge.core.provider import Headers
from edge.core.reason import Reason

FORM = b"application/x-www-form-urlencoded"
JSON = b"application/json"


def media_type(headers: Headers) -> bytes:
    """Return the type of a request's body, in lower case and without its parameters."""
    return _media_type(headers.get(b"content-type", b""))


@functools.lru_cache(maxsize=16)
def _media_type(content_type: bytes) -> bytes:
    return content_type.partition(b";")[0].strip().lower()


def json_fields(body: bytes) -> dict[str, object]:
    """Return the fields of a JSON object; none if it is not one."""
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError):
        return {}


def message_of(sender: object, text: object, message_id: object) -> Message | Reason:
    """Return the message, or `malformed` unless all three are strings, and sender and id not blank."""
    if isinstance(sender, str) and isinstance(text, str) and isinstance(message_id, str) and sender and message_id:
        return Message(sender, text, message_id)
    return Reason.MALFORMED
