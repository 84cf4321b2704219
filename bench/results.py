"""The results of measuring servers: every run, on which machine, and the medians that are read off them.

Runs are kept one by one, so that a table, a plot or a doubt needs no new measurement.
"""

import datetime as dt
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from operator import sub, truediv
from pathlib import Path

import msgspec

from bench.generators.openloop import Wait
from bench.proc import Work
from edge.compiled import one_pass

RESULTS = Path(__file__).with_name("results")
_WRITTEN = (":(top,exclude)bench/results", ":(top,exclude)docs", ":(top,exclude)README.md")
"""What benchmarks write themselves, as git leaves it out: results, and the pages that show them."""
_PACKAGES = (
    *("granian", "starlette", "msgspec", "apsw", "uvloop", "gunicorn", "uvicorn", "httptools", "fastapi", "flask"),
    *("flask-limiter", "limits", "pyrate-limiter", "throttled-py", "twilio"),
)


class Machine(msgspec.Struct, frozen=True):
    """The machine that the figures belong to."""

    cpu: str
    cores: int
    kernel: str
    python: str
    nginx: str
    packages: dict[str, str]
    commit: str
    measured: str = ""
    """The day, in UTC."""
    forms: str = ""
    """Which way forms are read, as `antirelou --version` says it."""


class Run(msgspec.Struct, frozen=True):
    """One contestant under one workload, once."""

    contestant: str
    workload: str
    round: int
    messages: int
    duration_us: int
    cpu_us: int
    p50_us: int
    p99_us: int
    generator_share: float
    scheduling: str = "default"
    others_share: float = 0.0
    """The share of the server's core that was taken by whoever else was on the machine."""
    work: dict[str, Work] = {}
    """What the server's threads did, by their names."""

    @property
    def cpu_us_per_message(self) -> float:
        """The robust figure: it does not move when the generator or a neighbour slows the clock on the wall."""
        return self.cpu_us / self.messages

    @property
    def messages_per_second(self) -> float:
        """The speed on one core of this machine."""
        return self.messages * 1_000_000 / self.duration_us


class Latency(msgspec.Struct, frozen=True):
    """The time that senders waited for one contestant at a steady rate, once."""

    contestant: str
    round: int
    wait: Wait


class Spread(msgspec.Struct, frozen=True):
    """A figure over the rounds, between the extremes or the quartiles."""

    median: float
    low: float
    high: float


def spread(figures: Sequence[float]) -> Spread:
    """Return the median and the extremes."""
    return Spread(statistics.median(figures), min(figures), max(figures))


def quartiles(figures: Sequence[float]) -> Spread:
    """Return the median between the quartiles: half of the rounds lie between those."""
    if len(figures) == 1:
        return spread(figures)
    low, median, high = statistics.quantiles(figures, n=4, method="inclusive")
    return Spread(median, low, high)


OURS = "batch"
"""The scheduling under which we and the floor put ourselves (:class:`bench.contestants.Scheduling`)."""
SCHEDULINGS = {OURS: "`SCHED_BATCH`", "default": "default scheduling"}


def cpu_by_round(runs: Sequence[Run], contestant: str, workload: str, scheduling: str = "default") -> dict[int, float]:
    """Return the microseconds of CPU time per message of one contestant under one workload, by round."""
    wanted = (contestant, workload, scheduling)
    return {
        run.round: run.cpu_us_per_message for run in runs if (run.contestant, run.workload, run.scheduling) == wanted
    }


def within_rounds(
    one: Mapping[int, float], other: Mapping[int, float], figure: Callable[[float, float], float]
) -> list[float]:
    """Return a figure of two contestants for each round that has both: what was measured minutes apart is not compared."""
    return [figure(one[round_], other[round_]) for round_ in one if round_ in other]


class Runs(msgspec.Struct, frozen=True):
    """All runs of one command, and what was run."""

    machine: Machine
    rounds: int
    seconds: float
    contestants: dict[str, str]
    """Names and titles, in the order in which they are shown."""
    workloads: dict[str, str]
    runs: list[Run]


