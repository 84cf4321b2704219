"""Facts about the figures with a unit in README and docs: a command writes them, or it is said here why not.

1. What a command writes stands between marks, or is one of the sentences of docs/figures; blocks of code and what is quoted as
   code are examples.
2. Decisions are left out: a figure there is that of its day, as their own page says.
"""

import re

from docs.figures.pages import pattern_of
from docs.figures.sentences import SENTENCES
from edge.config.server import Server
from edge.configfile import load
from edge.core.alerting.watching import KITTY_PERCENTS
from edge.core.seen import sightings
from edge.simulation.lookout import LOOK_MS
from edge.units import MICROS, SECOND_MS, format_money
from loadtest.judge.fairness import EXCHANGE_2017_MICROS
from tests import ROOT

PAGES = [*sorted(ROOT.glob("README*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
_MARKED = r"<!-- (made|figures|bench)\b.*?<!-- /?(?:end of )?\1 -->"
_CODE = r"^```.*?^```$|`[^`\n]*`|\]\([^)]*\)"
_CHANCE = r"95 % interval"
_SENTENCES = "|".join(pattern_of(sentence) for _, sentence in SENTENCES)
NOT_TYPED = (re.compile(_SENTENCES), re.compile(f"{_MARKED}|{_CODE}|{_CHANCE}", re.DOTALL | re.MULTILINE))
FIGURE = re.compile(
    r"\d[\d.,]* (?:\w+ )?(?:a|per|par) seconde?\b"
    r"|\d[\d.,]*[  ]?(?:%|EUR\b)"
    r"|\d[\d.,]*[  -]?(?:ns|µs|ms|[kKMG]i?[Bo]|bytes?|octets?)\b"
    r"|\d+[.,]\d+[  ](?:s|seconde?s?|minutes?)\b"
)
UNIT_IN_A_HEAD = re.compile(r"^\| .*\b(?:ns|µs|ms|[kKMG]i?B|EUR)\b.*\|\n\|[ :|-]+\|$", re.MULTILINE)

CONFIG = load(ROOT / "edge.toml")
[_REPLY_MICROS] = CONFIG.price.reply.values()
RECEIVING, REPLY, EXCHANGE = map(format_money, (CONFIG.price.received, _REPLY_MICROS, EXCHANGE_2017_MICROS))
ARITHMETIC = "follows from what stands beside it"
EXAMPLE = "edge.toml has it"
SET_UP = "how it is measured"
SHIPPED = "the shipped files have it, and tests/cdn sends the longest message through them"
SIZE = "tests/ledger/test_size.py"
WHY = {
    "docs/explanation/open-loop.md": {
        "500 ms": ARITHMETIC,
        "100 ms": ARITHMETIC,
        "500 requests a second": ARITHMETIC,
        "1 %": "tests/loadtest/judge/test_histogram.py",
        "90 %": ARITHMETIC,
        "99 %": ARITHMETIC,
    },
    "docs/explanation/performance.md": {
        "500 messages a second": SET_UP,
        f"{RECEIVING} EUR": EXAMPLE,
        "750 EUR a second": ARITHMETIC,
    },
    "docs/explanation/security.md": {"16 bytes": "the length of our hashes", "8 bytes": "the length of a trace's"},
    "docs/explanation/when-silence-costs-too-much.md": {f"{LOOK_MS / SECOND_MS} seconds": "how often the watch looks"},
    "docs/explanation/who-gets-the-money.md": {"83.5 %": ARITHMETIC},
    "docs/how-to/alerts.md": {f"{min(KITTY_PERCENTS)} %": "edge/core/alerting/watching.py"},
    "docs/how-to/behind-a-cdn.md": {"23,000 bytes": ARITHMETIC, "48,000 bytes": SHIPPED, "10 a second": "advice"},
    "docs/how-to/read-the-report.md": {
        f"{EXCHANGE} EUR": "loadtest/judge/fairness.py, with its source",
        f"{CONFIG.budget.kitty // MICROS:,} EUR": EXAMPLE,
        "4,000 EUR": "what papers wrote",
    },
    "docs/how-to/record-and-replay.md": {f"{Server().trace_mb_max} MB": "the key's default"},
    "docs/how-to/run-a-flood.md": {"1,000 messages a second": SET_UP, "500 ms": ARITHMETIC},
    "docs/how-to/write-a-scenario.md": {f"{CONFIG.budget.per_day // MICROS} EUR": EXAMPLE},
    "docs/reference/configuration.md": {
        "23,000 bytes": ARITHMETIC,
        "48,000 bytes": SHIPPED,
        "4,280 bytes": "a page of memory and the sums behind it, which a test of the page holds against the code",
        f"{sightings.TABLE_BYTES / 1e6:.1f} MB": "each of the tables, likewise",
    },
    "docs/reference/ledgers.md": {"300 bytes": SIZE, "1,000 bytes": SIZE},
    "docs/reference/providers.md": {f"{Server().body_bytes_max:,} bytes": "the key's default"},
    "docs/tutorial/first-evening.fr.md": {f"{REPLY} EUR": EXAMPLE},
    "docs/tutorial/first-evening.md": {f"{REPLY} EUR": EXAMPLE},
}
"""By page and figure why it is typed: a constant, arithmetic, or the test that holds it."""


def typed(text):
    """Return what somebody has typed in a page."""
    for pattern in NOT_TYPED:
        text = pattern.sub(" ", text)
    return text


def pages():
    """Yield the name and the typed text of every page but the decisions."""
    for path in PAGES:
        if "decisions" not in path.parts:
            yield str(path.relative_to(ROOT)), typed(path.read_text(encoding="utf-8"))


def test_no_figure_that_was_measured_is_typed():
    """A figure with a unit is a command's to write, or is listed here with its reason; nothing is listed that is gone."""
    found = {page: set(FIGURE.findall(text)) for page, text in pages()}

    assert {page: set(figures) for page, figures in WHY.items()} == {page: said for page, said in found.items() if said}


def test_no_table_that_was_measured_is_typed():
    """A table with a unit in its head is a command's, but for one that tests/loadtest/report/test_bills.py holds."""
    assert {"docs/how-to/read-the-report.md"} == {page for page, text in pages() if UNIT_IN_A_HEAD.search(text)}


def test_what_a_command_writes_is_not_typed():
    """Nor are examples of code; what stands around them is."""
    page = "3 ms\n<!-- bench:waits -->\n4 ms\n<!-- /bench -->\n`5 ms` 6.5 s\n```\n7 ms\n```\n8 MiB, 2 s, 9 messages a second\n"

    assert ["3 ms", "6.5 s", "8 MiB", "9 messages a second"] == FIGURE.findall(typed(page))
