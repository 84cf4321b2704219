"""The micro-benchmarks as one command, and their medians as a small file: `python -m bench.steps`.

pytest-benchmark's own JSON, with every single timing, is what CI keeps; it goes where `--raw` says.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import results
from bench.arguments import Parser, result, seconds
from bench.results import Machine

SUITE = Path(__file__).with_name("micro")
NANOSECONDS = 1e9


class Step(msgspec.Struct, frozen=True):
    """One micro-benchmark."""

    group: str
    name: str
    best_ns: float
    """The fastest round: a shared machine changes its speed, and this is where it was left alone."""
    median_ns: float
    quartile_low_ns: float
    quartile_high_ns: float


class Steps(msgspec.Struct, frozen=True):
    """The figures of all steps."""

    machine: Machine
    steps: list[Step]

    def best_us(self, name: str) -> float | None:
        """Return the fastest round of a step, or None if it was not measured."""
        return next((step.best_ns / 1_000 for step in self.steps if step.name == name), None)


class _Stats(msgspec.Struct):
    min: float
    median: float
    q1: float
    q3: float


class _Benchmark(msgspec.Struct):
    group: str | None
    name: str
    fullname: str
    stats: _Stats


class _Raw(msgspec.Struct):
    benchmarks: list[_Benchmark]


def digest(raw: bytes, machine: Machine) -> Steps:
    """Return the medians in a JSON file of pytest-benchmark; names are `file: test`, so that none occurs twice."""
    found = msgspec.json.decode(raw, type=_Raw).benchmarks
    return Steps(
        machine,
        [
            Step(
                group=benchmark.group or "",
                name=f"{Path(benchmark.fullname.partition('::')[0]).stem[5:]}: {benchmark.name[5:]}",
                best_ns=benchmark.stats.min * NANOSECONDS,
                median_ns=benchmark.stats.median * NANOSECONDS,
                quartile_low_ns=benchmark.stats.q1 * NANOSECONDS,
                quartile_high_ns=benchmark.stats.q3 * NANOSECONDS,
            )
            for benchmark in found
        ],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.steps", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=seconds, default=1.0, help="at least, for each step")
    parser.add_argument("--raw", type=result, help="where to keep the whole JSON of pytest-benchmark")
    parser.add_argument("--out", type=result, default=results.RESULTS / "steps.json")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        raw = given.raw or Path(folder) / "raw.json"
        code = subprocess.run(  # a process of its own: pytest wants to be the first to import what it runs
            [
                *(sys.executable, "-m", "pytest", str(SUITE), "-q", "-p", "no:cacheprovider"),
                *("--benchmark-columns=min,median,iqr,rounds", "--benchmark-max-time", str(given.seconds)),
                f"--benchmark-json={raw}",
            ],
            check=False,
        ).returncode
        if code == 0:
            results.write(given.out, digest(raw.read_bytes(), results.this_machine()))
            print(given.out)
    return code


if __name__ == "__main__":
    sys.exit(main())
