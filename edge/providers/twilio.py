"""Twilio: https://www.twilio.com/docs/usage/webhooks/webhooks-security.

`X-Twilio-Signature` is the Base64 of an HMAC-SHA1, keyed with the primary Auth Token, over

1. the address as entered, then every field of the form (name and value, no delimiters) in the order of the names;
   of a repeated name each value once, in the order of the values;
2. with GET, the address with the query as received, which holds the fields;
3. with JSON, the same, where the query holds `bodySHA256`, the hash of the body.

There is no timestamp and no nonce: what was signed once is valid for ever, and only its id tells a retry from a message.
Twilio does not say whether the port belongs to the address, and its SDKs accept both, so both are accepted here.

A message to us has a `MessageSid` and no other status than received. The rest of what is signed for an account is none:
reports of what became of our own messages, calls, events; those of Conversations have a `MessageSid` and a text as well
(https://www.twilio.com/docs/conversations/conversations-webhooks).
"""

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from hmac import compare_digest
from typing import ClassVar

from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.core.wire.provider import Ceiling, Headers
from edge.core.wire.reason import Reason
from edge.providers import twiml
from edge.providers.address import Address, parse_address
from edge.providers.billed import number_of, segments_of
from edge.providers.body import FORM, JSON, json_fields, media_type, message_of
from edge.providers.doubt import Doubt
from edge.providers.form import Form, text_of
from edge.providers.forms import Pair, parse
from edge.providers.signing import Mac, signed_in_base64

_SIGNATURE = b"x-twilio-signature"
_BODY_HASH = b"bodySHA256"
_RECEIVED = frozenset({"", "received", "receiving"})
_USUAL_STATUS = (b"received", None)
"""SignalWire's messages have none."""
_INBOUND = frozenset({"", "inbound"})
_READ = (
    *(b"SmsStatus", b"To", b"NumMedia", b"NumSegments", b"MessageSid", b"From", b"Body"),
    *(b"MessageStatus", b"Direction", b"OptOutType", b"EventType", b"AccountSid", b"CallSid"),
)
"""The names of the fields that are read."""
_WORDS = {"STOP": Word.STOP, "START": Word.START, "HELP": Word.HELP}

