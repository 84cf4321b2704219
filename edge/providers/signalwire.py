"""SignalWire, where it speaks Twilio's dialect (cXML): https://developer.signalwire.com/compatibility-api/xml/messaging.

`X-SignalWire-Signature`, or `X-Twilio-Signature`, is made with the project's Signing Key, which is not its API token.

1. Forms and GET are signed as at Twilio, but that a repeated name keeps all its values, in the order of submission.
2. JSON is signed in hexadecimal, over the address and the body, or as at Twilio.
3. Of ports only the default one may come and go.

Facts from https://github.com/signalwire/signalwire-python, signalwire/core/security/webhook_validator.py; unlike it, we
never take a signature over the address alone for one over a form or a body.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from edge.message import Message
from edge.providers import twiml
from edge.providers.address import parse_address
from edge.providers.body import FORM, JSON, media_type
from edge.providers.contract import Headers
from edge.providers.forms import Pair, parse
from edge.providers.signing import signed_in_base64, signed_in_hex
from edge.providers.twilio import form_message, json_message, macs, read_query, signs_body
from edge.verdict import Reason

_SIGNATURE = b"x-signalwire-signature"
_TWILIO_SIGNATURE = b"x-twilio-signature"


def as_submitted(pairs: Iterable[Pair]) -> list[Pair]:
    """Arrange fields as SignalWire does: by name, the values of a repeated name as submitted."""
    return sorted(pairs, key=itemgetter(0))


class SignalWire:
    """One number at SignalWire."""

    needs_secret = True
    needs_secret_path = False
    methods = frozenset({"GET", "POST"})
    content_type = twiml.CONTENT_TYPE
    silence = twiml.SILENCE

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        del phone  # cXML answers from the number that was written to
        address = parse_address(url)
        spellings = address.spellings(strip_any_port=False)
        self._form_macs = macs(secrets, [spelling + address.query for spelling in spellings])
        self._query_macs = macs(secrets, spellings)

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `bad_signature`, `malformed` or `wrong_type`."""
        signature = headers.get(_SIGNATURE) or headers.get(_TWILIO_SIGNATURE, b"")
        if method == "GET":
            return read_query(self._query_macs, query, signature)
        kind = media_type(headers)
        if kind == FORM:
            form = parse(body, as_submitted)
            signed = signed_in_base64(self._form_macs, form.signed, signature)
            return form_message(form) if signed else Reason.BAD_SIGNATURE
        if kind == JSON:
            return json_message(body) if self._signs_json(query, body, signature) else Reason.BAD_SIGNATURE
        return Reason.WRONG_TYPE

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer: one piece, as it names nobody."""
        return (twiml.reply(text),)

    def _signs_json(self, query: bytes, body: bytes, signature: bytes) -> bool:
        following = b"?" + query if query else b""
        if signed_in_hex(self._query_macs, following + body, signature):
            return True
        return signs_body(query, body) and signed_in_base64(self._query_macs, following, signature)
