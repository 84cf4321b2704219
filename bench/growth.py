"""How the costs grow: `python -m bench.growth`, some twenty minutes, most of them for ten million senders.

1. Senders: strangers' first messages go through the whole application, without a server, as in :mod:`bench.cost`. What a call
   takes, and what the process has grown by, is looked at whenever their number has grown tenfold.
2. Connections and workers: own share and memory (all processes, pages shared counted once) at full speed. Two workers share
   the one core that the server has, so that a message can be compared with one worker's.
3. Replies: first messages, all answered and paid, a second, against how many are sent at once, on a ledger on disk and on one on
   a Valkey of their own, which writes each step to disk as well and runs beside the generator.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import msgspec

from bench import ROOT, contestants, number, proc, results, rounds, workload
from bench.arguments import Parser, at_least_one, result
from bench.contestants import PYTHON, Contestant, Running
from bench.cost import EXAMPLE, flood, own_rss_bytes
from bench.generators.exchange import send_all
from bench.generators.load import Load, wrk
from bench.results import Machine, Spread, quartiles
from bench.stand import Call, Stand, stand
from bench.workload import genuine, sender_at
from loadtest.worker.own import free_port

SENDERS = tuple(10**power for power in range(3, 8))
CONNECTIONS = (1, 4, 32, 256, 2_000)
AT_ONCE = (1, 4, 32, 256)
WORKERS = (1, 2)
TIMED = 9_000
"""The calls that are timed when the number of senders has grown tenfold, in nine parts."""
_REPLIES_MAX = 10_000
"""More replies a second than any ledger pays on one core."""
_MIB = 1024 * 1024


class Point(msgspec.Struct, frozen=True):
    """A figure at some size."""

    at: int
    found: Spread


class Chart(msgspec.Struct, frozen=True):
    """Figures against a size, line by line."""

    title: str
    across: str
    """What the size is of."""
    unit: str
    lines: dict[str, list[Point]]


class Growth(msgspec.Struct, frozen=True):
    """The charts that one command measured, by name."""

    machine: Machine
    rounds: int
    seconds: float
    charts: dict[str, Chart]


def by_senders(directory: Path, sizes: Sequence[int], timed: int = TIMED) -> Mapping[str, Chart]:
    """Return what a call takes, and what memory has grown by, after so many distinct senders."""
    text = EXAMPLE.read_text(encoding="utf-8") + '\n[ledger]\nurl = "memory:"\n'
    calls: list[Point] = []
    grown: list[Point] = []
    with stand(directory, text, frozen=True) as here:
        flood(here, range(min(sizes)))  # until nothing grows but by new senders
        before = own_rss_bytes()
        sent = min(sizes)
        for size in sizes:
            flood(here, range(sent, sent + size))
            sent += size
            parts = [range(first, first + timed // 9) for first in range(sent, sent + timed, timed // 9)]
            calls.append(Point(size, quartiles([_timed_us(here, part) for part in parts])))
            sent += timed
            grown.append(Point(size, _exactly((own_rss_bytes() - before) / _MIB)))
    return {
        "senders-us": Chart("A call, by distinct senders before it", "distinct senders", "µs", {"refused": calls}),
        "senders-mib": Chart("Growth of a worker, by distinct senders", "distinct senders", "MiB", {"growth": grown}),
    }


def _timed_us(here: Stand, positions: range) -> float:
    calls = [Call.of(genuine(position, sender_at(position))) for position in positions]
    begun_ns = time.thread_time_ns()
    here.ask_all(calls)
    return (time.thread_time_ns() - begun_ns) / 1_000 / len(calls)


def by_connections(directory: Path, connections: Sequence[int], *, count: int, seconds: int) -> Mapping[str, Chart]:
    """Return own share and memory at so many connections, for one worker and two."""
    troll = [workload.refused(seconds * rounds.RATE_MAX, nth) for nth in range(len(connections))]
    pools = [workload.write_pool(directory / f"refused-{nth}.pool", one.pool()) for nth, one in enumerate(troll)]
    pairs = {
        workers: (
            contestants.ours(f"ours-{workers}", "ours", workers=workers),
            contestants.floor(f"floor-{workers}", "floor", workers=workers),
        )
        for workers in WORKERS
    }
    everybody = [contestant for pair in pairs.values() for contestant in pair]
    us: dict[tuple[str, int], list[float]] = {}
    mib: dict[tuple[str, int], list[float]] = {}
    for _, contestant in rounds.turns(everybody, count):
        with tempfile.TemporaryDirectory(dir=directory) as own_folder, _serving(contestant, Path(own_folder)) as server:
            send_all(server.port, troll[0].primers())
            for at, pool in zip(connections, pools, strict=True):
                message_us, memory_mib = _played(server, pool, at, seconds)
                us.setdefault((contestant.name, at), []).append(message_us)
                mib.setdefault((contestant.name, at), []).append(memory_mib)
    own, memory = {}, {}
    for workers, (ours, floor) in pairs.items():
        title = "1 worker" if workers == 1 else f"{workers} workers"
        own[title] = [
            Point(
                at, quartiles([one - other for one, other in zip(us[ours.name, at], us[floor.name, at], strict=True)])
            )
            for at in connections
        ]
        memory[title] = [Point(at, quartiles(mib[ours.name, at])) for at in connections]
    return {
        "connections-us": Chart("Own share of a refused message, by connections", "connections", "µs", own),
        "connections-mib": Chart("Memory of all processes at full speed, by connections", "connections", "MiB", memory),
    }


def _serving(contestant: Contestant, folder: Path) -> AbstractContextManager[Running]:
    return contestants.running(contestant, folder, core=rounds.SERVER_CORE)


def _played(server: Running, pool: Path, connections: int, seconds: int) -> tuple[float, float]:
    """Return what a message takes, in µs, and what all processes of a server hold meanwhile, in MiB."""
    held: list[int] = []
    look = threading.Timer(seconds / 2, lambda: held.append(proc.pss_bytes(server.pid)))
    before = proc.cpu_us(server.pid)
    look.start()
    load = wrk(server.port, pool, seconds, core=rounds.GENERATOR_CORE, connections=connections)
    look.join()
    used_us = proc.cpu_between(before, proc.cpu_us(server.pid))
    _say("", connections, load)
    return used_us / max(1, load.messages), held[0] / _MIB


def by_ledgers(directory: Path, at_once: Sequence[int], *, count: int, seconds: int) -> Mapping[str, Chart]:
    """Return the replies a second against how many messages are sent at once, on each ledger that this machine has."""
    size = seconds * _REPLIES_MAX
    first = [workload.admitted(size, nth) for nth in range(len(at_once))]
    pools = [workload.write_pool(directory / f"admitted-{nth}.pool", one.pool()) for nth, one in enumerate(first)]
    ledgers = ["SQLite", *(["Valkey"] if valkey_server() else [])]
    found: dict[tuple[str, int], list[float]] = {}
    for _, name in rounds.turns(ledgers, count):
        with (
            tempfile.TemporaryDirectory(dir=directory) as own,
            ledger(name, Path(own)) as url,
            _serving(contestants.ours(name, name, ledger=url), Path(own)) as server,
        ):
            for at, pool in zip(at_once, pools, strict=True):
                load = wrk(server.port, pool, seconds, core=rounds.GENERATOR_CORE, connections=at)
                _say(name, at, load)
                found.setdefault((name, at), []).append(load.messages * 1_000_000 / load.duration_us)
    lines = {name: [Point(at, quartiles(found[name, at])) for at in at_once] for name in ledgers}
    return {"replies": Chart("Replies a second, paid and on disk", "messages sent at once", "a second", lines)}


def valkey_server() -> str | None:
    """Return the path of a Valkey server, or one that speaks the same, or None."""
    return next((path for name in ("valkey-server", "redis-server") if (path := shutil.which(name))), None)


@contextmanager
def ledger(name: str, folder: Path) -> Iterator[str]:
    """Return the address of a new ledger of that kind; its server ends with the block."""
    program = valkey_server()
    if name == "SQLite" or program is None:
        yield "sqlite:ledger.db"
        return
    port = free_port()
    command = (program, "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always")
    with (folder / "valkey.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"valkey://127.0.0.1:{port}/0"
        _wait_until_ready(process, folder / "valkey.log")
        file = number.write_file(folder, port=port, ledger=url)
        subprocess.run(
            [PYTHON, "-m", "edge", "create-ledger", str(file)],
            env=os.environ | {number.SECRET_ENV: number.SECRET, number.LEDGER_KEY_ENV: number.LEDGER_KEY},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline_s = time.monotonic() + contestants.START_S
    while b"eady to accept connections" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline_s:
            raise rounds.CannotMeasure(f"no ledger on a server: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.02)


def _say(name: str, at: int, load: Load) -> None:
    print(f"{name:8} {at:5} at once {load.messages / load.duration_us * 1_000_000:8.0f}/s", file=sys.stderr)


def _exactly(figure: float) -> Spread:
    return Spread(figure, figure, figure)


def measure(
    *, count: int, seconds: int, senders: Sequence[int], connections: Sequence[int], at_once: Sequence[int]
) -> Growth:
    """Measure everything."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        directory = Path(folder)
        charts = {
            **by_ledgers(directory, at_once, count=count, seconds=seconds),
            **by_connections(directory, connections, count=count, seconds=seconds),
            **by_senders(directory, senders),
        }
    return Growth(results.this_machine(), count, seconds, charts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.growth", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--seconds", type=at_least_one, default=2)
    parser.add_argument("--senders", type=at_least_one, nargs="+", default=SENDERS)
    parser.add_argument("--connections", type=at_least_one, nargs="+", default=CONNECTIONS)
    parser.add_argument("--at-once", type=at_least_one, nargs="+", default=AT_ONCE)
    parser.add_argument("--out", type=result, default=results.RESULTS / "growth.json")
    given = parser.parse_args(arguments)

    def measured() -> Growth:
        rounds.prepare()
        return measure(
            count=given.rounds,
            seconds=given.seconds,
            senders=given.senders,
            connections=given.connections,
            at_once=given.at_once,
        )

    return rounds.report(given.out, measured)


if __name__ == "__main__":
    sys.exit(main())
