"""Plivo: https://docs.plivo.com/docs/messaging/xml/request.

1. Where V3 headers are present they alone decide. `X-Plivo-Signature-V3` and `-Ma-V3` (the main account's; messages are
   signed under it) may each hold several signatures: Base64 of HMAC-SHA256, keyed with an Auth Token, over the address,
   ``?``, its query in the order of names, ``.``, every field in the order of names and values, ``.`` and the nonce.
2. Otherwise V2 does: the same over the address without its query, and the nonce. **It signs neither sender nor text,
   and is valid for ever**: whoever saw one such request can make up any number of others. Plivo chooses the version, so
   a path or a CDN that only Plivo knows is required of everybody.
3. A message has a `MessageUUID` and no `Status`: reports of what became of our own messages have one. Calls are none.
4. Numbers are digits without a plus sign, on the wire and in the answer; a sender of digits gets its plus sign here. A
   short code does as well, and is then too short to be a person's.

V3 from https://github.com/plivo/plivo-python, plivo/utils/signature_v3.py. That messages come under `-Ma-V3` is told by
https://github.com/activepieces/activepieces (plivo, new-incoming-sms) and Chatwoot, not by Plivo.
"""

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from typing import ClassVar

from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.core.wire.provider import Ceiling, Headers
from edge.core.wire.reason import Reason
from edge.providers import twiml
from edge.providers.address import Address, parse_address
from edge.providers.billed import number_of
from edge.providers.body import FORM, media_type, message_of
from edge.providers.doubt import Doubt
from edge.providers.form import Form
from edge.providers.forms import Pair, pairs, parse
from edge.providers.signing import Mac, signed_in_base64

_V3 = (b"x-plivo-signature-ma-v3", b"x-plivo-signature-v3")
_V3_NONCE = b"x-plivo-signature-v3-nonce"
_V2 = (b"x-plivo-signature-ma-v2", b"x-plivo-signature-v2")
_V2_NONCE = b"x-plivo-signature-v2-nonce"
_RECEIVED = frozenset({"", "received"})
_INBOUND = frozenset({"", "inbound"})
_OTHERS = (b"ParentMessageUUID", b"CallUUID", b"RequestUUID", b"Event")
"""What names something else than a message."""
_READ = (
    *(b"Status", b"Direction", b"MessageUUID", b"From", b"To", b"Text", b"MessageIntent"),
    *(b"Units", b"Type", b"MediaCount", *_OTHERS),
)
"""The names of the fields that are read."""
_WORDS = {"optout": Word.STOP, "optin": Word.START, "help": Word.HELP}
_COMMAS_MAX = 8
"""One signature for each Auth Token while they rotate; the bound keeps a stranger from making us compare thousands."""


class Plivo:
    """One number at Plivo."""

    needs_secret = True
    needs_secret_path = True
    methods = frozenset({"GET", "POST"})
    content_type = twiml.CONTENT_TYPE
    silence = twiml.SILENCE
    signatures: Sequence[bytes] = (*_V3, *_V2)
    ceilings: ClassVar[Sequence[Ceiling]] = (
        Ceiling(
            "without auto recharge, what was prepaid is the end of sending: with a balance of zero nothing is sent any more; its "
            "pages do not say whether what is received is billed beyond that, so do not count on it",
            "https://support.plivo.com/hc/en-us/articles/360041827931-How-can-I-recharge-my-account",
        ),
        Ceiling(
            "auto recharge takes a daily, a weekly and a monthly limit",
            "https://support.plivo.com/hc/en-us/articles/13189523998233-How-can-I-apply-limits-on-my-auto-recharge-payments",
        ),
        Ceiling(
            "geo permissions: allow the countries that have a price here, as a new account allows few; elsewhere nothing is sent or "
            "charged for. They are said of what is sent by API, so do not count on them for answers to a webhook",
            "https://support.plivo.com/hc/en-us/articles/360041408292",
        ),
    )
    note = (
        "the messages of a subaccount's number are signed with the subaccount's Auth Token and with the main account's"
    )
    no_detach = (
        "a message is charged for whether or not the number has an address "
        "(https://support.plivo.com/hc/en-us/articles/360041749951)"
    )
    secret_form = (".+", "an Auth Token")

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        self._phone = phone.removeprefix("+")
        self._secrets = secrets
        self._address = address = parse_address(url)
        query = _joined(pairs(address.query[1:].encode())).decode()
        before_fields = f"{address.entered}?{query}." if query else f"{address.entered}?"
        self._form_macs = [Mac(hashlib.sha256, secret, before_fields) for secret in secrets]
        self._address_macs = [Mac(hashlib.sha256, secret, address.entered) for secret in secrets]

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `not_a_message`, `bad_signature`, `malformed` or `wrong_type`."""
        if method != "GET" and media_type(headers) != FORM:
            return Reason.WRONG_TYPE
        form = parse(query if method == "GET" else body, sorted, _READ)
        if not self._signed(method, query, form.signed, headers):
            return Reason.BAD_SIGNATURE
        return _message(form)

    def explain(self, method: str, query: bytes, headers: Headers, body: bytes, *, guess: bool) -> str:
        """Return what would have verified, or what is likely."""
        is_v3 = any(name in headers for name in _V3)
        nonce = headers.get(_V3_NONCE if is_v3 else _V2_NONCE, b"")
        fields = parse(body, sorted).signed

        def make(secret: str, address: Address) -> list[bytes]:
            signed = address.entered.encode()
            if is_v3:
                given = query if method == "GET" else address.query[1:].encode("utf-8", "surrogateescape")
                joined = _joined(pairs(given))
                signed += b"?" + joined + (b"" if method == "GET" else (b"." if joined else b"") + fields) + b"."
            return [b2a_base64(hmac.digest(secret.encode(), signed + nonce, "sha256"), newline=False)]

        doubt = Doubt(self._address, self._secrets, self.secret_form, self.note)
        return doubt.explain(query, headers, make, _signatures(headers, _V3 if is_v3 else _V2), guess=guess)

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


def _message(form: Form) -> Message | Reason:
    """Return the message in a form, or what else it is."""
    status, direction, message_id, sender, to, text, intent, units, kind, pictures, *_others = form.texts()
    if status not in _RECEIVED or direction not in _INBOUND:
        return Reason.NOT_A_MESSAGE
    if message_id == "" or form.has(b"ParentMessageUUID"):
        return Reason.NOT_A_MESSAGE if any(form.has(name) for name in _OTHERS) else Reason.MALFORMED
    return message_of(
        _with_plus(sender),
        text,
        message_id,
        _with_plus(to),
        _WORDS.get(intent or ""),
        segments=units,
        has_media=(kind or "").lower() == "mms" or bool(number_of(pictures)),
    )


def _signatures(headers: Headers, names: Iterable[bytes]) -> list[bytes]:
    """Return all signatures in the headers of these names."""
    given = b",".join(headers[name] for name in names if name in headers)
    return [signature.strip() for signature in given.split(b",", _COMMAS_MAX)]


def _joined(fields: Iterable[Pair]) -> bytes:
    return b"&".join(name + b"=" + value for name, value in sorted(fields))


def _with_plus(sender: str | None) -> str | None:
    return f"+{sender}" if sender and sender.isascii() and sender.isdigit() else sender
