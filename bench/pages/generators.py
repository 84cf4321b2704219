"""What load generators came to, as Markdown, and its places in docs/how-to/run-a-flood.md."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import ROOT
from bench.generators.result import Result
from bench.pages.report import fill
from bench.pages.table import table

PAGE = ROOT / "docs" / "how-to" / "run-a-flood.md"


def speeds(results: Mapping[str, Sequence[Result]]) -> str:
    """Return who sent how fast, and at what price; `engine` and `FastHttpUser` are among them, with as many rounds."""
    rows = []
    for name, runs in results.items():
        speed, cost = [run.messages / run.seconds for run in runs], [run.cpu_s / run.messages * 1e6 for run in runs]
        rows.append(
            [
                name,
                *(f"{value:,.0f}" for value in (statistics.median(speed), max(speed))),
                *(f"{value:.1f}" for value in (statistics.median(cost), min(cost))),
            ]
        )
    ratios = [
        mine.messages / mine.seconds / (theirs.messages / theirs.seconds)
        for mine, theirs in zip(results["engine"], results["FastHttpUser"], strict=True)
    ]
    head = ["generator", "messages/s, median", "best", "CPU µs per message, median", "least"]
    times = f"engine over FastHttpUser, median of {len(ratios)} rounds: {statistics.median(ratios):.1f} times"
    return f"{table(head, rows)}\n\n{times}"


def stall(results: Mapping[str, Result]) -> str:
    """Return what each said of a server that stood still for a second."""
    rows = [
        [name, f"{seen.messages:,}", f"{seen.p95_ms:,.0f}", f"{seen.p99_ms:,.0f}", f"{seen.lag_p99_ms:.1f}"]
        for name, seen in results.items()
    ]
    return table(["generator", "sent", "p95 ms", "p99 ms", "own lag p99 ms"], rows)


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put a table into its place in the page."""
    page.write_text(fill(page.read_text(encoding="utf-8"), {name: text}), encoding="utf-8")
