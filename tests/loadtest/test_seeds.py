"""`python -m loadtest SCENARIO --seeds N`: a flood again and again, each against a worker of its own, judged as one."""

import json
import signal
import sys
from xml.etree import ElementTree as ET

import psutil
import pytest

from loadtest.command import main
from loadtest.door import run as door
from tests.loadtest.test_command import run
from tests.loadtest.test_endings import descendants, gone, own, started
from tests.worker import await_

PEOPLE = """
description = "Ten people, and money for ten."
limits = ["genuine.answered == 10", "cost.total <= 0.763", "corrected.p99_ms < 4000", "lag.p99_ms < 900"]

[worker.budget]
kitty = "0.838"
per-day = "35"
burst = "0.838"

[worker.knock]
share = 0

[[phase]]
name = "people"
lasts = "300ms"
messages = 10
arrivals = { process = "constant" }
senders = { from = "distinct" }
genuine = true
"""


def test_each_seed_meets_a_worker_with_a_ledger_of_its_own(tmp_path):
    """The kitty pays ten replies, and ten each time; what came of all is one verdict, wherever it stands."""
    scenario = tmp_path / "people.toml"
    scenario.write_text(PEOPLE)
    files = {name: tmp_path / name for name in ("report", "verdict-json", "junit", "markdown")}

    ended = run(str(scenario), "--seeds", "2", *(f"--{name}={path}" for name, path in files.items()))
    told = json.loads(files["verdict-json"].read_text())

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert ["seed 1: kept", "seed 2: kept"] == [line.partition(",")[0] for line in ended.stdout.splitlines()[:2]]
    assert f"verdict: kept (exit 0)\nreport: {files['report']}\n" == ended.stdout[ended.stdout.index("verdict: ") :]
    assert ([1, 2], "kept") == (told["seeds"], told["verdict"])
    assert {"mean": 10, "plus_minus": 0} == told["figures"]["genuine.answered"]
    assert "0" == ET.parse(files["junit"]).getroot().get("failures")
    assert files["markdown"].read_text().startswith("### people: kept\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["calm", "--seeds", "0"], "--seeds"),
        (["calm", "--seeds", "-3"], "--seeds"),
        (["calm", "--seeds", "two"], "--seeds"),
        (["calm", "--seeds", "2.5"], "--seeds"),
        (["calm", "--seeds", "1001"], "--seeds"),
        (["calm", "--seeds", "2", "--seed", "3"], "--seed and --seeds: both given; keep one"),
        (["calm", "--seeds", "2", "--html", "x"], "--html: of one flood"),
        (["calm", "--seeds", "2", "--csv", "x"], "--csv: of one flood"),
        (["calm", "--seeds", "2", "--markdown", "/proc/x"], "--markdown: /proc/x cannot be written"),
        (["edge.toml", "--trace", "--seeds", "2"], "edge.toml"),
        (["riad", "--seeds", "2"], 'did you mean "raid"?'),
    ],
)
def test_what_makes_no_sense_is_said_on_one_line_before_anything_is_played(arguments, said, monkeypatch, capsys):
    """Exit 2."""
    monkeypatch.setattr(sys, "argv", ["loadtest", *arguments])

    with pytest.raises(SystemExit, match=r"^2$"):
        door(main, "loadtest")

    out, err = capsys.readouterr()
    assert ("", 1) == (out, len(err.splitlines()))
    assert said in err


def test_a_trace_has_no_seeds(tmp_path):
    """What was recorded is one flood, played as it was."""
    trace = tmp_path / "calm.jsonl"
    written = run("trace", "one-troll", "-o", str(trace))
    ended = run(str(trace), "--trace", "--seeds", "2")

    assert (0, 2) == (written.returncode, ended.returncode)
    assert "loadtest: --seeds: a trace is one flood, whatever the seed; leave it out\n" == ended.stderr


def is_playing(process):
    """Return whether Locust speaks to the worker."""
    children = map(psutil.Process, descendants(process))
    alone = [child for child in children if "loadtest.run.alone" in child.cmdline()]
    return any(met.status == psutil.CONN_ESTABLISHED for child in alone for met in child.net_connections("tcp"))


def test_what_was_played_before_somebody_ended_it_is_judged(tmp_path):
    """The seed that was playing as the shorter flood that it was, the others as never played; and nothing is left."""
    with started(own(tmp_path, "--seeds", "3")) as (process, seen):
        await_(lambda: is_playing(process), 60)
        seen.extend(descendants(process))
        process.send_signal(signal.SIGINT)
        process.wait(60)
        gone(seen)
        told = json.loads((tmp_path / "v.json").read_text())

    assert (4, 4) == (process.returncode, told["exit"])
    assert {"1 of 3 seeds were played", "seed 1: interrupted before its end"} <= set(told["undecided"])
