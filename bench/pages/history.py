"""One line per release in `bench/results/history.jsonl`: `python -m bench.pages.history VERSION`, after `python -m bench`.

Lines of different machines are not comparable; the ratio to the empty handler, nearly.
"""

import sys
from collections.abc import Sequence

import msgspec

from bench import results
from bench.pages import report
from bench.results import Comparison, Machine

HISTORY = results.RESULTS / "history.jsonl"


class Line(msgspec.Struct, frozen=True):
    """What a release cost, in microseconds of CPU time per message."""

    version: str
    machine: Machine
    cpu_us: dict[str, float]
    """Ours, by workload."""
    floor_ratio: float | None
    """Of the empty handler's CPU time to ours, when all is refused."""


def line(version: str, comparison: Comparison) -> Line:
    """Return the line of a release."""
    medians = {
        workload: round(found.median, 1)
        for workload in comparison.workloads
        if (found := comparison.spread("ours", workload, lambda run: run.cpu_us_per_message))
    }
    floor = comparison.ratio("refused", "floor", "ours")
    return Line(version, comparison.machine, medians, round(floor.median, 3) if floor else None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Append a line."""
    [version] = sys.argv[1:] if arguments is None else arguments
    comparison = report.read(results.RESULTS).comparison
    if comparison is None:
        print("nothing is measured yet: run `python -m bench.compare` first", file=sys.stderr)
        return 1
    with HISTORY.open("ab") as file:
        file.write(msgspec.json.encode(line(version, comparison)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
