"""The worker's costs besides time per message: `python -m bench.cost`.

1. Start: from the start of the process to the first reply, written to the ledger on disk.
2. Memory: of an idle worker, and what ten million distinct senders add to it. They go through the whole application, at
   5,000 a second by the worker's clock, under the limits and the money of the example file.
3. Group commit: 100 first messages that wait together, against one commit for each.
4. Refusing while paying: the speed of the refused path with and without first messages being answered beside it.
"""

import gc
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import contestants, proc, results
from bench.arguments import Parser, at_least_one, result
from bench.charges import books_of
from bench.check import check
from bench.contestants import Running
from bench.generators.exchange import Client
from bench.results import Machine, Spread, spread
from bench.rounds import RATE_MAX, SERVER_CORE, pools, prepare, report
from bench.stand import Call, Stand, stand
from bench.workload import PAYER_FROM, genuine, refused, sender_at
from edge.core.wire.reason import Reason
from edge.units import SECOND_MS

SENDERS = 10_000_000
SENDERS_PER_SECOND = 5_000
_WARM_UP_SENDERS = 100_000
"""Until nothing grows but by new senders: the harness's encoder remembers what it has quoted lately, for one."""
WAITING = 100
REPLIES_PER_SECOND = 100
"""Beside the refused path: 8.6 million a day, far more than any kitty pays for."""
EXAMPLE = Path(__file__).parent.parent / "edge.toml"
_PAGE_BYTES = 4096
_OURS = contestants.named(["ours"])[0]


class Cost(msgspec.Struct, frozen=True):
    """The figures that one command measured."""

    machine: Machine
    first_reply_s: Spread
    worker_rss_bytes: int
    """The memory of the process that answers."""
    tree_pss_bytes: int
    """The memory of all processes together."""
    senders: int
    senders_answered: int
    senders_growth_bytes: int
    reply_alone_us: Spread
    """Time per reply when 100 are committed one by one."""
    reply_grouped_us: Spread
    """Time per reply when 100 share commits."""
    group_ratio: Spread
    refused_alone: Spread
    """Messages per second."""
    refused_while_paying: Spread
    refused_ratio: Spread
    replies_per_second: float
    """Paid beside the refused path."""


@contextmanager
def ours(directory: Path) -> Iterator[Running]:
    """Start our worker on its core, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(dir=directory) as folder,
        contestants.running(_OURS, Path(folder), core=SERVER_CORE) as server,
    ):
        yield server


def first_reply_s(directory: Path) -> float:
    """Return how long it takes from nothing to a reply."""
    begun_s = time.monotonic()
    with ours(directory) as server, Client(server.port) as client:
        client.ask(genuine(0, sender_at(0)))
        return time.monotonic() - begun_s


def idle_bytes(directory: Path) -> tuple[int, int]:
    """Return the memory of the worker and of all its processes, after it has answered a few messages."""
    with ours(directory) as server:
        check(server.port, floor=False)
        return max(proc.rss_bytes(pid) for pid in proc.tree(server.pid)), proc.pss_bytes(server.pid)


def growth(directory: Path, senders: int) -> tuple[int, int]:
    """Return how many of so many distinct senders were answered, and the bytes of memory that they left behind."""
    text = EXAMPLE.read_text(encoding="utf-8") + '\n[ledger]\nurl = "memory:"\n'
    with stand(directory, text, frozen=True) as here:
        flood(here, range(_WARM_UP_SENDERS))
        before = own_rss_bytes()
        flood(here, range(_WARM_UP_SENDERS, _WARM_UP_SENDERS + senders))
        return here.desk.tally().counts[Reason.ANSWERED], own_rss_bytes() - before


def flood(here: Stand, positions: range) -> None:
    """Let so many distinct senders write, at a steady pace by the worker's clock."""
    here.ask_all(_calls(here, positions))
    gc.collect()


def _calls(here: Stand, positions: range) -> Iterator[Call]:
    for position in positions:
        if position % SENDERS_PER_SECOND == 0:
            here.now_ms += SECOND_MS
        yield Call.of(genuine(position, sender_at(position)))


def own_rss_bytes() -> int:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


def group_commit(directory: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return the microseconds of a reply, committed one by one and together, round by round."""
    alone, grouped = [], []
    with tempfile.TemporaryDirectory(dir=directory) as folder, books_of(Path(folder)) as books:
        books.admit(WAITING)
        for _ in range(rounds):
            alone.append(_us_each(books.admit_in_turn))
            grouped.append(_us_each(books.admit))
    return alone, grouped


def _us_each(admit: Callable[[int], object]) -> float:
    begun_ns = time.perf_counter_ns()
    admit(WAITING)
    return (time.perf_counter_ns() - begun_ns) / 1_000 / WAITING


class Payer:
    """Somebody whose first messages are answered at a steady pace, while the generator is at work."""

    def __init__(self, port: int, first: int) -> None:
        self._port = port
        self._next = first
        self._stop = threading.Event()
        self.paid = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Send while the block runs."""
        thread = threading.Thread(target=self._send)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _send(self) -> None:
        with Client(self._port) as client:
            begun_s = time.monotonic()
            while not self._stop.wait(max(0.0, begun_s + self.paid / REPLIES_PER_SECOND - time.monotonic())):
                client.ask(genuine(self._next + self.paid, sender_at(self._next + self.paid)))
                self.paid += 1


def while_paying(rounds: int, seconds: int) -> tuple[list[float], list[float], float]:
    """Return the refused messages per second without and with replies beside them, and the replies per second."""
    alone, beside, paid = [], [], 0
    troll = refused(seconds * RATE_MAX)
    with pools(seconds, [troll]) as played:
        for round_ in range(rounds):
            with played.serving(_OURS, round_) as server:
                alone.append(played.play(server, troll).messages_per_second)
            # Started anew, because the pool may be played but once.
            with played.serving(_OURS, round_) as server:
                payer = Payer(server.running.port, PAYER_FROM)
                with payer.at_work():
                    beside.append(played.play(server, troll).messages_per_second)
                paid += payer.paid
    return alone, beside, paid / (rounds * seconds)


def measure(*, rounds: int, seconds: int, senders: int) -> Cost:
    """Measure everything."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        directory = Path(folder)
        answered, grown = growth(directory, senders)
        first = [first_reply_s(directory) for _ in range(rounds)]
        worker, tree = idle_bytes(directory)
        alone, grouped = group_commit(directory, 3 * rounds)
        unpaid, beside, paid = while_paying(rounds, seconds)
    return Cost(
        machine=results.this_machine(),
        first_reply_s=spread(first),
        worker_rss_bytes=worker,
        tree_pss_bytes=tree,
        senders=senders,
        senders_answered=answered,
        senders_growth_bytes=grown,
        reply_alone_us=spread(alone),
        reply_grouped_us=spread(grouped),
        group_ratio=spread([one / other for one, other in zip(alone, grouped, strict=True)]),
        refused_alone=spread(unpaid),
        refused_while_paying=spread(beside),
        refused_ratio=spread([one / other for one, other in zip(beside, unpaid, strict=True)]),
        replies_per_second=paid,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.cost", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--seconds", type=at_least_one, default=3)
    parser.add_argument("--senders", type=at_least_one, default=SENDERS)
    parser.add_argument("--out", type=result, default=results.RESULTS / "cost.json")
    given = parser.parse_args(arguments)

    def measured() -> Cost:
        prepare()
        return measure(rounds=given.rounds, seconds=given.seconds, senders=given.senders)

    return report(given.out, measured)


if __name__ == "__main__":
    sys.exit(main())
