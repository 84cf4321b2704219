"""The provider's side of a number that is detached: an API on the loopback, which does what it is asked for after a while.

1. It stands in for Twilio (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource): who calls is checked,
   and only what is needed to find a number and to set its address is answered.
2. What it does is written to the line, `delay_s` after it was asked for: what was on its way still arrives.
"""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from loadtest.provider.line import Line

_SID = "PN" + "0" * 32
_LONGEST_BYTES = 65_536
_LOOPBACK = "127.0.0.1"


class Credentials(NamedTuple):
    """Who may call."""

    account: str
    key: str
    secret: str


class Provider:
    """What stands there for the number, and what it comes to."""

    def __init__(self, line: Line, phone: str, address: str, credentials: Credentials, delay_s: float) -> None:
        self._line, self._phone, self._credentials, self._delay_s = line, phone, credentials, delay_s
        self._address = address
        self._lock = threading.Lock()
        self.changes = 0
        """How often the address was set to another one."""

    def answer(self, method: str, path: str, query: str, body: str, authorization: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the answer to a call."""
        account, key, secret = self._credentials
        if authorization != "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode():
            return 401, {"code": 20003}
        numbers = f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers"
        if (method, path) == ("GET", f"{numbers}.json"):
            asked = parse_qs(query).get("PhoneNumber", [""])[0]
            return 200, {"incoming_phone_numbers": [self._number()] if asked == self._phone else []}
        if (method, path) == ("POST", f"{numbers}/{_SID}.json"):
            form = parse_qs(body, keep_blank_values=True)
            return (200, self._set(form["SmsUrl"][0])) if form.keys() == {"SmsUrl"} else (400, {"code": 20001})
        if (method, path) == ("GET", "/v1/Services"):
            return 200, {"services": [], "meta": {}}
        return 404, {"code": 20404}

    def _number(self) -> dict[str, Any]:
        return {"sid": _SID, "phone_number": self._phone, "sms_url": self._address}

    def _set(self, address: str) -> dict[str, Any]:
        with self._lock:
            self.changes += address != self._address
            self._address = address
            timer = threading.Timer(self._delay_s, self._line.put, kwargs={"delivers": address != ""})
            timer.daemon = True
            timer.start()
            return self._number()


@contextmanager
def serving(provider: Provider, port: int = 0) -> Iterator[str]:
    """Answer at a port of the loopback for as long as the block takes; yields the beginning of its addresses."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do("")

        def do_POST(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), _LONGEST_BYTES)
            self._do(self.rfile.read(length).decode())

        def _do(self, body: str) -> None:
            asked = urlsplit(self.path)
            given = self.headers.get("authorization") or ""
            status, answer = provider.answer(self.command, asked.path, asked.query, body, given)
            said = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer((_LOOPBACK, port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://{_LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
