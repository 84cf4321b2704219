"""A report of what became of a reply, as each provider sends it to the webhook, signed with the number's own secret.

It is genuine and no message (`not_a_message`): a worker answers it with silence, and books nothing. So the whole way to a worker can
be tried. The fields are those of tests/providers/samples; the numbers are from the range that Arcep keeps for fiction.
"""

import base64
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from edge.config import Number
from edge.errors import ConfigError, did_you_mean
from edge.samples.message import sign

RECEIVER = "+33639980001"


def report(number: Number, secret: str) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a report; a provider that signs nothing needs no secret. Raises ConfigError."""
    if number.provider not in REPORTS:
        raise ConfigError(f"no report is known of {number.provider!r}; {did_you_mean(number.provider, REPORTS)}")
    fields, headers = REPORTS[number.provider](number.phone, urldefrag(number.url).url, secret)
    return {"content-type": "application/x-www-form-urlencoded", **headers}, urlencode(fields).encode()


_Made = tuple[dict[str, str], dict[str, str]]
"""The fields of a report, and the headers with its signature."""


def _twilio(phone: str, url: str, secret: str) -> _Made:
    """Return Twilio's report, which is SignalWire's as well: it takes both names of the signature's header."""
    fields = _twilio_fields(phone)
    return fields, {"x-twilio-signature": sign(url, fields, secret)}


def _plivo(phone: str, url: str, secret: str) -> _Made:
    fields = _plivo_fields(phone)
    return fields, _signed_by_plivo(url, fields, secret)


def _elks(_phone: str, _url: str, _secret: str) -> _Made:
    return {"id": f"s{secrets.token_hex(15)}", "status": "delivered", "delivered": "2026-01-01T00:00:00"}, {}


REPORTS: dict[str, Callable[[str, str, str], _Made]] = {
    "twilio": _twilio,
    "signalwire": _twilio,
    "plivo": _plivo,
    "46elks": _elks,
}
"""By the name of the provider; each takes our number, its address and the secret."""


def _twilio_fields(phone: str) -> dict[str, str]:
    """Return Twilio's fields, which SignalWire has as well."""
    message_id = f"SM{secrets.token_hex(16)}"
    return {
        "SmsSid": message_id,
        "SmsStatus": "delivered",
        "MessageStatus": "delivered",
        "To": RECEIVER,
        "MessageSid": message_id,
        "AccountSid": "AC00000000000000000000000000000000",
        "From": phone,
        "ApiVersion": "2010-04-01",
    }


def _plivo_fields(phone: str) -> dict[str, str]:
    message_id = secrets.token_hex(16)
    return {
        "From": phone.removeprefix("+"),
        "To": RECEIVER.removeprefix("+"),
        "MessageUUID": message_id,
        "ParentMessageUUID": message_id,
        "Status": "delivered",
        "Units": "1",
    }


def _signed_by_plivo(url: str, fields: dict[str, str], secret: str) -> dict[str, str]:
    """Return the headers of Plivo's third version (:mod:`edge.providers.plivo`)."""
    nonce = str(secrets.randbelow(10**20))
    parts = urlsplit(url)
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True)))
    address = f"{url.partition('?')[0]}?{query}{'.' if query else ''}"
    signed = f"{address}{''.join(name + value for name, value in sorted(fields.items()))}.{nonce}"
    mac = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return {
        "x-plivo-signature-ma-v3": base64.b64encode(mac).decode(),
        "x-plivo-signature-v3-nonce": nonce,
    }
