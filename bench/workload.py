"""What is sent: pools of complete requests, signed beforehand, so that the generator only writes bytes.

1. The harness writes and signs them, as Twilio would: 20 fields. They differ in sender, message id and text.
2. Pools are made by position, without chance: the same in every run, for every contestant, and no two workloads share a
   sender or a message id, so that one started server can take them one after the other.
3. Each says what share of its messages comes to a reply, to silence and to a refusal, so that a run can be checked.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import msgspec

from bench import number
from edge.configfile import parse
from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.reading import Outcome
from loadtest.provider.signing import Encoder

FRAME = 6
"""Digits of the length before each request in a pool file."""

_REPEATED = 5_000
_TROLLS = 50
_MIX_FROM, _ADMITTED_FROM, REFUSED_FROM, _FORGED_FROM, CHECK_FROM = (n * 10_000_000 for n in range(1, 6))
_WRONG_SECRET = 1
"""The index at which the encoder's forger signs with another secret, rather than not at all."""


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
    primers: Requests = tuple


def sender_at(position: int) -> str:
    """Return a French mobile number."""
    return f"+336{position:08}"


def genuine(position: int, sender: str, text: str = "Salut, c'est moi ! Tu te souviens ?") -> bytes:
    """Return a message as the provider sends it: a whole HTTP request."""
    return encoder()(_arrival(position, sender, text, Kind.FRESH))


def forged(position: int, sender: str) -> bytes:
    """Return a message with a signature of the right form, under another secret."""
    return encoder()(_arrival(position, sender, "Salut", Kind.FORGED))


def _arrival(position: int, sender: str, text: str, kind: Kind) -> Arrival:
    text, message_id = f"{text} ({position})", f"SM{position:032x}"
    return Arrival(_WRONG_SECRET, 0, sender, text, message_id, kind, genuine=kind is Kind.FRESH)


@cache
def encoder() -> Encoder:
    """Return what writes and signs the messages of our number."""
    return Encoder(parse(number.static_file()), number.SECRET)


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
            primers=partial(_from_one, REFUSED_FROM, 1),
            pool=partial(_from_one, REFUSED_FROM, _REPEATED, skip=1),
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
    return (genuine(position, sender_at(position)) for position in range(start, start + count))


def _from_one(start: int, count: int, skip: int = 0) -> Iterator[bytes]:
    return (genuine(position, sender_at(start)) for position in range(start + skip, start + skip + count))


def _forgeries(start: int, count: int) -> Iterator[bytes]:
    return (forged(position, sender_at(position)) for position in range(start, start + count))


def _mixed(start: int, count: int) -> Iterator[bytes]:
    for position in range(start + _TROLLS, start + _TROLLS + count):
        # Seven is prime to a hundred: the kinds alternate instead of coming in blocks, and a hundred hold each share exactly.
        kind = position * 7 % 100
        if kind < 70:
            yield genuine(position, sender_at(start + position % _TROLLS))
        elif kind < 90:
            yield forged(position, sender_at(position))
        else:
            yield genuine(position, sender_at(position))


def write_pool(path: Path, pool: Iterable[bytes]) -> Path:
    """Write requests, each after its length, for `pool.lua` to read."""
    with path.open("wb") as file:
        for raw in pool:
            file.write(f"{len(raw):0{FRAME}}".encode())
            file.write(raw)
    return path
