"""One line per release in `bench/results/history.jsonl`: `python -m bench.pages.history VERSION`, after `python -m bench.share`.

Only lines of one kind of processor are comparable.
"""

import sys
from collections.abc import Sequence

import msgspec

from bench import results
from bench.arguments import Parser
from bench.pages import report
from bench.results import Machine, Share

HISTORY = results.RESULTS / "history.jsonl"


class Line(msgspec.Struct, frozen=True):
    """The cost of refusing a message at a release, in microseconds of CPU time under `SCHED_BATCH`, by workload."""

    version: str
    machine: Machine
    own_share_us: dict[str, float]
    floor_us: dict[str, float]


def line(version: str, share: Share) -> Line:
    """Return the line of a release."""
    own = {name: found for name in share.workloads if (found := share.own_us(name))}
    floor = {name: found for name in share.workloads if (found := share.cpu_us("floor", name, "batch"))}
    own_us, floor_us = ({name: round(found.median, 1) for name, found in figures.items()} for figures in (own, floor))
    return Line(version, share.machine, own_us, floor_us)


def main(arguments: Sequence[str] | None = None) -> int:
    """Append a line."""
    parser = Parser(prog="python -m bench.pages.history", description=__doc__.splitlines()[0])
    parser.add_argument("version")
    version = parser.parse_args(arguments).version
    share = report.read(results.RESULTS).share
    if share is None:
        print("nothing is measured yet: run `python -m bench.share` first", file=sys.stderr)
        return 1
    with HISTORY.open("ab") as file:
        file.write(msgspec.json.encode(line(version, share)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
