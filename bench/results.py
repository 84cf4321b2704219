"""What a comparison leaves behind: every run, on which machine, and the medians that are read off them.

Runs are kept one by one, so that a table, a plot or a doubt needs no new measurement.
"""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from bench.generators.openloop import Wait

RESULTS = Path(__file__).with_name("results")

_PACKAGES = (
    *("granian", "starlette", "msgspec", "apsw", "uvloop", "gunicorn", "uvicorn", "httptools", "fastapi", "flask"),
    *("flask-limiter", "limits", "pyrate-limiter", "throttled-py", "twilio"),
)


class Machine(msgspec.Struct, frozen=True):
    """What the figures belong to."""

    cpu: str
    cores: int
    kernel: str
    python: str
    nginx: str
    packages: dict[str, str]
    commit: str


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

    @property
    def cpu_us_per_message(self) -> float:
        """The robust figure: it does not move when the generator or a neighbour slows the clock on the wall."""
        return self.cpu_us / self.messages

    @property
    def messages_per_second(self) -> float:
        """How fast it went, on one core of this machine."""
        return self.messages * 1_000_000 / self.duration_us


class Latency(msgspec.Struct, frozen=True):
    """How long senders waited for one contestant at a steady rate, once."""

    contestant: str
    round: int
    wait: Wait


class Spread(msgspec.Struct, frozen=True):
    """A figure over the rounds."""

    median: float
    low: float
    high: float


def spread(figures: Sequence[float]) -> Spread:
    """Return the median and the extremes."""
    return Spread(statistics.median(figures), min(figures), max(figures))


class Comparison(msgspec.Struct, frozen=True):
    """All runs of one command."""

    machine: Machine
    rounds: int
    seconds: float
    contestants: dict[str, str]
    """Names and titles, in the order in which they are shown."""
    workloads: dict[str, str]
    runs: list[Run]
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
        above, below = self._cpu_by_round(*numerator), self._cpu_by_round(*denominator)
        found = [above[n] / below[n] for n in above if n in below]
        return spread(found) if found else None

    def _cpu_by_round(self, contestant: str, workload: str) -> dict[int, float]:
        return {
            run.round: run.cpu_us_per_message
            for run in self.runs
            if (run.contestant, run.workload) == (contestant, workload)
        }


def this_machine() -> Machine:
    """Return what the figures of this process belong to."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        kernel=platform.release(),
        python=platform.python_version(),
        nginx=_said(["nginx", "-v"]).rpartition("/")[2],
        packages={name: found for name in _PACKAGES if (found := _version(name))},
        commit=_said(["git", "describe", "--always", "--dirty", "--exclude", "*"]),
    )


def write(path: Path, value: msgspec.Struct) -> None:
    """Write results as JSON that is fit for reading and for version control."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=RESULTS.parent)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stdout or done.stderr).strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
