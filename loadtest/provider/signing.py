"""Requests as a provider would make them, signed with the secret of the number that is tested; nothing here is shared with the worker.

1. An encoder works out all that is constant once; a request then costs two substitutions and one HMAC.
2. Everything is as on the wire at the provider: its fields in its order, the blank ones included (they are signed too).
3. A forged request differs from a true one in nothing but that its author does not know the secret. Where a provider
   signs nothing, its address is the secret.

Sources: https://www.twilio.com/docs/usage/webhooks/webhooks-security (Twilio, and SignalWire after it, with its own header
and key), https://docs.plivo.com/docs/messaging/xml/request (Plivo's V2: address and nonce), https://46elks.se/docs/receive-sms
(no signature).
"""

import base64
import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import quote, quote_plus, urldefrag, urlsplit

from edge.config import Config
from edge.errors import did_you_mean
from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.segments import received

Fields = Sequence[tuple[str, str]]
"""Names and values in the order of the wire. A value is constant, or one of the slots below."""
_TEXT, _SENDER, _ID, _SEGMENTS = "%(text)s", "%(sender)s", "%(id)s", "%(segments)s"
_SLOTS = frozenset({_TEXT, _SENDER, _ID, _SEGMENTS})

_quoted = lru_cache(maxsize=65_536)(quote_plus)


class _Layout:
    """The fields of a form as two templates: for its body, and for what is signed."""

    def __init__(self, fields: Fields) -> None:
        self._wire = "&".join(
            f"{name}={value if value in _SLOTS else _escaped(quote_plus(value))}" for name, value in fields
        )
        self._signed = "".join(name + (value if value in _SLOTS else _escaped(value)) for name, value in sorted(fields))

    def fill(self, arrival: Arrival, text: str) -> tuple[bytes, str]:
        """Return the body, and its names and values as Twilio concatenates them."""
        parts = str(received(text))
        sender, message_id = arrival.sender, arrival.message_id
        wire = {"text": _quoted(text), "sender": _quoted(sender), "id": quote_plus(message_id), "segments": parts}
        signed = {"text": text, "sender": sender, "id": message_id, "segments": parts}
        return (self._wire % wire).encode(), self._signed % signed


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _twilio_fields(phone: str) -> Fields:
    blank = ""
    return [
        ("ToCountry", "FR"),
        ("ToState", blank),
        ("SmsMessageSid", _ID),
        ("NumMedia", "0"),
        ("ToCity", blank),
        ("FromZip", blank),
        ("SmsSid", _ID),
        ("FromState", blank),
        ("SmsStatus", "received"),
        ("FromCity", blank),
        ("Body", _TEXT),
        ("FromCountry", "FR"),
        ("To", phone),
        ("ToZip", blank),
        ("NumSegments", _SEGMENTS),
        ("ReferralNumMedia", "0"),
        ("MessageSid", _ID),
        ("AccountSid", "AC00000000000000000000000000000000"),
        ("From", _SENDER),
        ("ApiVersion", "2010-04-01"),
    ]


def _twilio_picture(phone: str) -> Fields:
    """Return the fields of a message with a picture: https://www.twilio.com/docs/messaging/guides/webhook-request."""
    url = f"https://api.twilio.com/2010-04-01/Accounts/AC{0:032}/Messages/MM{0:032}/Media/ME{0:032}"
    plain = [("NumMedia", "1") if field == ("NumMedia", "0") else field for field in _twilio_fields(phone)]
    return [*plain, ("MediaContentType0", "image/jpeg"), ("MediaUrl0", url)]


def _plivo_fields(phone: str) -> Fields:
    return [
        ("From", _SENDER),
        ("To", phone),
        ("Type", "sms"),
        ("Text", _TEXT),
        ("MessageUUID", _ID),
        ("Units", _SEGMENTS),
    ]


def _plivo_picture(phone: str) -> Fields:
    plain = [("Type", "mms") if field == ("Type", "sms") else field for field in _plivo_fields(phone)]
    return [*plain, ("MediaCount", "1"), ("Media0", "https://media.plivo.com/0.jpg")]


