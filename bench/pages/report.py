"""The tables and pictures of the documentation, from the results that lie in `bench/results`: `python -m bench.pages.report`.

A page says what it wants between `<!-- bench:NAME -->` and `<!-- /bench -->`; what stands between is written anew, all
else stays. A name whose results are missing is left as it is.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from bench import ROOT, results
from bench.arguments import Parser
from bench.cost import Cost
from bench.growth import Growth
from bench.pages import curves, floods, plots, table
from bench.pages.plots import Part
from bench.pages.targets import targets
from bench.results import OURS, Comparison, Share, Spread
from bench.steps import Steps

PAGE = ROOT / "docs" / "explanation" / "performance.md"
PAGES = (PAGE, ROOT / "README.md")
_DRAWN = ("refused", "admitted")
"""The workloads of which the page shows a picture."""
_BLOCK = re.compile(r"(<!-- bench:(?P<name>[a-z0-9-]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

_ALONE = (
    *("steps: parse_ours", "steps: signature_ours", "steps: read_ours", "gate: refused[sender_limit]"),
    "call: refused",
)

Result = TypeVar("Result")


class Found(msgspec.Struct, frozen=True):
    """The results that there are."""

    share: Share | None
    comparison: Comparison | None
    cost: Cost | None
    steps: Steps | None
    growth: Growth | None = None
    elsewhere: Sequence[Share] = ()
    """Own share on other kinds of processor."""


def read(folder: Path) -> Found:
    """Return what lies in a folder."""
    return Found(
        _read(folder / "share.json", Share),
        _read(folder / "compare.json", Comparison),
        _read(folder / "cost.json", Cost),
        _read(folder / "steps.json", Steps),
        _read(folder / "growth.json", Growth),
        [msgspec.json.decode(path.read_bytes(), type=Share) for path in sorted(folder.glob("share-*.json"))],
    )


def _read(path: Path, kind: type[Result]) -> Result | None:
    return msgspec.json.decode(path.read_bytes(), type=kind) if path.exists() else None


def blocks(found: Found) -> dict[str, str]:
    """Return what goes where, by name."""
    written = {"targets": table.targets_table(targets(found.share, found.comparison, found.cost))}
    if share := found.share:
        how = (
            f"Medians of {share.rounds} alternating rounds of {share.seconds:g} s, and between what half of them lie; "
            f"whoever else was on the machine took {share.others_share:.0%} of the server's core meanwhile."
        )
        written |= {
            "share-machine": table.machine_line(share.machine, how),
            "share": table.share_table(share),
            "work": table.work_table(share),
            "ratios": table.ratios_table(share),
            "headline": headline(share),
            "processors": table.processors_table([share, *found.elsewhere]),
        }
        if one := floods.machine(share):
            written |= {"floods": floods.floods_table(one), "capacity": floods.capacity(one)}
    if comparison := found.comparison:
        how = f"Medians of {comparison.rounds} alternating rounds of {comparison.seconds:g} s, with the lowest and the highest."
        written |= {
            "machine": table.machine_line(comparison.machine, how),
            "cpu": table.comparison_table(comparison, lambda run: run.cpu_us_per_message),
            "throughput": table.comparison_table(comparison, lambda run: run.messages_per_second),
            "p99": table.comparison_table(comparison, lambda run: run.p99_us / 1_000),
            "waits": table.waits_table(comparison),
        }
    if found.cost:
        written["cost"] = table.cost_table(found.cost)
        written["cost-machine"] = table.machine_line(
            found.cost.machine, "Medians, with the lowest and the highest round."
        )
    if found.steps:
        written["steps"] = table.steps_table(found.steps)
        written["steps-machine"] = table.machine_line(found.steps.machine, "Each step by itself, over and over.")
    if growth := found.growth:
        how = (
            f"Medians of {growth.rounds} alternating rounds of {growth.seconds:g} s, and between what half of them lie."
        )
        written["growth"] = curves.growth_block(growth, table.machine_line(growth.machine, how))
    if found.comparison and found.cost:
        written["scale"] = table.scale_table(found.comparison, found.cost)
    return written


def headline(share: Share) -> str:
    """Return what a reader takes away: our own share with its machine, and the ratios with what they depend on."""
    own, floor = share.own_us("refused"), share.cpu_us("floor", "refused", OURS)
    part, fastapi, flask = (share.times_at_best(name, "refused") for name in ("floor", "fastapi", "flask"))
    speed = share.per_second("ours", "refused")
    if not (own and floor and part and fastapi and flask and speed):
        return ""
    return (
        f"Refusing a message, signature verified, takes {table.number(own.median)} µs of CPU time of our own "
        f"({table.number(own.low)} to {table.number(own.high)} in half of the rounds; {share.machine.cpu}, `SCHED_BATCH`), "
        f"beside the {table.number(floor.median)} µs of a handler on the same server that only receives and answers: "
        f"{part.median:.2f} of that handler's speed. One core refuses {table.number(speed.median)} messages a second. "
        f"FastAPI with Twilio's SDK and `limits` takes {_range(fastapi)} times as much CPU time as our whole server, "
        f"Flask with Flask-Limiter {_range(flask)} times, each under the scheduling that serves it best. "
        "Ratios hold for a machine like this one only: all of them move with what a system call costs there."
    )


def _range(spread: Spread) -> str:
    return f"{table.number(spread.low)} to {table.number(spread.high)}"


def pictures(found: Found) -> dict[str, str]:
    """Return the pictures by file name."""
    drawn: dict[str, str] = {}
    if comparison := found.comparison:
        drawn |= {
            f"cpu-{workload}.svg": plots.cpu_bars(comparison, workload)
            for workload in _DRAWN
            if workload in comparison.workloads
        }
    if found.share and found.steps and (parts := budget(found.share, found.steps)):
        drawn["steps.svg"] = plots.stack("Where the time of a refused message goes", parts, "µs")
    if found.growth:
        drawn |= {curves.file_of(name): curves.curves(chart) for name, chart in found.growth.charts.items()}
    return drawn


def budget(share: Share, steps: Steps) -> list[Part]:
    """Return the pieces of a refused message: the floor as it is measured, and our own share in proportion to the steps alone."""
    own, floor = share.own_us("refused"), share.cpu_us("floor", "refused", OURS)
    alone = [found for name in _ALONE if (found := steps.best_us(name)) is not None]
    if own is None or floor is None or len(alone) < len(_ALONE):
        return []
    parse, signature, read_, gate, call = alone
    factor = max(0.0, own.median) / call
    return [
        Part("the floor: server, sockets, a handler that receives and answers", floor.median),
        Part("the form: split, decoded, put in order", parse * factor),
        Part("HMAC-SHA1 and comparison", signature * factor),
        Part("the message out of the form", max(0.0, read_ - parse - signature) * factor),
        Part("gate", gate * factor),
        Part(
            "the rest: headers, ASGI events, what was received is booked, the answer",
            max(0.0, call - read_ - gate) * factor,
        ),
    ]


def fill(page: str, written: Mapping[str, str]) -> str:
    """Return a page with its blocks written anew."""
    return _BLOCK.sub(lambda found: _filled(found, written), page)


def _filled(found: re.Match[str], written: Mapping[str, str]) -> str:
    text = written.get(found["name"])
    return found[0] if text is None else f"{found[1]}{text}\n{found[3]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.pages.report", description=__doc__.splitlines()[0])
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
    for target in targets(found.share, found.comparison, found.cost):
        print(f"{'holds' if target.holds else 'MISSED':7} {target.text}: {table.cell(target.found)}{target.unit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
