"""The work of every comparison of whole servers: start one, check it, play pools against it, and take turns.

1. The server has one core to itself and the generator another one. Servers are started in turn, forwards in one round and
   backwards in the next, so that a machine that slows down slows everybody.
2. Each server is checked with the same questions before it is timed, and each run by the bytes that came back.
3. Every message has an id of its own, and no pool comes round within a run: a run whose pool did has no result. A server is
   started anew in each round, and takes each pool once.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from bench import contestants, proc, results, workload
from bench.check import Sizes, check
from bench.contestants import Contestant, Running, Scheduling
from bench.generators.exchange import send_all
from bench.generators.load import Load, wrk
from bench.results import Run
from bench.workload import Workload

RATE_MAX = 60_000
"""More messages a second than any contestant that keeps state takes on one core: so large are the pools."""
SIZE_TOLERANCE = 0.02
GENERATOR_SHARE_MAX = 0.95
SERVER_CORE, GENERATOR_CORE = 0, 1
_WARM_UP_S = 1.0

Turn = TypeVar("Turn")


class CannotMeasure(Exception):
    """There is no figure to be had; the message is the one line to show."""


class BadRun(CannotMeasure):
    """A run whose figures would not mean what they say."""


def prepare(*programs: str) -> None:
    """Leave the server's core to the server. Raises CannotMeasure if this machine lacks a program or a core."""
    missing = [program for program in ("taskset", "wrk", *programs) if shutil.which(program) is None]
    if missing:
        raise CannotMeasure(
            f"not installed: {', '.join(missing)}; on Debian, apt-get install wrk util-linux nginx-light"
        )
    if (os.cpu_count() or 1) <= GENERATOR_CORE:
        raise CannotMeasure("server and generator need a core each, and this machine has one")
    os.sched_setaffinity(0, {GENERATOR_CORE})


def report(out: Path, measure: Callable[[], msgspec.Struct]) -> int:
    """Measure and write what was found, and return the exit code: 2, and one line, where it cannot be measured."""
    try:
        found = measure()
    except CannotMeasure as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    results.write(out, found)
    print(out)
    return 0


def turns(takers: Sequence[Turn], rounds: int) -> Iterator[tuple[int, Turn]]:
    """Return who is measured when: all of them in each round, in alternating order."""
    for round_ in range(rounds):
        for taker in takers if round_ % 2 == 0 else reversed(takers):
            yield round_, taker


def validate(load: Load, played: Workload, sizes: Sizes) -> None:
    """Make sure that a run asked and was answered what its workload says. Raises BadRun."""
    if load.broken:
        raise BadRun(f"{load.broken} requests failed")
    if load.rounds:
        raise BadRun(f"the pool of {played.size} came round after {load.messages} messages: ids came twice")
    expected = sum(share * sizes[outcome] for outcome, share in played.shares.items())
    found = load.bytes / max(1, load.messages)
    if abs(found - expected) > SIZE_TOLERANCE * expected:
        raise BadRun(f"responses have {found:.1f} bytes on average, and should have {expected:.1f}")


class Server(msgspec.Struct, frozen=True):
    """A contestant that is up, and known to do the job."""

    contestant: Contestant
    scheduling: Scheduling
    running: Running
    sizes: Sizes
    round: int


class Pools:
    """A folder with the pools of some workloads, and how long each is played."""

    def __init__(self, directory: Path, seconds: float, played: Sequence[Workload]) -> None:
        self._directory = directory
        self._seconds = seconds
        self._warm_up = workload.write_pool(directory / "warm-up.pool", workload.warm_up())
        self._pools = {w.name: workload.write_pool(directory / f"{w.name}.pool", w.pool()) for w in played}

    @contextmanager
    def serving(
        self, contestant: Contestant, round_: int, scheduling: Scheduling = Scheduling.DEFAULT
    ) -> Iterator[Server]:
        """Start a contestant in a folder of its own, check it, and warm it up."""
        with (
            tempfile.TemporaryDirectory(dir=self._directory) as folder,
            contestants.running(contestant, Path(folder), core=SERVER_CORE, scheduling=scheduling) as running,
        ):
            sizes = check(running.port, floor=contestant.floor)
            wrk(running.port, self._warm_up, _WARM_UP_S, core=GENERATOR_CORE)
            yield Server(contestant, scheduling, running, sizes, round_)

    def play(self, server: Server, played: Workload) -> Run:
        """Play a workload once, after its primers. Raises BadRun."""
        port, pid = server.running.port, server.running.pid
        send_all(port, played.primers())
        worked = proc.work(pid)
        before, idle_before_us, began_ns = proc.cpu_us(pid), proc.core_idle_us(SERVER_CORE), time.monotonic_ns()
        load = wrk(port, self._pools[played.name], self._seconds, core=GENERATOR_CORE)
        used_us = proc.cpu_between(before, proc.cpu_us(pid))
        passed_us = (time.monotonic_ns() - began_ns) // 1000
        others_us = passed_us - (proc.core_idle_us(SERVER_CORE) - idle_before_us) - used_us
        if not server.contestant.floor:  # what a floor is asked changes nothing for it
            validate(load, played, server.sizes)
        run = Run(
            contestant=server.contestant.name,
            workload=played.name,
            round=server.round,
            messages=load.messages,
            duration_us=load.duration_us,
            cpu_us=used_us,
            p50_us=load.p50_us,
            p99_us=load.p99_us,
            generator_share=load.generator_share,
            scheduling=server.scheduling.value,
            others_share=round(max(0.0, others_us / load.duration_us), 3),
            work=proc.work_between(worked, proc.work(pid)),
        )
        _say(run)
        return run


@contextmanager
def pools(seconds: float, played: Sequence[Workload]) -> Iterator[Pools]:
    """Write pools for as long as the block takes.

    They are large and a ledger has to lie on a real disk: a temporary folder here, and not in a memory file system.
    """
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        yield Pools(Path(folder), seconds, played)


def _say(run: Run) -> None:
    bound = " (the generator was the limit)" if run.generator_share > GENERATOR_SHARE_MAX else ""
    print(
        f"round {run.round + 1} {run.contestant:13} {run.workload:9} {run.scheduling:7} "
        f"{run.cpu_us_per_message:8.1f} us/message {run.messages_per_second:8.0f}/s  p99 {run.p99_us / 1000:7.2f} ms  "
        f"others {run.others_share:4.0%}{bound}",
        file=sys.stderr,
    )
