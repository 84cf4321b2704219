"""`python -m tests.torture`: run every test that shows a promise, for longer, and write down what was counted.

1. A test says itself which promises it shows and what it did, with the fixture `shows` or pytest's `record_property`:
   "promise", "rounds", "requests", "faults", and "figure" for what is worth a word.
2. Figures are counted while a test runs. Nobody types one in: the tables of docs/reference/promises.md are written here.
3. `rounds` is the one place that knows whether this is torture, and `examples` how many a state machine runs then.
"""

import ast
import datetime as dt
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bench.arguments import Parser
from tests import ROOT

PAGE = ROOT / "docs" / "reference" / "promises.md"
PROMISES = {
    "P1": "no reply is paid that kitty and pace do not cover, whatever is killed and however clocks step",
    "P2": "a sender gets `burst` replies, then one per period, whichever worker answers, across restarts",
    "P3": "every reply that a client received is in the ledger",
    "P4": "one message id is charged once, however often it is delivered",
    "P5": "memory stays flat under ten million distinct senders",
    "P6": "a flood cannot take the answer away from who writes for the first time",
    "P7": "what does not come from the provider never costs money",
    "P8": "ledger gone or slow: silence, not spending, and back by itself",
    "P9": "no phone number and no message text is stored or logged",
    "P11": "what an operator must know is sent within a minute, at most twice around a crash",
    "P12": "a number ends attached or detached as the ledger says, and nothing is asked of its provider blindly again",
}
ALSO = ("tests/simulation/test_against_locust.py", "tests/core/alerting/test_floodwatch.py")
"""Tests that show no promise, and are worth more rounds."""
MARKS = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)
EXAMPLES = 1_000
"""Of each state machine on each ledger; ten thousand take hours."""
COUNTED = ("rounds", "requests", "faults")


def rounds(few: int, many: int) -> int:
    """Return how often to do something: a few times in the tests, many times under torture."""
    return many if os.environ.get("TORTURE") else few


def examples(few: int) -> int:
    """Return how many examples a state machine is to run: a few in the tests, `EXAMPLES` under torture."""
    return rounds(few, int(os.environ.get("EXAMPLES", EXAMPLES)))


def declared() -> dict[str, set[str]]:
    """Return the tests that show promises, by their ids, as they stand in the code."""
    return {
        f"{path.relative_to(ROOT)}::{test.name}": promises
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_") and (promises := _promises(test))
    }


def _promises(test: ast.FunctionDef) -> set[str]:
    """Return the promises that a test passes to `shows` or `record_property`."""
    calls = [call for call in ast.walk(test) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
    said = [word for call in calls if call.func.id in {"shows", "record_property"} for word in call.args]
    return {word.value for word in said if isinstance(word, ast.Constant) and word.value in PROMISES}


@dataclass
class Entry:
    """The account of one test over all its parameters, or of all tests of one promise."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    figures: list[str] = field(default_factory=list)
    ran: bool = False
    failed: bool = False

    def add(self, report: pytest.TestReport) -> None:
        """Add what a test has recorded."""
        for name, value in report.user_properties:
            if name in self.counts:
                self.counts[name] += value
            elif name == "figure":
                self.figures.append(value)
        self.ran |= report.passed
        self.failed |= report.failed

    @property
    def cells(self) -> str:
        """The cells of a row: what was counted, and what came of it."""
        verdict = "**broken**" if self.failed else "kept" if self.ran else "**not run**"
        counted = [f"{self.counts[name]:,}" if self.counts[name] else "" for name in COUNTED]
        return " | ".join([*counted, "; ".join([verdict, *self.figures])])


class Book:
    """A pytest plugin that keeps the entries of the tests that show promises."""

    def __init__(self) -> None:
        self.declared = declared()
        self.entries = {test: Entry() for test in self.declared}
        self.began = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test once it has run, or could not be run."""
        entry = self.entries.get(report.nodeid.partition("[")[0])
        if entry is not None and (report.when == "call" or report.failed):
            entry.add(report)

    def of(self, promise: str) -> Entry:
        """Return what all tests of a promise came to."""
        entries = [self.entries[test] for test, promises in self.declared.items() if promise in promises]
        return Entry(
            {name: sum(entry.counts[name] for entry in entries) for name in COUNTED},
            [figure for entry in entries for figure in entry.figures],
            ran=all(entry.ran for entry in entries),
            failed=any(entry.failed for entry in entries),
        )

    def tables(self) -> str:
        """Return the promises, and under them the tests that show them."""
        minutes = (time.monotonic() - self.began) / 60
        lines = [
            f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} processors, Python {platform.python_version()}, "
            f"{minutes:.0f} minutes.",
            "",
            "| | promise | rounds | requests | faults | result |",
            "|---|---|--:|--:|--:|---|",
            *(f"| {name} | {text} | {self.of(name).cells} |" for name, text in PROMISES.items()),
            "",
            "| test | shows | rounds | requests | faults | result |",
            "|---|---|--:|--:|--:|---|",
            *(f"| `{test}` | {' '.join(sorted(self.declared[test]))} | {entry.cells} |" for test, entry in self.entries.items()),
        ]  # fmt: skip
        return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests that show promises, write the page and print it."""
    Parser(prog="python -m tests.torture", description=__doc__.splitlines()[0]).parse_args(arguments)
    os.environ["TORTURE"] = "1"
    wished = os.environ.get("EXAMPLES", str(EXAMPLES))
    if re.fullmatch(r"[1-9][0-9]{0,6}", wished) is None:
        sys.stderr.write(f"EXAMPLES: found {wished!r}; write how many examples each state machine runs, such as 1000\n")
        return 2
    book = Book()
    code = pytest.main(
        ["-q", "--no-header", "--durations=12", "--timeout=0", "-p", "no:cacheprovider", *book.entries, *ALSO],
        plugins=[book],
    )
    tables = book.tables()
    PAGE.write_text(MARKS.sub(lambda marks: f"{marks[1]}{tables}{marks[2]}", PAGE.read_text(encoding="utf-8")))
    sys.stdout.write(f"\n{tables}")
    return code


if __name__ == "__main__":
    sys.exit(main())
