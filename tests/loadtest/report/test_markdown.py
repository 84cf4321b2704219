"""Facts about the Markdown: a reader of GitHub's dialect finds the tables that were meant, and nothing but text in them."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from loadtest.judge.promise import Promise
from loadtest.report.markdown import escaped, summary, table, trial_summary
from tests.loadtest.floods import config_of, judged, message, people
from tests.loadtest.paperworker import PaperWorker
from tests.loadtest.trials import HEAD, shares, trial_of

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
EVIL = [
    "a|b|c",
    "\\|",
    "x\n| --- |\n| y |",
    "<script>alert(1)</script>",
    "<!-- ",
    "[a](javascript:b)",
    "![a](b)",
    "`a` **b** _c_ ~~d~~",
    "# a",
    "1. a",
    "- a",
    "&lt;b&gt;",
    "https://example.org www.example.org a@example.org",
]


def cells(markdown):
    """Return the tables of a text as a reader sees them: rows of cells; nothing but text and code may be in one."""
    tables, tokens = [], iter(GITHUB.parse(markdown))
    for token in tokens:
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in ("th_open", "td_open"):
            inline = next(tokens)
            assert {part.type for part in inline.children} <= {"text", "text_special", "strong_open", "strong_close"}
            tables[-1][-1].append("".join(part.content for part in inline.children))
    return tables


def markup(markdown):
    """Return the kinds of everything in a text."""
    tokens = GITHUB.parse(markdown)
    return {token.type for token in tokens} | {part.type for token in tokens for part in token.children or ()}


def plain(text):
    """Return a text as it is to be read: on one line, without what nobody could see."""
    cut = text if len(text) <= 300 else text[:300] + "…"
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(cut.split()))


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=4))
@example([[text] * 3 for text in EVIL])
def test_no_text_breaks_a_table(rows):
    """Whatever stands in a cell is read there, and nowhere else."""
    written = "\n".join(table(["a", "b", "c"], rows, numbers=1))
    (found,) = cells(written)

    assert [["a", "b", "c"], *([plain(cell) for cell in row] for row in rows)] == [
        [cell.replace("\u2060", "") for cell in row] for row in found
    ]


@pytest.mark.parametrize("text", EVIL)
def test_a_scenarios_name_and_a_workers_text_are_nothing_but_text(text):
    """In a heading, in a paragraph, in a list and in a table."""
    wrong = (Promise(text, (text,)), Promise("another"))
    trial = trial_of(
        shares("0.8", "0.9"), promises={1: wrong, 2: wrong}, head=msgspec.structs.replace(HEAD, scenario=text)
    )
    clean = trial_of(shares("0.8", "0.9"), promises={1: (Promise("p", ("q",)), Promise("another"))} | {2: wrong})

    assert set() == markup(trial_summary(trial)) & {
        "html_block",
        "html_inline",
        "link_open",
        "image",
        "code_inline",
        "em_open",
    }
    assert [len(rows) for rows in cells(trial_summary(clean))] == [len(rows) for rows in cells(trial_summary(trial))]


@pytest.mark.parametrize("text", ["https://example.org", "www.example.org", "a@example.org", "@somebody"])
def test_what_github_would_make_a_link_of_is_none(text):
    """It looks for addresses in what it has read as text, so a mark that nobody sees stands inside."""
    assert text not in GITHUB.renderInline(escaped(text))
    assert text == GITHUB.renderInline(escaped(text)).replace("\u2060", "")


def test_one_flood_has_its_limits_its_promises_and_its_bills():
    """Each in a table of its own; marks say what came of it."""
    flood = [*people(5, genuine=True), *(message(10 + k) for k in range(3))]
    limits, promises, money = cells(summary(judged(PaperWorker(config_of()), flood, "cost.total <= 0.1")))

    assert ["", "limit", "came to", "margin"] == limits[0]
    assert ["broken", "cost.total <= 0.1", "0.4578", "358 % outside"] == limits[1]
    assert ["kept", "only what the provider sent is answered"] == promises[1]
    assert ["with the gate", "8", "6"] == money[-1][:3]


def test_several_seeds_have_their_figures_and_each_its_row():
    """The same figures as on the terminal."""
    limits, promises, figures, seeds = cells(trial_summary(trial_of(shares("0.8", "0.9", "0.85"))))

    assert (["kept", "lag.p99_ms < 50", "1", "98 % inside"], 3) == (limits[1], len(promises))
    assert ["genuine.answered_share", "0.85 ±0.1242"] in figures
    assert ["3", "kept", "100"] == seeds[-1]