def _elks_fields(phone: str) -> Fields:
    return [
        ("direction", "incoming"),
        ("id", _ID),
        ("from", _SENDER),
        ("to", phone),
        ("created", "2017-10-30T16:00:00.000000"),
        ("message", _TEXT),
    ]


def _elks_picture(phone: str) -> Fields:
    return [*_elks_fields(phone), ("image", "https://api.46elks.com/a1/images/i0.jpg")]


def _twilio_report(phone: str) -> Fields:
    return [
        ("SmsSid", _ID),
        ("SmsStatus", "delivered"),
        ("MessageStatus", "delivered"),
        ("To", _SENDER),
        ("MessageSid", _ID),
        ("AccountSid", "AC00000000000000000000000000000000"),
        ("From", phone),
        ("ApiVersion", "2010-04-01"),
    ]


def _plivo_report(phone: str) -> Fields:
    return [("From", phone), ("To", _SENDER), ("MessageUUID", _ID), ("Status", "delivered"), ("Units", "1")]


def _elks_report(_phone: str) -> Fields:
    return [("id", _ID), ("status", "delivered"), ("delivered", "2017-10-30T16:00:00.000000")]


def twilio_signature(secret: str, signed: str) -> str:
    """Return the Base64 of an HMAC-SHA1 over the address followed by the sorted names and values."""
    return _base64_hmac(secret, signed, "sha1")


def plivo_signature(secret: str, url: str, nonce: str) -> str:
    """Return Plivo's V2 signature: over the address without its query, and a nonce. It covers neither sender nor text."""
    return _base64_hmac(secret, url.partition("?")[0] + nonce, "sha256")


def _base64_hmac(secret: str, signed: str, digest: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), digest)).decode()


def _twilio_headers(secret: str, url: str, signed: str, _message_id: str) -> str:
    return f"X-Twilio-Signature: {twilio_signature(secret, url + signed)}\r\n"


def _signalwire_headers(secret: str, url: str, signed: str, _message_id: str) -> str:
    return f"X-SignalWire-Signature: {twilio_signature(secret, url + signed)}\r\n"


def _plivo_headers(secret: str, url: str, _signed: str, message_id: str) -> str:
    nonce = message_id[-20:]
    signature = plivo_signature(secret, url, nonce)
    return f"X-Plivo-Signature-V2: {signature}\r\nX-Plivo-Signature-V2-Nonce: {nonce}\r\n"


_FIELDS: dict[str, Callable[[str], Fields]] = {
    "twilio": _twilio_fields,
    "signalwire": _twilio_fields,
    "plivo": _plivo_fields,
    "46elks": _elks_fields,
}
_PICTURES: dict[str, Callable[[str], Fields]] = {
    "twilio": _twilio_picture,
    "signalwire": _twilio_picture,
    "plivo": _plivo_picture,
    "46elks": _elks_picture,
}
"""The fields of a message with a picture."""
_REPORTS: dict[str, Callable[[str], Fields]] = {
    "twilio": _twilio_report,
    "signalwire": _twilio_report,
    "plivo": _plivo_report,
    "46elks": _elks_report,
}
"""What a provider tells of a message that was sent, in as many words as say that it is no message."""
_HEADERS: dict[str, Callable[[str, str, str, str], str]] = {
    "twilio": _twilio_headers,
    "signalwire": _signalwire_headers,
    "plivo": _plivo_headers,
}
_ESSENTIAL = ({_ID}, {_SENDER, _ID, _TEXT})
"""A malformed form lacks one of these, the id or everything, and the account as well: with it, it would be some other request
of the provider's. One without its sender is a message of somebody who withholds a number."""
_ACCOUNT = "AccountSid"
_IN_PATH = "/%:@!$&'()*+,;=~-._"
"""What stands for itself on the wire, or is escaped already; all else is escaped (RFC 3986, 3.3 and 3.4)."""
_SOMEBODY = "+33639980001"
"""Arcep keeps it for fiction."""


