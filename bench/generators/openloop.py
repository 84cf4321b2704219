"""Measures how long a sender waits at a steady rate: the harness's engine plays messages that come by themselves.

`python -m bench.generators.openloop PORT RATE SECONDS` prints one line of JSON. Unlike wrk, which waits for an answer before it sends
again, the engine sends each message when it is due, by a Poisson process, and counts from that instant: a server that
stalls is charged for everybody who would have come meanwhile.
"""

import random
import sys
import time
from collections.abc import Iterator

import msgspec

from bench.workload import REFUSED_FROM, encoder, sender_at
from loadtest.engine.engine import Engine
from loadtest.engine.response import Response
from loadtest.engine.schedule import Schedule
from loadtest.engine.target import find
from loadtest.flood.arrival import Arrival, Kind
from loadtest.judge.histogram import Histogram

SEED = 1
CONNECTIONS_MAX = 512
_SECOND_US = 1_000_000
_STEP = 1_000


class Wait(msgspec.Struct, frozen=True):
    """The figures that the engine saw."""

    messages: int
    lost: int
    """The messages without an answer."""
    p50_us: int
    p99_us: int
    p999_us: int
    lag_p99_us: int
    """The time by which the engine itself was late: a part of the figures above that is not the server's."""


class _Waits:
    """Counts durations from the instant at which a message was due."""

    def __init__(self) -> None:
        self.due = Histogram()
        self.lag = Histogram()
        self.lost = 0

    def record(self, arrival: Arrival, response: Response | None, sent_us: int, done_us: int, queued_us: int) -> None:  # noqa: ARG002  being queued is part of being late here
        """Count one message."""
        self.lost += response is None
        self.due.record(done_us - arrival.at_us)
        self.lag.record(sent_us - arrival.at_us)

    def give_up(self, arrival: Arrival, sent_us: int) -> None:  # noqa: ARG002  that it was, is all that counts here
        """Count one message: nothing ends this engine before its time, so it is lost."""
        self.lost += 1

    def hold_back(self, arrival: Arrival) -> None:
        """Nothing is held back here."""

    def flush(self) -> None:
        """Everything is counted as it comes."""


def troll(rate: int, seconds: float) -> Iterator[Arrival]:
    """Return the messages of one sender, at that rate on average."""
    chance = random.Random(SEED)
    at_s, index = 0.0, 0
    while (at_s := at_s + chance.expovariate(rate)) < seconds:
        index += 1
        message_id = f"SM{index:032x}"
        yield Arrival(
            index, int(at_s * _SECOND_US), sender_at(REFUSED_FROM), "Salut", message_id, Kind.FRESH, genuine=False
        )


def play(port: int, rate: int, seconds: float) -> Wait:
    """Play them against a server on this machine."""
    schedule, waits = Schedule(troll(rate, seconds), encoder()), _Waits()
    while schedule.hungry:
        schedule.prepare(_STEP)
    engine = Engine(find(f"http://127.0.0.1:{port}"), schedule, waits, connections_max=CONNECTIONS_MAX)
    begun_ns = time.perf_counter_ns()
    engine.play(lambda: (time.perf_counter_ns() - begun_ns) // 1_000)
    return Wait(
        messages=waits.due.count,
        lost=waits.lost,
        p50_us=waits.due.quantile_us(0.5),
        p99_us=waits.due.quantile_us(0.99),
        p999_us=waits.due.quantile_us(0.999),
        lag_p99_us=waits.lag.quantile_us(0.99),
    )


def main() -> int:
    """Run the command."""
    port, rate, seconds = sys.argv[1:]
    print(msgspec.json.encode(play(int(port), int(rate), float(seconds))).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
