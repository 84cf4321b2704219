"""Requests as Twilio sends them, signed with the number's own secret: for the demo, and for a first try with curl.

The fields are those of two captures of the wire, blank ones included; the numbers are from the range that Arcep keeps for
fiction (+336 39 98 xx xx).
"""

import base64
import hmac
import os
import shlex
import sys
from pathlib import Path
from urllib.parse import urldefrag, urlencode, urlsplit

from edge.config import Config
from edge.configfile import load
from edge.credentials import number_secrets


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


def curl(config: Config, secret: str, *, address: str, sender: str, text: str, message_id: str) -> str:
    """Return the command line that sends one inbound message to a worker."""
    headers, body = request(config, secret, sender, text, message_id)
    shown = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    return f"curl -i {address} {shown} -d {shlex.quote(body)}"


def main() -> None:
    """Print the curl line for the static file named on the command line."""
    path = Path(sys.argv[1])
    config = load(path)
    [secret] = number_secrets(config, path.parent, os.environ)
    address = f"http://{config.server.bind}{urlsplit(config.number.url).path}"
    sys.stdout.write(
        "a message as the provider sends it (send it twice; use another From for another sender):\n"
        + curl(config, secret, address=address, sender="+33639980001", text="Salut", message_id="SM" + "0" * 32)
        + "\n"
    )


if __name__ == "__main__":
    main()
