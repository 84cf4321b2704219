"""Plivo: https://docs.plivo.com/docs/messaging/xml/request.

1. Where V3 headers are present they alone decide. `X-Plivo-Signature-V3` and `-Ma-V3` (the main account's; messages are
   signed under it) may each hold several signatures: Base64 of HMAC-SHA256, keyed with an Auth Token, over the address,
   ``?``, its query in the order of names, ``.``, every field in the order of names and values, ``.`` and the nonce.
2. Otherwise V2 does: the same over the address without its query, and the nonce. **It signs neither sender nor text,
   and is valid for ever**: whoever saw one such request can make up any number of others. Plivo chooses the version, so
   a path or a CDN that only Plivo knows is required of everybody.
3. Numbers are digits without a plus sign, on the wire and in the answer; a sender of digits gets its plus sign here. A
   short code does as well, and is then too short to be a person's.

V3 from https://github.com/plivo/plivo-python, plivo/utils/signature_v3.py. That messages come under `-Ma-V3` is told by
https://github.com/activepieces/activepieces (plivo, new-incoming-sms) and Chatwoot, not by Plivo.
"""

import hashlib
from collections.abc import Iterable, Sequence

from edge.core.message import Message
from edge.core.provider import Headers
from edge.core.reason import Reason
from edge.providers import twiml
from edge.providers.address import parse_address
from edge.providers.body import FORM, media_type, message_of
from edge.providers.forms import Pair, pairs, parse
from edge.providers.signing import Mac, signed_in_base64

_V3 = (b"x-plivo-signature-ma-v3", b"x-plivo-signature-v3")
_V3_NONCE = b"x-plivo-signature-v3-nonce"
_V2 = (b"x-plivo-signature-ma-v2", b"x-plivo-signature-v2")
_V2_NONCE = b"x-plivo-signature-v2-nonce"
_COMMAS_MAX = 8
"""One signature for each Auth Token while they rotate; the bound keeps a stranger from making us compare thousands."""


class Plivo:
    """One number at Plivo."""

    needs_secret = True
    needs_secret_path = True
    methods = frozenset({"GET", "POST"})
    content_type = twiml.CONTENT_TYPE
    silence = twiml.SILENCE

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        self._phone = phone.removeprefix("+")
        address = parse_address(url)
        query = _joined(pairs(address.query[1:].encode())).decode()
        before_fields = f"{address.entered}?{query}." if query else f"{address.entered}?"
        self._form_macs = [Mac(hashlib.sha256, secret, before_fields) for secret in secrets]
        self._address_macs = [Mac(hashlib.sha256, secret, address.entered) for secret in secrets]

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `bad_signature`, `malformed` or `wrong_type`."""
        if method != "GET" and media_type(headers) != FORM:
            return Reason.WRONG_TYPE
        form = parse(query if method == "GET" else body, sorted)
        if not self._signed(method, query, form.signed, headers):
            return Reason.BAD_SIGNATURE
        return message_of(_with_plus(form.value(b"From")), form.value(b"Text", ""), form.value(b"MessageUUID"))

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer in two pieces, around the digits of whom it is for."""
        return (
            f'<Response><Message src="{self._phone}" dst="'.encode(),
            f'">{twiml.escape(text)}</Message></Response>'.encode(),
        )

    def _signed(self, method: str, query: bytes, fields: bytes, headers: Headers) -> bool:
        if not any(name in headers for name in _V3):
            return signed_in_base64(self._address_macs, headers.get(_V2_NONCE, b""), *_signatures(headers, _V2))
        nonce = b"." + headers.get(_V3_NONCE, b"")
        if method == "GET":
            following = b"?" + _joined(pairs(query))
            return signed_in_base64(self._address_macs, following + nonce, *_signatures(headers, _V3))
        return signed_in_base64(self._form_macs, fields + nonce, *_signatures(headers, _V3))


def _signatures(headers: Headers, names: Iterable[bytes]) -> list[bytes]:
    """Return all signatures in the headers of these names."""
    given = b",".join(headers[name] for name in names if name in headers)
    return [signature.strip() for signature in given.split(b",", _COMMAS_MAX)]


def _joined(fields: Iterable[Pair]) -> bytes:
    return b"&".join(name + b"=" + value for name, value in sorted(fields))


def _with_plus(sender: str | None) -> str | None:
    return f"+{sender}" if sender and sender.isascii() and sender.isdigit() else sender
