"""Facts about the pages on floods: their examples work, and their tables are whole."""

import re

import pytest

from edge.configfile import parse as parse_file
from edge.core.wire.reason import Reason
from loadtest.flood.arrival import Kind
from loadtest.flood.file import ScenarioError, parse
from loadtest.flood.replay import KINDS
from loadtest.flood.scenario import Phase, Scenario
from loadtest.flood.stream import arrivals
from loadtest.flood.texts import TEXTS
from loadtest.flood.thresholds import NAMES
from loadtest.worker.file import worker_file
from tests import ROOT
from tests.loadtest.floods import EXAMPLE, judged
from tests.loadtest.paperworker import PaperWorker

DOCS = ROOT / "docs"
SCENARIOS = (DOCS / "how-to" / "write-a-scenario.md").read_text(encoding="utf-8")
REPLAY = (DOCS / "how-to" / "record-and-replay.md").read_text(encoding="utf-8")
RUN = (DOCS / "how-to" / "run-a-flood.md").read_text(encoding="utf-8")
OPEN_LOOP = (DOCS / "explanation" / "open-loop.md").read_text(encoding="utf-8")


def test_every_scenario_in_the_pages_can_be_played():
    """What a reader copies is understood."""
    found = re.findall(r"```toml\n(description.*?)```", SCENARIOS + OPEN_LOOP, re.DOTALL)

    assert [2, 1, 1] == [len(parse(text, "page").phase) for text in found]
    assert 1 == sum(parse(text, "page").trace is not None for text in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("size = 60", "size = 60"), "`verdict: kept (exit 0)`"),
        (("size = 60", "size = 800"), "```\nbroken: {}\nverdict: broken (exit 3)\n```"),
    ],
)
def test_the_stadium_ends_as_the_page_says(change, said):
    """Played on paper, by the harness's own judge: sixty who shout, and eight hundred."""
    stadium = parse(re.search(r"```toml\n(description.*?)```", SCENARIOS, re.DOTALL)[1].replace(*change), "stadium")
    worker = PaperWorker(parse_file(worker_file(EXAMPLE, stadium)))
    verdict = judged(worker, list(arrivals(stadium, phone=worker.config.number.phone)), *stadium.thresholds).verdict

    assert [] == verdict.undecided
    assert said.format(*verdict.broken) in SCENARIOS


def test_a_misspelt_key_is_refused_as_the_page_says():
    """The line that stands there is the one that is printed."""
    stadium = re.search(r"```toml\n(description.*?)```", SCENARIOS, re.DOTALL)[1]
    before, phase, after = stadium.rpartition("[[phase]]")
    with pytest.raises(ScenarioError) as refused:
        parse(before + phase + after.replace("messages", "mesages"), "stadium")

    assert f"```\nloadtest: {refused.value}\n```" in SCENARIOS


@pytest.mark.parametrize(("heading", "kind"), [("The head", Scenario), ("Phases", Phase)])
def test_every_key_of_a_scenario_has_a_row(heading, kind):
    """And no row is about a key that there is not; a scenario's name is that of its file, and phases have a table of their own."""
    section = SCENARIOS.partition(f"## {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)

    keys = set(kind.__struct_encode_fields__) - ({"name", "phase"} if kind is Scenario else set())
    assert keys == {key for row in rows for key in re.findall(r"`(\w+)`", row)}


def test_the_table_of_figures_is_whole():
    """Each name with its meaning, the latencies by their first one."""
    table = SCENARIOS.partition("<!-- limits -->")[2].partition("<!-- /limits -->")[0]
    rows = dict(re.findall(r"^\| `([\w.]+)`.*? \| (.*) \|$", table, re.MULTILINE))

    series = {name: meaning for name, meaning in NAMES.items() if not re.search(r"\.(p9|p99|max)", name)}

    assert series == rows


def test_the_table_of_texts_is_whole():
    """Every kind of text is named."""
    row = next(line for line in SCENARIOS.splitlines() if line.startswith("| `texts`"))

    assert set(TEXTS) == set(re.findall(r"`(\w+)`", row)) - {"texts"}


def test_the_table_of_what_is_played_is_true():
    """Every reason in it is played as its row says, and each that is not is a fresh message."""
    played = {
        "delivered again": Kind.RETRIED,
        "forged": Kind.FORGED,
        "no message": Kind.MALFORMED,
        "larger": Kind.OVERSIZE,
        "never comes": Kind.SLOW_LORIS,
        "from a": Kind.FRESH,
    }
    rows = re.findall(r"^\| (`.*`) \| (.*) \|$", REPLAY.partition("| recorded | played |")[2], re.MULTILINE)
    told = {
        Reason(name): next(kind for words, kind in played.items() if words in meaning)
        for names, meaning in rows
        for name in re.findall(r"`(\w+)`", names)
    }

    assert {**KINDS, Reason.NOT_A_PERSON: Kind.FRESH, Reason.UNSERVED: Kind.FRESH} == told


def test_a_server_that_stalls_has_one_table():
    """The pages that speak of it give its figures, or none: about 500 ms, less than a tenth of that, a tenth fewer."""
    rows = re.findall(
        r"^\| (engine|FastHttpUser) \| ([\d,]+) \| ([\d,]+) \|", RUN.partition("| own lag")[2], re.MULTILINE
    )
    (open_sent, open_ms), (closed_sent, closed_ms) = [
        (int(sent.replace(",", "")), int(ms.replace(",", ""))) for _, sent, ms in rows
    ]
    decision = (DOCS / "decisions" / "open-loop-inside-locust.md").read_text(encoding="utf-8")

    assert (450 < open_ms < 550, closed_ms < open_ms / 10) == (True, True)
    assert 10 == round((1 - closed_sent / open_sent) * 20) * 5
    assert "sends a tenth fewer and reports less than a tenth of that" in decision
    assert "| generator |" not in OPEN_LOOP + decision
