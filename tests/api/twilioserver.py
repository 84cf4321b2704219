"""A server of our own that stands in for Twilio: it checks who calls and how, keeps what is set, and fails in every way.

What it takes and says is written after Twilio's pages and its own library, which understands it (tests/api/test_twilio.py).
"""

import base64
import datetime as dt
import email.utils
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.listener import listening

ACCOUNT, KEY, SECRET = "AC" + "0" * 31 + "1", "SK" + "0" * 31 + "2", "an-api-secret"
PHONE, PHONE_ID = "+33937000000", "PN" + "0" * 31 + "3"
SERVICE = "MG" + "0" * 31 + "4"

FAULTS = (
    *("500 before", "500 after", "503 before", "429", "401", "301", "close before", "close after"),
    *("hang before", "hang after", "nonsense after", "half after"),
)
"""What can go wrong with a request: before it is done, or after."""
HANG_S = 20
_CALLER = re.compile(r"/(w\d+)/")
"""The beginning of an address that tells callers apart, where a test gives them one each."""


class Request(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    form: list[tuple[str, str]]
    """The query's fields, or the body's."""
    headers: dict[str, str]


class TwilioServer:
    """What stands at Twilio, what was asked of it, and what goes wrong next."""

    def __init__(self) -> None:
        self.url = ""
        self.numbers: dict[str, dict[str, Any]] = {}
        """Ours in this account, in the order in which they were bought."""
        self.number = self.buy(PHONE, "https://sms.example.org/sms")
        self.others: list[str] = []
        """Other numbers of the account."""
        self.services: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        """What is listed of the account."""
        self.page_most = 1_000
        """No page is longer, whatever is asked for."""
        self.elsewhere = ""
        """The beginning of the address of a next page, where that is to lead somewhere else."""
        self.secret = SECRET
        self.requests: list[Request] = []
        self.faults: list[str] = []
        """One for each of the next requests; an empty one is none."""
        self.hook: Callable[[Request, str], None] | None = None
        """What happens before a request is done, after it, and after it was answered."""
        self.release = threading.Event()
        self.lock = threading.Lock()

    def buy(self, phone: str, address: str) -> dict[str, Any]:
        """Have one more number, with what is called for a message; return all that is set of it."""
        last = int(PHONE_ID[-1]) + len(self.numbers)
        self.numbers[phone] = number = {
            "sid": f"{PHONE_ID[:-1]}{last}", "account_sid": ACCOUNT, "phone_number": phone, "friendly_name": "ours",
            "sms_url": address, "sms_method": "POST", "sms_fallback_url": "", "sms_fallback_method": "POST",
            "sms_application_sid": "", "voice_url": "https://voice.example.org", "status_callback": "",
        }  # fmt: skip
        return number

    @property
    def address(self) -> str:
        """What is called for a message to the first number."""
        return self.address_of(PHONE)

    def address_of(self, phone: str) -> str:
        """Return what is called for a message to a number."""
        return str(self.numbers[phone]["sms_url"])

    @property
    def written(self) -> list[str]:
        """What was to be written, in the order of the requests."""
        return [dict(request.form)["SmsUrl"] for request in self.requests if request.method == "POST"]

    def serve_in(self, service: str = SERVICE, *, on_number: bool = False) -> None:
        """Put the number into the pool of a Messaging Service."""
        self.services[service] = {"on_number": on_number, "phones": [PHONE]}

    def fault(self) -> str:
        """Return what goes wrong with the next request."""
        with self.lock:
            return self.faults.pop(0) if self.faults else ""

    def passes(self, request: Request, when: str) -> None:
        """Have happen what is to happen at a point of a request."""
        if self.hook is not None:
            self.hook(request, when)

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return the status and the answer to a request that nothing goes wrong with."""
        base = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
        given = base64.b64encode(f"{KEY}:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {given}":
            return 401, {"code": 20003, "message": "Authenticate", "status": 401}
        match request.method, request.path:
            case "GET", path if path == f"{base}.json":
                asked = dict(request.form)["PhoneNumber"]
                ours = {**dict.fromkeys(self.others, self.number), **self.numbers}
                found = [number | {"phone_number": phone} for phone, number in ours.items() if asked in phone]
                return 200, {"incoming_phone_numbers": found}
            case "POST", path if path in (paths := {f"{base}/{own['sid']}.json": own for own in self.numbers.values()}):
                return self._set(request, paths[path])
            case "GET", path if path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
                return 200, self._messages(request)
            case "GET", "/v1/Services":
                return 200, self._page(request, "services", [
                    {"sid": sid, "use_inbound_webhook_on_number": service["on_number"]} for sid, service in self.services.items()
                ])  # fmt: skip
            case "GET", path if path.startswith("/v1/Services/") and path.endswith("/PhoneNumbers"):
                phones = self.services[path.split("/")[3]]["phones"]
                return 200, self._page(request, "phone_numbers", [{"phone_number": phone} for phone in phones])
        return 404, {"code": 20404, "message": "not found", "status": 404}

    def _messages(self, request: Request) -> dict[str, Any]:
        """Return a page of the messages that were sent between two instants, as Twilio's first version has it."""
        query = dict(request.form)
        least, most = (dt.datetime.fromisoformat(query[f"DateSent{sign}"]) for sign in "><")
        side = "to" if "To" in query else "from"
        found = [
            message
            for message in self.messages
            if message[side] == query[side.title()]
            and least <= email.utils.parsedate_to_datetime(message["date_sent"] or message["date_created"]) <= most
        ]
        size, page = int(query["PageSize"]), int(query.get("Page", 0))
        size = min(size, self.page_most)
        after = f"{request.path}?{urlencode(query | {'Page': page + 1, 'PageToken': f'PA{page}'})}"
        return {
            "messages": found[size * page : size * (page + 1)],
            "next_page_uri": self.elsewhere + after if len(found) > size * (page + 1) else None,
            "page": page, "page_size": size, "uri": request.path, "start": 0, "end": 0, "previous_page_uri": None,
            "first_page_uri": request.path,
        }  # fmt: skip

    def bill(self, from_: str, to: str, at_ms: int, direction: str, price: str | None) -> None:
        """Add a message to what is listed."""
        sid = f"SM{len(self.messages):032x}"
        when = email.utils.format_datetime(dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC))
        self.messages.append({
            "sid": sid, "account_sid": ACCOUNT, "from": from_, "to": to, "date_sent": when, "date_created": when,
            "date_updated": when, "direction": direction, "num_segments": "1", "num_media": "0", "price": price,
            "price_unit": "EUR", "status": "received" if direction == "inbound" else "delivered", "body": "salut, ça va",
            "error_code": None, "error_message": None, "api_version": "2010-04-01", "messaging_service_sid": None,
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json", "subresource_uris": {},
        })  # fmt: skip

    def _set(self, request: Request, number: dict[str, Any]) -> tuple[int, Any]:
        fields = {"SmsUrl": "sms_url", "FriendlyName": "friendly_name"}
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return 415, {"code": 20415, "status": 415}
        if any(name not in fields for name, _ in request.form):
            return 400, {"code": 20001, "status": 400}
        for name, value in request.form:
            number[fields[name]] = value
        return 200, number

    def _page(self, request: Request, key: str, items: list[Any]) -> dict[str, Any]:
        """Return a page of a list, as Twilio's second version has it."""
        query = dict(request.form)
        size, page = int(query["PageSize"]), int(query.get("Page", 0))
        after = f"https://elsewhere.example.org{request.path}?PageSize={size}&Page={page + 1}&PageToken=t"
        more = len(items) > size * (page + 1)
        return {
            key: items[size * page : size * (page + 1)],
            "meta": {"key": key, "next_page_url": after if more else None},
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self._do(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) == length:  # or else whoever sent it has died: nothing arrived
            self._do(parse_qsl(body.decode(), keep_blank_values=True))

    def _do(self, form: list[tuple[str, str]]) -> None:
        twilio = self.server.twilio
        headers = {name.lower(): value for name, value in self.headers.items()}
        caller = _CALLER.match(self.path)
        headers["x-worker"] = caller[1] if caller else ""
        request = Request(self.command, urlsplit(_CALLER.sub("/", self.path)).path, form, headers)
        twilio.passes(request, "before")
        fault = twilio.fault()
        with twilio.lock:
            twilio.requests.append(request)
            status, body = twilio.answer(request) if not fault or fault.endswith(" after") else (0, {})
            content = json.dumps(body).encode()
        twilio.passes(request, "after")
        kind = fault.partition(" ")[0]
        if kind == "hang":
            twilio.release.wait(HANG_S)
        if kind in {"hang", "close"}:
            self.close_connection = True
            return
        if kind.isdigit():
            status, content = int(kind), b'{"code": 20500}'
        if kind == "nonsense":
            content = b"<html>"
        self._say(status, content, cut=kind == "half")
        twilio.passes(request, "answered")

    def _say(self, status: int, content: bytes, *, cut: bool) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.send_header("content-type", "application/json")
        self.send_header("connection", "close")  # or else whoever keeps it would ask once more as it closes
        if status == 301:
            self.send_header("location", f"{self.server.twilio.url}/elsewhere")
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    address_family = socket.AF_INET

    def __init__(self, twilio: TwilioServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.twilio = twilio

    def handle_error(self, *_: Any) -> None:
        """Leave alone whoever has hung up."""


@contextmanager
def standing_in() -> Iterator[TwilioServer]:
    """Listen on a port of the loopback."""
    twilio = TwilioServer()
    with _Server(twilio) as server, listening(server, twilio.release) as twilio.url:
        yield twilio


def query_of(url: str) -> dict[str, list[str]]:
    """Return the fields of an address."""
    return parse_qs(urlsplit(url).query, keep_blank_values=True)