class Encoder:
    """Turns the arrivals at one number into requests: all of HTTP/1.1, from the first byte of the head to the last of the body.

    At the first number of a file, or that with an index.

    Raises ValueError for a provider that the harness does not know.
    """

    def __init__(self, config: Config, secret: str, origin_secret: str = "", index: int = 0) -> None:
        number = config.numbers[index]
        provider, url = number.provider, urldefrag(number.url).url
        if provider not in _FIELDS:
            raise ValueError(
                f"{config.where(index)}.provider: found {provider!r}, for which the flood cannot speak; {did_you_mean(provider, _FIELDS)}"
            )
        fields = _FIELDS[provider](number.phone)
        self._layouts = _Layout(fields), _Layout(_PICTURES[provider](number.phone))
        self._lacking = [
            _Layout([field for field in fields if field[1] not in slots and field[0] != _ACCOUNT])
            for slots in _ESSENTIAL
        ]
        self._report = _Layout(_REPORTS[provider](number.phone))
        self._sign = _HEADERS.get(provider)
        self._secret, self._url, self._body_bytes_max = secret, url, config.server.body_bytes_max
        address = urlsplit(url)
        self._path = quote(address.path or "/", safe=_IN_PATH) + (
            f"?{quote(address.query, safe=_IN_PATH + '?')}" if address.query else ""
        )
        self._constant = (
            f"Host: {address.netloc.rpartition('@')[2]}\r\n"
            "User-Agent: antirelou-flood\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            + (f"X-Origin-Secret: {origin_secret}\r\n" if origin_secret else "")
        )

    def __call__(self, arrival: Arrival) -> bytes:
        """Return the request of an arrival. That of a `slow_loris` lacks its last byte."""
        body, signed = self._content(arrival)
        path, headers = self._path, ""
        if self._sign is not None:
            headers = self._signature(arrival, self._sign, signed)
        elif arrival.kind is Kind.FORGED:
            path = "/forged" + path
        request = self._request(path, headers, body)
        return request[:-1] if arrival.kind is Kind.SLOW_LORIS else request

    def report(self, message_id: str) -> bytes:
        """Return the request with which the provider reports that a message of ours was delivered."""
        arrival = Arrival(0, 0, _SOMEBODY, "", message_id, Kind.FRESH, genuine=False)
        body, signed = self._report.fill(arrival, "")
        headers = self._signature(arrival, self._sign, signed) if self._sign is not None else ""
        return self._request(self._path, headers, body)

    def _request(self, path: str, headers: str, body: bytes) -> bytes:
        head = f"POST {path} HTTP/1.1\r\n{self._constant}{headers}Content-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _content(self, arrival: Arrival) -> tuple[bytes, str]:
        layout = self._layouts[arrival.picture]
        if arrival.kind is Kind.OVERSIZE:
            return layout.fill(arrival, "x" * (self._body_bytes_max + 1))
        if arrival.kind is Kind.MALFORMED:
            return self._lacking[arrival.index % len(self._lacking)].fill(arrival, arrival.text)
        return layout.fill(arrival, arrival.text)

    def _signature(self, arrival: Arrival, sign: Callable[[str, str, str, str], str], signed: str) -> str:
        """Return the signature's headers; a forger has none, knows another secret, or has seen it of another address."""
        if arrival.kind is not Kind.FORGED:
            return sign(self._secret, self._url, signed, arrival.message_id)
        match arrival.index % 3:
            case 0:
                return ""
            case 1:
                return sign(self._secret + "x", self._url, signed, arrival.message_id)
            case _:
                return sign(self._secret, self._url + "x", signed, arrival.message_id)


def encode(arrival: Arrival, config: Config, secret: str, origin_secret: str = "") -> bytes:
    """Return the request of one arrival; make an Encoder for many."""
    return Encoder(config, secret, origin_secret)(arrival)
