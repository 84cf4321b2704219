"""What attacks came to when the promises were last shown for long: the figures of the table in docs/explanation/under-fire.md."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

PROMISES = Path(__file__).parent / "reference" / "promises.md"
"""`make torture` writes a row for each test that shows a promise: what it sent, and what it recorded."""

_COUNTED = re.compile(r"^\| `(tests/[^`]+)` \| [P\d ]+ \| [\d,]* \| ([\d,]*) \| [\d,]* \| (.*) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[^`]+)`")
_ATTACK, _WHAT, _FIGURE, _HELP, _TESTS = range(5)


def attacks(before: str, promises: str | None = None) -> Iterator[str]:
    """Yield the rows of a table of attacks, each with the figure of the tests that its last cell names."""
    head, rule, *rows = before.splitlines()
    text = PROMISES.read_text(encoding="utf-8") if promises is None else promises
    counted = {test: (requests, result) for test, requests, result in _COUNTED.findall(text)}
    yield from (head, rule)
    for row in rows:
        cells = row.removeprefix("| ").removesuffix(" |").split(" | ")
        named = _TEST.findall(cells[_TESTS])
        cells[_FIGURE] = _figure([counted[test] for test in named if test in counted])
        yield f"| {' | '.join(cells)} |"


def _figure(found: Sequence[tuple[str, str]]) -> str:
    """Return what tests recorded, or else how much they sent; nothing where they show no promise, or sent nothing."""
    recorded = [figures for _, result in found if (figures := result.partition("; ")[2])]
    sent = sum(int(requests.replace(",", "") or 0) for requests, _ in found)
    return "; ".join(recorded) or (f"{sent:,} sent" if sent else "")
