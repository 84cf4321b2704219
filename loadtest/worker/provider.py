"""The provider's side of numbers that are detached: an API on the loopback, which does what it is asked for after a while.

1. It stands in for Twilio (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource): who calls is checked,
   and only what is needed to find a number of theirs and to set its address is answered.
2. What it does is written to the line, `delay_s` after it was asked for: what was on its way still arrives.
"""

import base64
import http.server
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from loadtest.provider.line import Line

_LONGEST_BYTES = 65_536
_LOOPBACK = "127.0.0.1"


class Credentials(NamedTuple):
    """Who may call."""

    account: str
    key: str
    secret: str


class Owned(NamedTuple):
    """A number, and whose it is."""

    place: int
    """Its place in the static file."""
    phone: str
    address: str
    """What stands there at first for incoming messages."""
    owner: Credentials

    @property
    def sid(self) -> str:
        """The provider's own name of it."""
        return f"PN{self.place:032}"


class Provider:
    """What stands there for each number, and what it comes to."""

    def __init__(self, line: Line, numbers: Sequence[Owned], delay_s: float) -> None:
        self._line, self._numbers, self._delay_s = line, numbers, delay_s
        self._addresses = {number.sid: number.address for number in numbers}
        self._lock = threading.Lock()
        self.changes = 0
        """How often an address was set to another one."""

    def answer(self, method: str, path: str, query: str, body: str, authorization: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the answer to a call."""
        owned = [number for number in self._numbers if _basic(number.owner) == authorization]
        if not owned:
            return 401, {"code": 20003}
        if (method, path) == ("GET", "/v1/Services"):
            return 200, {"services": [], "meta": {}}
        theirs = f"/2010-04-01/Accounts/{owned[0].owner.account}/IncomingPhoneNumbers"
        if (method, path) == ("GET", f"{theirs}.json"):
            asked = parse_qs(query).get("PhoneNumber", [""])[0]
            return 200, {"incoming_phone_numbers": [self._shown(number) for number in owned if number.phone == asked]}
        called = {f"{theirs}/{number.sid}.json": number for number in owned}
        if method == "POST" and path in called:
            return self._set(called[path], parse_qs(body, keep_blank_values=True))
        return 404, {"code": 20404}

    def _shown(self, number: Owned) -> dict[str, Any]:
        return {"sid": number.sid, "phone_number": number.phone, "sms_url": self._addresses[number.sid]}

    def _set(self, number: Owned, form: Mapping[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if form.keys() != {"SmsUrl"}:
            return 400, {"code": 20001}
        address = form["SmsUrl"][0]
        with self._lock:
            self.changes += address != self._addresses[number.sid]
            self._addresses[number.sid] = address
            timer = threading.Timer(self._delay_s, self._line.put, (number.place,), {"delivers": address != ""})
            timer.daemon = True
            timer.start()
            return 200, self._shown(number)


def _basic(who: Credentials) -> str:
    return "Basic " + base64.b64encode(f"{who.key}:{who.secret}".encode()).decode()


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