Fields = Callable[[str], object]
"""The value of a name: blank if it is missing, None if it is contradictory."""


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
    signatures: Sequence[bytes] = (_SIGNATURE,)
    ceilings: ClassVar[Sequence[Ceiling]] = (
        Ceiling(
            "without auto recharge, what was prepaid is the end: a balance of zero suspends the account, and nothing is "
            "received or sent",
            "https://support.twilio.com/hc/en-us/articles/223135487-How-Twilio-billing-works",
        ),
        Ceiling(
            "a usage trigger on the price of `sms-inbound` a day calls an address of yours, also while no worker runs; with "
            "the number in a subaccount of its own, that can suspend it (looked at about once a minute)",
            "https://support.twilio.com/hc/en-us/articles/223132387",
        ),
        Ceiling(
            "geo permissions: allow the countries that have a price here; they are said of what is sent by API, so do not "
            "count on them for answers to a webhook",
            "https://www.twilio.com/docs/api/errors/21408",
        ),
    )
    note = (
        "the messages of a subaccount's number are signed with the subaccount's Auth Token, not the main account's; "
        "what an API key, or the test credentials, would sign is refused"
    )
    no_detach = ""
    """A number without an address is not charged for: https://support.twilio.com/hc/en-us/articles/223135287."""
    secret_form = ("[0-9a-f]{32}", "an Auth Token, which is 32 of the digits 0-9 and a-f (an API key signs nothing)")
    arrange = staticmethod(each_once)
    """Puts the fields of a form into the order in which they are signed."""
    strip_any_port = True
    """Whether any port may be missing from the address that was signed, or only the default one."""

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        self._phone = phone  # TwiML answers from the number that was written to
        self._raw_phone = phone.encode()
        self._address = parse_address(url)
        self._secrets = secrets
        spellings = self._address.spellings(strip_any_port=self.strip_any_port)
        self._form_macs = _macs(secrets, [spelling + self._address.query for spelling in spellings])
        self._query_macs = _macs(secrets, spellings)

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `not_a_message`, `bad_signature`, `malformed` or `wrong_type`."""
        signature = self._signature(headers)
        if method == "GET":
            signed = signed_in_base64(self._query_macs, b"?" + query, signature)
            return self._form_message(parse(query, each_once, _READ)) if signed else Reason.BAD_SIGNATURE
        kind = media_type(headers)
        if kind == FORM:
            form = parse(body, self.arrange, _READ)
            signed = signed_in_base64(self._form_macs, form.signed, signature)
            return self._form_message(form) if signed else Reason.BAD_SIGNATURE
        if kind == JSON:
            return _json_message(body) if self._signs_json(query, body, signature) else Reason.BAD_SIGNATURE
        return Reason.WRONG_TYPE

    def explain(self, method: str, query: bytes, headers: Headers, body: bytes, *, guess: bool) -> str:
        """Return what would have verified, or what is likely."""
        is_form = method != "GET" and media_type(headers) == FORM
        fields = parse(body, self.arrange).signed if is_form else b""
        received = f"?{query.decode('utf-8', 'surrogateescape')}" if query else ""

        def make(secret: str, address: Address) -> list[bytes]:
            whole = address if is_form else address._replace(query=received)
            return self._make(secret, whole, fields, body)

        doubt = Doubt(self._address, self._secrets, self.secret_form, self.note)
        return doubt.explain(query, headers, make, [self._signature(headers)], guess=guess)

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer: one piece, as it names nobody."""
        return (twiml.reply(text),)

    def _make(self, secret: str, address: Address, fields: bytes, body: bytes) -> list[bytes]:
        """Return the signatures of a request to an address; of JSON the address vouches for the body."""
        del body
        signed = f"{address.entered}{address.query}".encode("utf-8", "surrogateescape") + fields
        return [b2a_base64(hmac.digest(secret.encode(), signed, "sha1"), newline=False)]

    def _signature(self, headers: Headers) -> bytes:
        return headers.get(_SIGNATURE, b"")

    def _signs_json(self, query: bytes, body: bytes, signature: bytes) -> bool:
        return _signs_body(query, body) and signed_in_base64(self._query_macs, b"?" + query, signature)

    def _form_message(self, form: Form) -> Message | Reason:
        """Return the message in a form; the usual one at once, in which nothing stands that needs a second look."""
        status, to, media, segments, message_id, sender, text, own_status, direction, word, event, _account, _call = (
            form.values
        )
        if (
            (status in _USUAL_STATUS and to == self._raw_phone and media == b"0" and message_id)
            and (own_status is None and direction is None and word is None and event is None)
            and not form.contradictory
        ):
            words = text_of(text or b"")
            return Message(
                text_of(sender or b""),
                words,
                text_of(message_id),
                self._phone,
                None,
                segments_of(text_of(segments or b""), words),
            )
        return _message(lambda name: form.value(name.encode(), ""))


def _macs(secrets: Sequence[str], beginnings: Sequence[str]) -> list[Mac]:
    """Return the keys for what begins in one of these ways."""
    return [Mac(hashlib.sha1, secret, beginning) for secret in secrets for beginning in beginnings]


def _signs_body(query: bytes, body: bytes) -> bool:
    """Return whether a query vouches for a body."""
    body_hash = parse(query, each_once, (_BODY_HASH,)).value(_BODY_HASH) or ""
    return compare_digest(hashlib.sha256(body).hexdigest().encode(), body_hash.encode())


def _json_message(body: bytes) -> Message | Reason:
    """Return the message in a JSON object; any other one that is signed is an event."""
    fields = json_fields(body)
    if isinstance(fields, Reason):
        return fields
    if "MessageSid" not in fields:
        return Reason.NOT_A_MESSAGE
    return _message(lambda name: _of_json(fields.get(name)))


def _of_json(value: object) -> object:
    """Return a value as a form would hold it: blank if there is none, None if it holds more than a value."""
    return "" if value is None else value if isinstance(value, (str, int)) else None


def _message(value: Fields) -> Message | Reason:
    """Return the message in fields that are signed, or what else they are."""
    if (
        value("SmsStatus") not in _RECEIVED
        or value("MessageStatus") not in _RECEIVED
        or value("Direction") not in _INBOUND
        or value("EventType") != ""
    ):
        return Reason.NOT_A_MESSAGE
    if value("MessageSid") == "":
        return Reason.NOT_A_MESSAGE if value("AccountSid") or value("CallSid") else Reason.MALFORMED
    word = value("OptOutType")
    return message_of(
        value("From"),
        value("Body"),
        value("MessageSid"),
        value("To"),
        _WORDS.get(word) if isinstance(word, str) else None,
        segments=value("NumSegments"),
        has_media=bool(number_of(value("NumMedia"))),
    )
