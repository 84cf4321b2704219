"""Twilio: https://www.twilio.com/docs/usage/webhooks/webhooks-security.

`X-Twilio-Signature` is the Base64 of an HMAC-SHA1, keyed with the primary Auth Token, over

1. the address as entered, then every field of the form (name and value, no delimiters) in the order of the names;
   of a repeated name each value once, in the order of the values;
2. with GET, the address with the query as received, which holds the fields;
3. with JSON, the same, where the query holds `bodySHA256`, the hash of the body.

There is no timestamp and no nonce: what was signed once is valid for ever, and only its id tells a retry from a message.
Twilio does not say whether the port belongs to the address, and its SDKs accept both, so both are accepted here.
"""

import hashlib
from collections.abc import Iterable, Sequence
from hmac import compare_digest

from edge.core.message import Message
from edge.core.provider import Headers
from edge.core.reason import Reason
from edge.providers import twiml
from edge.providers.address import parse_address
from edge.providers.body import FORM, JSON, json_fields, media_type, message_of
from edge.providers.form import Form
from edge.providers.forms import Pair, parse
from edge.providers.signing import Mac, signed_in_base64

_SIGNATURE = b"x-twilio-signature"


def each_once(pairs: Iterable[Pair]) -> list[Pair]:
    """Arrange fields as Twilio does: by name, then by value, none twice."""
    return sorted(set(pairs))


class Twilio:
    """One number at Twilio, or at somebody who speaks its dialect."""

    needs_secret = True
    needs_secret_path = False
    methods = frozenset({"GET", "POST"})
    content_type = twiml.CONTENT_TYPE
    silence = twiml.SILENCE
    arrange = staticmethod(each_once)
    """Puts the fields of a form into the order in which they are signed."""
    strip_any_port = True
    """Whether any port may be missing from the address that was signed, or only the default one."""

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        del phone  # TwiML answers from the number that was written to
        address = parse_address(url)
        spellings = address.spellings(strip_any_port=self.strip_any_port)
        self._form_macs = _macs(secrets, [spelling + address.query for spelling in spellings])
        self._query_macs = _macs(secrets, spellings)

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `bad_signature`, `malformed` or `wrong_type`."""
        signature = self._signature(headers)
        if method == "GET":
            return _read_query(self._query_macs, query, signature)
        kind = media_type(headers)
        if kind == FORM:
            form = parse(body, self.arrange)
            signed = signed_in_base64(self._form_macs, form.signed, signature)
            return _form_message(form) if signed else Reason.BAD_SIGNATURE
        if kind == JSON:
            return _json_message(body) if self._signs_json(query, body, signature) else Reason.BAD_SIGNATURE
        return Reason.WRONG_TYPE

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer: one piece, as it names nobody."""
        return (twiml.reply(text),)

    def _signature(self, headers: Headers) -> bytes:
        return headers.get(_SIGNATURE, b"")

    def _signs_json(self, query: bytes, body: bytes, signature: bytes) -> bool:
        return _signs_body(query, body) and signed_in_base64(self._query_macs, b"?" + query, signature)


def _macs(secrets: Sequence[str], beginnings: Sequence[str]) -> list[Mac]:
    """Return the keys for what begins in one of these ways."""
    return [Mac(hashlib.sha1, secret, beginning) for secret in secrets for beginning in beginnings]


def _read_query(query_macs: Sequence[Mac], query: bytes, signature: bytes) -> Message | Reason:
    """Return the message of a GET."""
    signed = signed_in_base64(query_macs, b"?" + query, signature)
    return _form_message(parse(query, each_once)) if signed else Reason.BAD_SIGNATURE


def _signs_body(query: bytes, body: bytes) -> bool:
    """Return whether a query vouches for a body."""
    body_hash = parse(query, each_once).value(b"bodySHA256") or ""
    return compare_digest(hashlib.sha256(body).hexdigest().encode(), body_hash.encode())


def _form_message(form: Form) -> Message | Reason:
    """Return the message in a form."""
    return message_of(form.value(b"From"), form.value(b"Body", ""), form.value(b"MessageSid"))


def _json_message(body: bytes) -> Message | Reason:
    """Return the message in a JSON object."""
    fields = json_fields(body)
    return message_of(fields.get("From"), fields.get("Body", ""), fields.get("MessageSid"))
