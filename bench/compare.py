"""Whole servers under the same load: `python -m bench.compare --rounds 3 --seconds 4`.

1. The server has one core to itself and the generator another one; whoever takes part is started in turn, forwards in one
   round and backwards in the next, so that a machine that slows down slows everybody.
2. Each server is checked with the same questions before it is timed, and each run by the bytes that came back: a server
   that answered something else than the workload asks for has no result.
3. CPU time per message, of all the server's processes, is the figure to read. Throughput and p99 stand beside it; they
   belong to a closed loop of 32 connections at full speed, so p99 says how long the queue was. How long a sender waits at
   a rate that everybody can serve is measured apart, by the harness's engine.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import contestants, proc, results, workload
from bench.check import Sizes, check
from bench.contestants import CONTESTANTS, Contestant, Running
from bench.generators.exchange import send_all
from bench.generators.load import Load, engine, wrk
from bench.results import Comparison, Latency, Run
from bench.workload import Workload

RATE_MAX = 60_000
"""More messages a second than any contestant that keeps state takes on one core."""
RATE = 500
"""Messages a second at which everybody has time to spare, so that waiting is not queueing."""
SIZE_TOLERANCE = 0.02
GENERATOR_SHARE_MAX = 0.95
_SERVER_CORE, _GENERATOR_CORE = 0, 1
_WARM_UP_S = 1.0


class BadRun(Exception):
    """A run whose figures would not mean what they say."""


def validate(load: Load, played: Workload, sizes: Sizes) -> None:
    """Make sure that a run asked and was answered what its workload says. Raises BadRun."""
    if load.broken:
        raise BadRun(f"{load.broken} requests failed")
    if load.messages > played.size and not played.repeatable:
        raise BadRun(f"the pool of {played.size} was too small for {load.messages} messages")
    expected = sum(share * sizes[decision] for decision, share in played.shares.items())
    found = load.bytes / max(1, load.messages)
    if abs(found - expected) > SIZE_TOLERANCE * expected:
        raise BadRun(f"responses have {found:.1f} bytes on average, and should have {expected:.1f}")


class Bench:
    """One command: its folder with the pools, and how long each run lasts."""

    def __init__(self, directory: Path, seconds: float, played: Sequence[Workload]) -> None:
        self._directory = directory
        self._seconds = seconds
        self._warm_up = workload.write_pool(directory / "warm-up.pool", workload.warm_up())
        self._pools = {w.name: workload.write_pool(directory / f"{w.name}.pool", w.pool()) for w in played}
        self._workloads = played

    def measure(self, contestant: Contestant, round_: int) -> tuple[list[Run], Latency]:
        """Start a contestant, check it, play every workload once, and then a steady rate."""
        with (
            tempfile.TemporaryDirectory(dir=self._directory) as folder,
            contestants.running(contestant, Path(folder), core=_SERVER_CORE) as server,
        ):
            sizes = check(server.port, floor=contestant.floor)
            wrk(server.port, self._warm_up, _WARM_UP_S, core=_GENERATOR_CORE)
            runs = [self._run(contestant, server, played, round_, sizes) for played in self._workloads]
            return runs, self._wait(contestant, server, round_)

    def _wait(self, contestant: Contestant, server: Running, round_: int) -> Latency:
        wait = engine(server.port, RATE, self._seconds, core=_GENERATOR_CORE)
        if wait.lost:
            raise BadRun(f"{wait.lost} of {wait.messages} messages got no answer")
        print(f"round {round_ + 1} {contestant.name:13} at {RATE}/s: p99 {wait.p99_us / 1000:.2f} ms", file=sys.stderr)
        return Latency(contestant.name, round_, wait)

    def _run(self, contestant: Contestant, server: Running, played: Workload, round_: int, sizes: Sizes) -> Run:
        send_all(server.port, played.primers())
        before = proc.cpu_us(server.pid)
        load = wrk(server.port, self._pools[played.name], self._seconds, core=_GENERATOR_CORE)
        used_us = proc.cpu_between(before, proc.cpu_us(server.pid))
        if not contestant.floor:
            validate(load, played, sizes)
        run = Run(
            contestant=contestant.name,
            workload=played.name,
            round=round_,
            messages=load.messages,
            duration_us=load.duration_us,
            cpu_us=used_us,
            p50_us=load.p50_us,
            p99_us=load.p99_us,
            generator_share=load.generator_share,
        )
        _say(run)
        return run


def _say(run: Run) -> None:
    bound = " (the generator was the limit)" if run.generator_share > GENERATOR_SHARE_MAX else ""
    print(
        f"round {run.round + 1} {run.contestant:13} {run.workload:9} {run.cpu_us_per_message:8.1f} us/message "
        f"{run.messages_per_second:8.0f}/s  p99 {run.p99_us / 1000:7.2f} ms{bound}",
        file=sys.stderr,
    )


def compare(chosen: Sequence[Contestant], played: Sequence[Workload], *, rounds: int, seconds: float) -> Comparison:
    """Measure everybody in alternating order."""
    runs: list[Run] = []
    latencies: list[Latency] = []
    # Pools are large and the ledger has to lie on a real disk: a temporary folder here, and not in a memory file system.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        bench = Bench(Path(folder), seconds, played)
        for round_ in range(rounds):
            for contestant in chosen if round_ % 2 == 0 else reversed(chosen):
                measured, latency = bench.measure(contestant, round_)
                runs += measured
                latencies.append(latency)
    return Comparison(
        machine=results.this_machine(),
        rounds=rounds,
        seconds=seconds,
        contestants={contestant.name: contestant.title for contestant in chosen},
        workloads={w.name: w.title for w in played},
        runs=runs,
        rate=RATE,
        latencies=latencies,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__.splitlines()[0])
    names = [contestant.name for contestant in CONTESTANTS]
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--contestants", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--workloads", nargs="+", metavar="NAME", help="refused, forged, mix, admitted")
    parser.add_argument("--out", type=Path, default=results.RESULTS / "compare.json")
    given = parser.parse_args(arguments)
    if (os.cpu_count() or 1) <= _GENERATOR_CORE:
        parser.error("server and generator need a core each, and this machine has one")
    os.sched_setaffinity(0, {_GENERATOR_CORE})
    played = [
        w for w in workload.workloads(given.seconds, RATE_MAX) if given.workloads is None or w.name in given.workloads
    ]
    done = compare(contestants.named(given.contestants), played, rounds=given.rounds, seconds=given.seconds)
    results.write(given.out, done)
    print(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
