"""The workloads: pools of complete requests, signed beforehand, so that the generator only writes bytes.

1. The harness writes and signs them, as Twilio would: 20 fields. They differ in sender, message id and text.
2. Pools are made by position, without chance: the same in every run, for every contestant, and no two workloads share a
   sender or a message id, so that one started server can take them one after the other.
3. No pool comes round within a run: each is larger than what the fastest contestant takes meanwhile.
4. Each says what share of its messages comes to a reply, to silence and to a refusal, so that a run can be checked.
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

MILLION = 1_000_000
_STRIDE = 618_033
"""Prime to a million, and far from any small part of it: who follows whom in a flood of strangers shares no block of numbers."""
_TROLLS = 50
_MIX_FROM, _ADMITTED_FROM, REFUSED_FROM, _FORGED_FROM, CHECK_FROM, PAYER_FROM, _STRANGERS_FROM, _WARM_UP_FROM = (
    n * 10_000_000 for n in range(1, 9)
)
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
    """Return what everybody is compared by, in the order in which a server takes it; each pool lasts so long at that rate."""
    size = int(seconds * rate_max)
    return [
        refused(size),
        forgeries(size),
        Workload(
            name="mix",
            title="70 % trolls, 20 % forged, 10 % first-time senders",
            size=size,
            shares={Outcome.SILENCE: 0.7, Outcome.REFUSED: 0.2, Outcome.REPLY: 0.1},
            primers=partial(_first_messages, _MIX_FROM, _TROLLS),
            pool=partial(_mixed, _MIX_FROM, size),
        ),
        admitted(size),
    ]


def admitted(size: int, nth: int = 0) -> Workload:
    """Return first messages, each of another sender; each pool of the same size has senders of its own."""
    return Workload(
        name="admitted",
        title="first-time senders, all answered",
        size=size,
        shares={Outcome.REPLY: 1},
        pool=partial(_first_messages, _ADMITTED_FROM + nth * size, size),
    )


def refused(size: int, nth: int = 0) -> Workload:
    """Return the messages of one sender who was answered; each pool of the same size has messages of its own."""
    return Workload(
        name="refused",
        title="one troll, all refused",
        size=size,
        shares={Outcome.SILENCE: 1},
        primers=partial(_from_one, REFUSED_FROM, 1),
        pool=partial(_from_one, REFUSED_FROM, size, skip=1 + nth * size),
    )


def strangers(size: int) -> Workload:
    """Return first messages of a million senders in turn, whom a worker refuses whose pace is used up."""
    return Workload(
        name="strangers",
        title="a million senders, the pace used up",
        size=size,
        shares={Outcome.SILENCE: 1},
        pool=partial(_scattered, _STRANGERS_FROM, size),
    )


def forgeries(size: int) -> Workload:
    """Return messages that the provider did not sign, each in somebody else's name."""
    return Workload(
        name="forged",
        title="all forged",
        size=size,
        shares={Outcome.REFUSED: 1},
        pool=partial(_forgeries, _FORGED_FROM, size),
    )


def warm_up() -> Iterator[bytes]:
    """Return what is sent before anything is timed: forgeries leave nothing behind in any server."""
    return _forgeries(_WARM_UP_FROM, 100)


def _first_messages(start: int, count: int) -> Iterator[bytes]:
    return (genuine(position, sender_at(position)) for position in range(start, start + count))


def _from_one(start: int, count: int, skip: int = 0) -> Iterator[bytes]:
    return (genuine(position, sender_at(start)) for position in range(start + skip, start + skip + count))


def _forgeries(start: int, count: int) -> Iterator[bytes]:
    return (forged(position, sender_at(position)) for position in range(start, start + count))


def _scattered(start: int, count: int) -> Iterator[bytes]:
    return (
        genuine(position, sender_at(start + position * _STRIDE % MILLION)) for position in range(start, start + count)
    )


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
