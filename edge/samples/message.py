"""Requests as Twilio sends them, signed with the number's own secret: for the demo.

The fields are those of two captures of the wire, blank ones included; the numbers are from the range that Arcep keeps for
fiction (+336 39 98 xx xx).
"""

import base64
import hmac
from urllib.parse import urldefrag, urlencode

from edge.config import Config


def form(phone: str, sender: str, text: str, message_id: str) -> dict[str, str]:
    """Return the fields of one inbound message."""
    return {
        "ToCountry": "FR",
        "ToState": "",
        "SmsMessageSid": message_id,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message_id,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": text,
        "FromCountry": "FR",
        "To": phone,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": message_id,
        "AccountSid": "AC00000000000000000000000000000000",
        "From": sender,
        "ApiVersion": "2010-04-01",
    }


def sign(url: str, fields: dict[str, str], secret: str) -> str:
    """Return Twilio's signature of a form (https://www.twilio.com/docs/usage/security)."""
    signed = url + "".join(name + value for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), "sha1")).decode()


def request(config: Config, secret: str, sender: str, text: str, message_id: str) -> tuple[dict[str, str], str]:
    """Return the headers and the body of one inbound message."""
    fields = form(config.number.phone, sender, text, message_id)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(urldefrag(config.number.url).url, fields, secret),
    }
    return headers, urlencode(fields)
