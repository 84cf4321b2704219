"""How a worker and its threads are best run, in alternating rounds: `python -m bench.scheduling`, some twenty minutes.

1. Each way is a server of its own, started anew in each round, at several numbers of connections one after the other.
2. One worker has a core to itself, and the generator the other one. Two workers have all cores, which the generator shares.
   `--beside` starts a process for each core that does nothing but use it up.
3. The floor, with the body and without, says what a hand-over between Granian's two threads costs.
4. The figures are CPU time for each message, and how long the generator waited: medians of all rounds. They compare within a
   run of this command only.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import contestants, number, proc, rounds, workload
from bench.arguments import Parser, at_least_one
from bench.contestants import PYTHON, Contestant
from bench.generators.exchange import send_all
from bench.generators.load import Load, wrk
from bench.peers.tuned import Tuning

CONNECTIONS = (1, 4, 32, 256)
_FLOORS = {
    "floor": contestants.floor("floor", "floor"),
    "floor, body unread": contestants.floor("unread", "floor, body unread", app="unread"),
}
ALONE: Mapping[str, Tuning | Contestant] = {
    "default": Tuning(batch=False),
    "batch": Tuning(),
    "batch, 2 runtime threads": Tuning(runtime_threads=2),
    "batch, runtime mode mt": Tuning(runtime_mode="mt"),
    "batch, task impl rust": Tuning(task_impl="rust"),
    **_FLOORS,
    **{f"{name}, by default": contestants.unbatched(floor) for name, floor in _FLOORS.items()},
}
TOGETHER: Mapping[str, Tuning | Contestant] = {
    "default": Tuning(batch=False, placed=False),
    "batch": Tuning(placed=False),
    "default, a core each": Tuning(batch=False, placed=True),
    "batch, a core each": Tuning(placed=True),
}
_BURN = "while True: pass"


class Seen(msgspec.Struct, frozen=True):
    """One run."""

    way: str
    connections: int
    cpu_us: float
    """For each message."""
    load: Load


def contestant(name: str, way: Tuning | Contestant, workers: int) -> Contestant:
    """Return who is run in that way, under that name."""
    return tuned(name, way, workers) if isinstance(way, Tuning) else msgspec.structs.replace(way, name=name)


def tuned(name: str, tuning: Tuning, workers: int) -> Contestant:
    """Return our worker, run in that way."""

    def command(directory: Path, port: int) -> Sequence[str]:
        file = number.write_file(directory, port=port, workers=workers)
        return PYTHON, "-m", "bench.peers.tuned", str(file), msgspec.json.encode(tuning).decode()

    return Contestant(name, name, command)


@contextmanager
def burning(count: int) -> Iterator[None]:
    """Run so many processes that use up a core each."""
    burners = [subprocess.Popen([PYTHON, "-c", _BURN]) for _ in range(count)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def measure(
    ways: Mapping[str, Tuning | Contestant], *, workers: int, seconds: int, count: int, connections: Sequence[int]
) -> list[Seen]:
    """Take turns."""
    core, generator = (rounds.SERVER_CORE, rounds.GENERATOR_CORE) if workers == 1 else (None, None)
    played = workload.refused(seconds * rounds.RATE_MAX)
    chosen = [contestant(name, way, workers) for name, way in ways.items()]
    seen = []
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        pool = workload.write_pool(Path(folder) / "pool", played.pool())
        for _, one in rounds.turns(chosen, count):
            with (
                tempfile.TemporaryDirectory(dir=folder) as own,
                contestants.running(one, Path(own), core=core) as server,
            ):
                send_all(server.port, played.primers())
                wrk(server.port, pool, 1, core=generator)
                for so_many in connections:
                    before = proc.cpu_us(server.pid)
                    load = wrk(server.port, pool, seconds, core=generator, connections=so_many)
                    used_us = proc.cpu_between(before, proc.cpu_us(server.pid))
                    seen.append(Seen(one.name, so_many, used_us / max(1, load.messages), load))
    return seen


def table(seen: Sequence[Seen], ways: Sequence[str], connections: Sequence[int]) -> str:
    """Return medians, ready for a page: CPU time, p50 and p99 for each number of connections."""
    head = ["way", *(f"{so_many} connections" for so_many in connections)]
    rows = [head, ["---", *("---:" for _ in connections)]]
    for way in ways:
        cells = [way]
        for so_many in connections:
            found = [one for one in seen if (one.way, one.connections) == (way, so_many)]
            cpu, p50, p99 = (
                statistics.median(figures)
                for figures in zip(*((one.cpu_us, one.load.p50_us, one.load.p99_us) for one in found), strict=True)
            )
            cells.append(f"{cpu:.1f} µs; {p50 / 1000:.2f}, {p99 / 1000:.2f} ms")
        rows.append(cells)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.scheduling", description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, choices=(1, 2), default=1)
    parser.add_argument("--beside", action="store_true", help="something else that uses up all cores")
    parser.add_argument("--rounds", type=at_least_one, default=9)
    parser.add_argument("--seconds", type=at_least_one, default=1, help="of each run")
    parser.add_argument("--connections", type=at_least_one, nargs="+", default=CONNECTIONS)
    parser.add_argument("--ways", nargs="+", metavar="WAY", help="only these")
    given = parser.parse_args(arguments)
    known = ALONE if given.workers == 1 else TOGETHER
    ways = {name: way for name, way in known.items() if given.ways is None or name in given.ways}
    if len(ways) < len(given.ways or ()):
        parser.error(f"--ways: write one or more of {', '.join(known)}")
    try:
        if given.workers == 1:
            rounds.prepare()
        with burning(2) if given.beside else contextlib.nullcontext():
            seen = measure(
                ways,
                workers=given.workers,
                seconds=given.seconds,
                count=given.rounds,
                connections=given.connections,
            )
    except rounds.CannotMeasure as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(seen, list(ways), given.connections))
    return 0


if __name__ == "__main__":
    sys.exit(main())
