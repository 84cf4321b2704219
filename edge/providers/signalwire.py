"""SignalWire, where it speaks Twilio's dialect (cXML): https://developer.signalwire.com/compatibility-api/xml/messaging.

`X-SignalWire-Signature`, or `X-Twilio-Signature`, is made with the project's Signing Key, which is not its API token.

1. Forms and GET are signed as at Twilio, but that a repeated name keeps all its values, in the order of submission.
2. JSON is signed in hexadecimal, over the address and the body, or as at Twilio.
3. Of ports only the default one may come and go.

Facts from https://github.com/signalwire/signalwire-python, signalwire/core/security/webhook_validator.py; unlike it, we
never take a signature over the address alone for one over a form or a body.
"""

import hmac
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import ClassVar

from edge.core.wire.provider import Ceiling, Headers
from edge.providers.address import Address
from edge.providers.forms import Pair
from edge.providers.signing import signed_in_hex
from edge.providers.twilio import Twilio

_SIGNATURE = b"x-signalwire-signature"


def as_submitted(pairs: Iterable[Pair]) -> list[Pair]:
    """Arrange fields as SignalWire does: by name, the values of a repeated name as submitted."""
    return sorted(pairs, key=itemgetter(0))


class SignalWire(Twilio):
    """One number at SignalWire."""

    signatures: Sequence[bytes] = (_SIGNATURE, *Twilio.signatures)
    arrange = staticmethod(as_submitted)
    strip_any_port = False
    ceilings: ClassVar[Sequence[Ceiling]] = (
        Ceiling(
            "a balance of zero stops all services; a card brings an auto top-up with it, so keep its amount small, and have a "
            "low balance call an address of yours",
            "https://developer.signalwire.com/platform/dashboard/guides/how-to-set-auto-top-up-by-credit-card",
        ),
    )
    note = ""
    no_detach = "its documentation does not say whether a message is charged for while the number has no address"
    secret_form = ("PSK.*", "a Signing Key, which begins with PSK (the API token signs nothing)")

    def _make(self, secret: str, address: Address, fields: bytes, body: bytes) -> list[bytes]:
        whole = f"{address.entered}{address.query}".encode("utf-8", "surrogateescape") + body
        return [
            *super()._make(secret, address, fields, body),
            hmac.digest(secret.encode(), whole, "sha1").hex().encode(),
        ]

    def _signature(self, headers: Headers) -> bytes:
        return headers.get(_SIGNATURE) or super()._signature(headers)

    def _signs_json(self, query: bytes, body: bytes, signature: bytes) -> bool:
        following = b"?" + query if query else b""
        return signed_in_hex(self._query_macs, following + body, signature) or super()._signs_json(
            query, body, signature
        )
