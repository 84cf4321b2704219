"""Results are written where they were proved writable, files first, and a result that is lost is no pass."""

import io
import json
import sys
from argparse import Namespace
from xml.etree import ElementTree as ET

import pytest

from loadtest.judge.evidence import Evidence
from loadtest.judge.judging import judge
from loadtest.judge.trial import read
from loadtest.report.markdown import summary
from loadtest.report.output import NotWritten, prove, write
from loadtest.report.page import page
from loadtest.report.printout import as_dict, as_junit, as_table
from tests.loadtest.floods import config_of, judged, people
from tests.loadtest.paperworker import PaperWorker

OPTIONS = ("report", "verdict_json", "junit", "markdown", "html_file", "csv_prefix")


def options(**given):
    """Return options as Locust reads them."""
    return Namespace(**(dict.fromkeys((*OPTIONS, "kept"), "") | given))


def kept():
    """Return a judgement to write."""
    return judged(PaperWorker(config_of()), people(5, genuine=True))


@pytest.mark.parametrize("option", OPTIONS)
def test_where_a_result_cannot_go_is_found_before_the_flood(option, tmp_path):
    """A folder that is a file, a folder in the place of a file, a name that is none."""
    (tmp_path / "file").write_text("")
    (tmp_path / "x_stats.csv").mkdir()
    wrong = [str(tmp_path / "file" / "x"), str(tmp_path if option != "csv_prefix" else tmp_path / "x"), "a\0b"]

    for path in wrong:
        with pytest.raises(
            NotWritten, match=r"^--[a-z-]+: .*(cannot be written: (Not a|Is a|File exists)|is no file's name: )"
        ):
            prove(options(**{option: path}))


def test_a_device_that_is_full_is_found_before_the_flood():
    """It can be opened, and takes no byte."""
    with pytest.raises(NotWritten, match=r"^--report: /dev/full cannot be written: No space left on device$"):
        prove(options(report="/dev/full"))


def test_proving_leaves_no_trace(tmp_path):
    """What was there stays as it was; what was not is not there."""
    old, new = tmp_path / "old.html", tmp_path / "deep" / "new.xml"
    old.write_text("the last one")

    prove(options(report=str(old), junit=str(new)))

    assert ("the last one", False) == (old.read_text(), new.exists())


def test_a_summary_of_githubs_is_proved_like_a_file_that_was_asked_for(monkeypatch):
    """Under the name of the variable that named it."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/dev/full")

    with pytest.raises(
        NotWritten, match=r"^GITHUB_STEP_SUMMARY: /dev/full cannot be written: No space left on device$"
    ):
        prove(options())


def test_a_summary_goes_below_those_of_other_steps_and_a_file_is_written_anew(tmp_path, monkeypatch, capsys):
    """What another step wrote stays; what another flood wrote into the same file does not."""
    steps, file = tmp_path / "steps.md", tmp_path / "mine.md"
    steps.write_text("### another step\n\n")
    file.write_text("another flood")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(steps))

    prove(options(markdown=str(file)))
    write(kept(), options(markdown=str(file)))
    capsys.readouterr()

    assert "### another step\n\n" + file.read_text() == steps.read_text()
    assert file.read_text().startswith("### test: kept\n")


def test_of_one_seed_among_several_nothing_is_said(tmp_path, monkeypatch, capsys):
    """It is kept for whoever plays them, to the last digit; the summary is theirs to write."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "steps.md"))
    judgement = kept()

    prove(options(kept=str(tmp_path / "one")))
    write(judgement, options(kept=str(tmp_path / "one")))
    head, flood = read((tmp_path / "one").read_bytes())

    assert ("", False) == (capsys.readouterr().out, (tmp_path / "steps.md").exists())
    assert (judgement.verdict, "test", 1) == (flood.verdict, head.scenario, flood.seed)


def test_one_result_that_is_lost_takes_no_other_with_it(tmp_path, capsys):
    """The rest is written, the verdict is printed, and the loss is an error."""
    with pytest.raises(NotWritten, match=r"^--junit: /dev/full cannot be written"):
        write(kept(), options(junit="/dev/full", verdict_json=str(tmp_path / "v.json")))

    assert "kept" == json.loads((tmp_path / "v.json").read_text())["verdict"]
    assert "verdict: kept (exit 0)\n" in capsys.readouterr().out


class Full(io.StringIO):
    """A terminal that takes nothing."""

    def write(self, _text):
        """Refuse."""
        raise OSError(28, "No space left on device")


def test_files_are_written_before_the_verdict_is_printed(tmp_path, monkeypatch):
    """A pipe that is closed loses the table alone, and says so."""
    monkeypatch.setattr(sys, "stdout", Full())

    with pytest.raises(NotWritten, match=r"^standard output: verdict cannot be written: No space left on device$"):
        write(kept(), options(verdict_json=str(tmp_path / "v.json")))

    assert "kept" == json.loads((tmp_path / "v.json").read_text())["verdict"]


@pytest.mark.parametrize(
    ("shortcomings", "limits", "state", "code"),
    [
        ((), (), "kept", 0),
        (("interrupted before its end",), (), "inconclusive", 4),
        ((), ("cost.total <= 0.1",), "broken", 3),
        (("interrupted before its end",), ("cost.total <= 0.1",), "broken", 3),
        ((), ("lag.p99_ms < 0",), "inconclusive", 4),
    ],
)
def test_there_is_one_verdict(shortcomings, limits, state, code):
    """Table, JSON, JUnit, Markdown and page say the same, whatever came of the run."""
    evidence = judged(PaperWorker(config_of()), people(5, genuine=True), *limits).evidence
    fields = {name: getattr(evidence, name) for name in ("run", "demand", "tally", "before", "after")}
    judgement = judge(Evidence(**fields, shortcomings=shortcomings))
    suite = ET.fromstring(as_junit(judgement))
    told = as_dict(judgement)

    assert f"verdict: {state} (exit {code})" == as_table(judgement).splitlines()[-1]
    assert (state, code) == (told["verdict"], told["exit"])
    assert f'<span class="badge {state}">{state}</span>' in page(judgement)
    assert summary(judgement).startswith(f"### test: {state}\n")
    assert (state == "broken", state == "kept") == (
        int(suite.get("failures")) > 0,
        suite.get("failures") == suite.get("errors") == "0",
    )
    assert state == judgement.verdict.state.name.lower()
