"""The tables and pictures of the documentation, from the results that lie in `bench/results`: `python -m bench.pages.report`.

A page says what it wants between `<!-- bench:NAME -->` and `<!-- /bench -->`; what stands between is written anew, all
else stays. A name whose results are missing is left as it is.
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from bench import ROOT, results
from bench.cost import Cost
from bench.pages import plots, table
from bench.pages.plots import Part
from bench.pages.targets import targets
from bench.results import Comparison
from bench.steps import Steps

PAGE = ROOT / "docs" / "explanation" / "performance.md"
PAGES = (PAGE, ROOT / "README.md")
_BLOCK = re.compile(r"(<!-- bench:(?P<name>[a-z0-9-]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

_ALONE = (
    *("steps: parse_ours", "steps: signature_ours", "steps: read_ours", "gate: refused[sender_limit]"),
    "call: refused",
)

Result = TypeVar("Result")


class Found(msgspec.Struct, frozen=True):
    """The results that there are."""

    comparison: Comparison | None
    cost: Cost | None
    steps: Steps | None


def read(folder: Path) -> Found:
    """Return what lies in a folder."""
    return Found(
        _read(folder / "compare.json", Comparison),
        _read(folder / "cost.json", Cost),
        _read(folder / "steps.json", Steps),
    )


def _read(path: Path, kind: type[Result]) -> Result | None:
    return msgspec.json.decode(path.read_bytes(), type=kind) if path.exists() else None


def blocks(found: Found) -> dict[str, str]:
    """Return what goes where, by name."""
    written = {"targets": table.targets_table(targets(found.comparison, found.cost))}
    if comparison := found.comparison:
        how = f"Medians of {comparison.rounds} alternating rounds of {comparison.seconds:g} s."
        written |= {
            "machine": table.machine_line(comparison.machine, how),
            "cpu": table.comparison_table(comparison, lambda run: run.cpu_us_per_message),
            "throughput": table.comparison_table(comparison, lambda run: run.messages_per_second),
            "p99": table.comparison_table(comparison, lambda run: run.p99_us / 1_000),
            "waits": table.waits_table(comparison),
            "headline": headline(comparison),
        }
    if found.cost:
        written["cost"] = table.cost_table(found.cost)
    if found.steps:
        written["steps"] = table.steps_table(found.steps)
    if found.comparison and found.cost:
        written["scale"] = table.scale_table(found.comparison, found.cost)
    return written


def headline(comparison: Comparison) -> str:
    """Return the two figures that a reader takes away."""
    cpu = comparison.spread("ours", "refused", lambda run: run.cpu_us_per_message)
    against = comparison.ratio("refused", "fastapi", "ours")
    floor = comparison.ratio("refused", "floor", "ours")
    if not (cpu and against and floor):
        return ""
    return (
        f"Refusing a message costs {table.number(cpu.median)} µs of CPU time, signature verified: "
        f"{floor.median:.0%} of the speed of an empty handler on the same server, "
        f"and {table.number(against.median)} times less than FastAPI with Twilio's SDK and `limits`."
    )


def pictures(found: Found) -> dict[str, str]:
    """Return the pictures by file name."""
    drawn: dict[str, str] = {}
    if comparison := found.comparison:
        drawn |= {f"cpu-{workload}.svg": plots.cpu_bars(comparison, workload) for workload in comparison.workloads}
        if found.steps and (parts := budget(comparison, found.steps)):
            drawn["steps.svg"] = plots.stack("Where the time of a refused message goes", parts, "µs")
    return drawn


def budget(comparison: Comparison, steps: Steps) -> list[Part]:
    """Return the pieces of a refused message: the server's as measured empty, and ours, shared out as they are alone."""
    whole = comparison.spread("ours", "refused", lambda run: run.cpu_us_per_message)
    floor = comparison.spread("floor", "refused", lambda run: run.cpu_us_per_message)
    alone = [found for name in _ALONE if (found := steps.best_us(name)) is not None]
    if whole is None or floor is None or len(alone) < len(_ALONE):
        return []
    parse, signature, read_, gate, call = alone
    share = max(0.0, whole.median - floor.median) / call
    return [
        Part("server, sockets and an empty handler", floor.median),
        Part("the form: split, decoded, put in order", parse * share),
        Part("HMAC-SHA1 and comparison", signature * share),
        Part("the message out of the form", max(0.0, read_ - parse - signature) * share),
        Part("gate", gate * share),
        Part("the rest: headers, ASGI events, the answer", max(0.0, call - read_ - gate) * share),
    ]


def fill(page: str, written: Mapping[str, str]) -> str:
    """Return a page with its blocks written anew."""
    return _BLOCK.sub(lambda found: _filled(found, written), page)


def _filled(found: re.Match[str], written: Mapping[str, str]) -> str:
    text = written.get(found["name"])
    return found[0] if text is None else f"{found[1]}{text}\n{found[3]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages.report", description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=results.RESULTS)
    parser.add_argument("--pages", type=Path, nargs="+", default=PAGES)
    given = parser.parse_args(arguments)
    found = read(given.results)
    written = blocks(found)
    for page in filter(Path.exists, given.pages):
        page.write_text(fill(page.read_text(encoding="utf-8"), written), encoding="utf-8")
    for name, drawn in pictures(found).items():
        path = given.pages[0].parent / "performance" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
        print(path)
    for target in targets(found.comparison, found.cost):
        print(f"{'holds' if target.holds else 'MISSED':7} {target.text}: {table.cell(target.found)}{target.unit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