class Comparison(Runs, frozen=True):
    """Whole servers beside each other, and how long a sender waits for each."""

    rate: int
    """Messages a second, of the latencies."""
    latencies: list[Latency]

    def waits(self, contestant: str, figure: Callable[[Wait], float]) -> Spread | None:
        """Return the median and the extremes of a figure of the latencies, or None if it was not measured."""
        found = [figure(latency.wait) for latency in self.latencies if latency.contestant == contestant]
        return spread(found) if found else None

    def spread(self, contestant: str, workload: str, figure: Callable[[Run], float]) -> Spread | None:
        """Return the median and the extremes of a figure, or None if it was not measured."""
        found = [figure(run) for run in self.runs if (run.contestant, run.workload) == (contestant, workload)]
        return spread(found) if found else None

    def ratio(self, workload: str, numerator: str, denominator: str) -> Spread | None:
        """Return how many times the CPU time of one contestant is that of another, round by round."""
        return self._ratio((numerator, workload), (denominator, workload))

    def ratio_of_workloads(self, contestant: str, numerator: str, denominator: str) -> Spread | None:
        """Return how many times the CPU time of a message under one workload is that under another."""
        return self._ratio((contestant, numerator), (contestant, denominator))

    def _ratio(self, numerator: tuple[str, str], denominator: tuple[str, str]) -> Spread | None:
        found = within_rounds(cpu_by_round(self.runs, *numerator), cpu_by_round(self.runs, *denominator), truediv)
        return spread(found) if found else None


class Share(Runs, frozen=True):
    """The cost of a refused message beside the floor's, and beside that of peers under each scheduling."""

    @property
    def others_share(self) -> float:
        """The share of the server's core, in the median run, that was taken by whoever else was on the machine."""
        return statistics.median(run.others_share for run in self.runs)

    def cpu_us(self, contestant: str, workload: str, scheduling: str) -> Spread | None:
        """Return the CPU time per message, or None if it was not measured."""
        found = cpu_by_round(self.runs, contestant, workload, scheduling)
        return quartiles(list(found.values())) if found else None

    def per_second(self, name: str, workload: str) -> Spread | None:
        """Return the messages that a contestant answers in a second of its core."""
        found = cpu_by_round(self.runs, name, workload, OURS)
        return quartiles([1_000_000 / us for us in found.values()]) if found else None

    def own_us(self, workload: str, scheduling: str = OURS) -> Spread | None:
        """Return our own share: the CPU time of a message less the floor's, round by round."""
        return self._compared(("ours", workload, scheduling), ("floor", workload, scheduling), sub)

    def times(self, name: str, workload: str, scheduling: str = OURS) -> Spread | None:
        """Return how many times our CPU time a contestant takes that runs in that way, round by round."""
        return self._compared((name, workload, scheduling), ("ours", workload, OURS), truediv)

    def times_at_best(self, name: str, workload: str) -> Spread | None:
        """Return the same of a contestant that runs in the way that serves it best."""
        found = [ratio for way in SCHEDULINGS if (ratio := self.times(name, workload, way))]
        return min(found, key=lambda ratio: ratio.median, default=None)

    def threads(self, workload: str) -> list[str]:
        """Return the names of the threads that did something for us or the floor."""
        return sorted({name for run in self._ours(workload) for name, work in run.work.items() if any(work)})

    def work(self, contestant: str, workload: str, thread: str) -> list[float]:
        """Return what the threads of one name do for a message: microseconds of their own and in the kernel, and switches."""
        found = [
            [done / run.messages for done in run.work.get(thread, (0, 0, 0))]
            for run in self._ours(workload)
            if run.contestant == contestant
        ]
        return [statistics.median(figures) for figures in zip(*found, strict=True)]

    def _compared(
        self, one: tuple[str, str, str], other: tuple[str, str, str], figure: Callable[[float, float], float]
    ) -> Spread | None:
        found = within_rounds(cpu_by_round(self.runs, *one), cpu_by_round(self.runs, *other), figure)
        return quartiles(found) if found else None

    def _ours(self, workload: str) -> list[Run]:
        return [
            run
            for run in self.runs
            if run.contestant in {"ours", "floor"} and (run.workload, run.scheduling) == (workload, OURS)
        ]


def this_machine() -> Machine:
    """Return what the figures of this process belong to."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        kernel=platform.release(),
        python=platform.python_version(),
        nginx=_said(["nginx", "-v"]).rpartition("/")[2],
        packages={name: found for name in _PACKAGES if (found := _version(name))},
        commit=commit_of(RESULTS.parent),
        measured=dt.datetime.now(dt.UTC).date().isoformat(),
        forms="compiled" if one_pass else "Python",
    )


def commit_of(tree: Path) -> str:
    """Return the commit of a tree, with `-dirty` where more is changed than benchmarks write themselves; blank where that is not known."""
    commit = _said(["git", "describe", "--always", "--exclude", "*"], tree)
    return f"{commit}-dirty" if _said(["git", "diff", "HEAD", "--name-only", "--", ":/", *_WRITTEN], tree) else commit


def write(path: Path, value: msgspec.Struct) -> None:
    """Write results as JSON that is fit for reading and for version control."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _said(command: list[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stdout or done.stderr).strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
