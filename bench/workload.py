"""What is sent: pools of complete requests, signed beforehand, so that the generator only writes bytes.

1. A pool's requests differ in sender, message id and text; everything else is a Twilio form of 19 fields.
2. Pools are made by position, without chance: the same in every run, for every contestant, and no two workloads share a
   sender or a message id, so that one started server can take them one after the other.
3. Each says what share of its messages comes to a reply, to silence and to a refusal, so that a run can be checked.
"""

import base64
import hmac
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from bench.number import HOST, PATH, PHONE, SECRET, URL
from loadtest.answers import Outcome

FRAME = 6
"""Digits of the length before each request in a pool file."""

_REPEATED = 5_000
_TROLLS = 50
_MIX_FROM, _ADMITTED_FROM, _REFUSED_FROM, _FORGED_FROM, CHECK_FROM = (n * 10_000_000 for n in range(1, 6))
_FIELDS = {
    "AccountSid": "AC" + "0f" * 16,
    "ApiVersion": "2010-04-01",
    "Body": "",
    "From": "",
    "FromCity": "",
    "FromCountry": "FR",
    "FromState": "",
    "FromZip": "",
    "MessageSid": "",
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsMessageSid": "",
    "SmsSid": "",
    "SmsStatus": "received",
    "To": PHONE,
    "ToCity": "",
    "ToCountry": "FR",
    "ToState": "",
    "ToZip": "",
}


class Requests(Protocol):
    """Makes requests, the same each time."""

    def __call__(self) -> Iterable[bytes]:
        """Return them in the order in which they are sent."""
        ...


class Workload(msgspec.Struct, frozen=True):
    """A pool, and what must be sent before the clock starts."""

    name: str
    title: str
    size: int
    repeatable: bool
    """Whether the pool may begin again within a run without changing what is asked."""
    shares: Mapping[Outcome, float]
    pool: Requests
    primers: Requests = tuple[bytes, ...]


def sender(position: int) -> str:
    """Return a French mobile number."""
    return f"+336{position:08}"


def fields(position: int, number: str, text: str = "Salut, c'est moi ! Tu te souviens ?") -> dict[str, str]:
    """Return the form of one message, names in byte order."""
    sid = f"SM{position:032x}"
    return _FIELDS | {"Body": f"{text} ({position})", "From": number, "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid}


def sign(form: Mapping[str, str]) -> str:
    """Return Twilio's signature of a form whose names are in byte order."""
    text = URL + "".join(name + value for name, value in form.items())
    return base64.b64encode(hmac.digest(SECRET.encode(), text.encode(), "sha1")).decode()


def request(form: Mapping[str, str], signature: str) -> bytes:
    """Return a whole HTTP request, with the headers that Twilio sends."""
    body = urlencode(form)
    return (
        f"POST {PATH} HTTP/1.1\r\n"
        f"Host: {HOST}\r\n"
        "User-Agent: TwilioProxy/1.1\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {signature}\r\n"
        "I-Twilio-Idempotency-Token: 4aa4ba31-5a1d-4a3b-8b3d-6a3c1f5a0d4e\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"\r\n{body}"
    ).encode()


def genuine(position: int, number: str) -> bytes:
    """Return a message as Twilio sends it."""
    form = fields(position, number)
    return request(form, sign(form))


def forged(position: int, number: str) -> bytes:
    """Return a message whose signature is of the right form, and that of another message."""
    form = fields(position, number)
    return request(form, sign({**form, "To": "+33900000000"}))


def workloads(seconds: float, rate_max: int) -> list[Workload]:
    """Return them in the order in which a server takes them; what may not repeat lasts so long at that rate."""
    size = int(seconds * rate_max)
    return [
        Workload(
            name="refused",
            title="one troll, all refused",
            size=_REPEATED,
            repeatable=True,
            shares={Outcome.SILENCE: 1},
            primers=partial(_from_one, _REFUSED_FROM, 1),
            pool=partial(_from_one, _REFUSED_FROM, _REPEATED, skip=1),
        ),
        Workload(
            name="forged",
            title="all forged",
            size=_REPEATED,
            repeatable=True,
            shares={Outcome.REFUSED: 1},
            pool=partial(_forgeries, _FORGED_FROM, _REPEATED),
        ),
        Workload(
            name="mix",
            title="70 % trolls, 20 % forged, 10 % first-time senders",
            size=size,
            repeatable=False,
            shares={Outcome.SILENCE: 0.7, Outcome.REFUSED: 0.2, Outcome.REPLY: 0.1},
            primers=partial(_first_messages, _MIX_FROM, _TROLLS),
            pool=partial(_mixed, _MIX_FROM, size),
        ),
        Workload(
            name="admitted",
            title="first-time senders, all answered",
            size=size,
            repeatable=False,
            shares={Outcome.REPLY: 1},
            pool=partial(_first_messages, _ADMITTED_FROM, size),
        ),
    ]


def warm_up() -> Iterator[bytes]:
    """Return what is sent before anything is timed: forgeries leave nothing behind in any server."""
    return _forgeries(_FORGED_FROM, 100)


def _first_messages(start: int, count: int) -> Iterator[bytes]:
    return (genuine(position, sender(position)) for position in range(start, start + count))


def _from_one(start: int, count: int, skip: int = 0) -> Iterator[bytes]:
    return (genuine(position, sender(start)) for position in range(start + skip, start + skip + count))


def _forgeries(start: int, count: int) -> Iterator[bytes]:
    return (forged(position, sender(position)) for position in range(start, start + count))


def _mixed(start: int, count: int) -> Iterator[bytes]:
    for position in range(start + _TROLLS, start + _TROLLS + count):
        # Seven is prime to a hundred: the kinds alternate instead of coming in blocks, and a hundred hold each share exactly.
        kind = position * 7 % 100
        if kind < 70:
            yield genuine(position, sender(start + position % _TROLLS))
        elif kind < 90:
            yield forged(position, sender(position))
        else:
            yield genuine(position, sender(position))


def write_pool(path: Path, pool: Iterable[bytes]) -> Path:
    """Write requests, each after its length, for `pool.lua` to read."""
    with path.open("wb") as file:
        for raw in pool:
            file.write(f"{len(raw):0{FRAME}}".encode())
            file.write(raw)
    return path
