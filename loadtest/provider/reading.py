"""Reads the worker's responses as the provider would: every byte that would become an SMS counts as one.

1. A 2xx with `<Message>` elements is a reply; with an XML document without any, or with nothing at all, silence.
2. A 2xx with anything else is a reply too: Twilio and 46elks send plain text on to the sender.
3. A 4xx is a refusal. Everything else is an error, which a provider would repeat.
"""

import json
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from xml.etree import ElementTree as ET

import msgspec

from loadtest.provider.segments import segments


class Outcome(StrEnum):
    """The outcome of one request."""

    REPLY = "reply"
    SILENCE = "silence"
    REFUSED = "refused"
    ERROR = "error"
    UNKNOWN = "unknown"
    """No answer came: a timeout or a broken connection. The reply may have been paid all the same."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One response as the provider understands it."""

    outcome: Outcome
    text: str = ""
    segments: int = 0


LOST = Reading(Outcome.UNKNOWN)
"""The reading of a response that never came."""
_SILENCE = Reading(Outcome.SILENCE)
_REFUSED = Reading(Outcome.REFUSED)
_ERROR = Reading(Outcome.ERROR)


@lru_cache(maxsize=4096)
def classify(status: int, body: bytes) -> Reading:
    """Return how the provider that asked reads a response."""
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _REFUSED
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _ERROR
    try:
        replies = _replies(body.decode())
    except (ET.ParseError, UnicodeDecodeError):
        return _ERROR
    if not replies:
        return _SILENCE
    return Reading(Outcome.REPLY, "".join(replies), sum(map(segments, replies)))


def _replies(body: str) -> list[str]:
    body = body.strip()
    if body.startswith("<"):
        root = ET.fromstring(body)  # noqa: S314  from the worker under test, and short
        return ["".join(message.itertext()) for message in root.iter("Message")]
    if body.startswith("{"):
        return _replies_of_actions(body)
    return [body] if body else []


def _replies_of_actions(body: str) -> list[str]:
    """Read 46elks' JSON form, `{"reply": "…"}`; JSON that says nothing of a reply is none."""
    try:
        return [str(text) for text in [json.loads(body).get("reply")] if text]
    except json.JSONDecodeError:
        return [body]
