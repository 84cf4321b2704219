"""Facts about a flood that is written as a trace: what it says is what would have been played, and it hides nobody but shows no number."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from loadtest.flood.choice import choose
from loadtest.flood.file import parse
from loadtest.flood.stream import arrivals
from loadtest.flood.trace import read
from loadtest.provider.segments import received
from loadtest.tracecommand import main
from loadtest.written import BEGAN_MS, floods, written
from tests import ROOT
from tests.loadtest.floods import EXAMPLE, config_of
from tests.worker import PHONE

FLOOD = """
description = "A test."
speed = 100

[[phase]]
name = "people"
lasts = "10m"
messages = 30
arrivals = { process = "poisson" }
senders = { from = "distinct" }
genuine = true
writes = { times = { law = "uniform" }, gap = { law = "exponential", mean = "1m" } }

[[phase]]
name = "trolls"
starts = "2m"
lasts = "3m"
messages = 100
arrivals = { process = "poisson" }
senders = { from = "pool", size = 10 }
texts = ["long", "varied"]
pictures = 0.3
again = [{ kind = "retried", share = 0.3, after = "10s" }]

[[phase]]
name = "machines"
starts = "4m"
lasts = "2m"
messages = 8
arrivals = { process = "constant" }
senders = { from = "list", senders = ["36000", "INFO", "own", "+15551234567"] }

[[phase]]
name = "forgers"
lasts = "10m"
messages = 20
arrivals = { process = "constant" }
senders = { from = "distinct" }
kind = "forged"
"""


def lines_of(seed=2017):
    """Return the flood as it is written, its head apart."""
    head, *lines = written(parse(FLOOD, "test"), config_of(), seed=seed)
    return json.loads(head), [json.loads(line) for line in lines]


def test_a_trace_tells_the_messages_of_its_flood():
    """In the world's time, with their segments; what is no message is left out."""
    _, lines = lines_of()
    scenario = parse(FLOOD.replace("speed = 100", ""), "test")
    told = [arrival for arrival in arrivals(scenario, phone=PHONE) if arrival.kind.is_message]

    assert [(BEGAN_MS + arrival.at_us // 1_000, received(arrival.text), arrival.picture) for arrival in told] == [
        (line[0], line[3], line[7]) for line in lines
    ]
    assert {True, False} == {arrival.picture for arrival in told}
    assert len({arrival.sender for arrival in told}) == len({line[1] for line in lines})
    assert len({arrival.message_id for arrival in told}) == len({line[4] for line in lines})
    assert not any(arrival.sender in json.dumps(lines) for arrival in told if arrival.sender.startswith("+"))


def test_a_trace_tells_who_is_genuine_and_who_is_served():
    """The flood knows it: all messages of a person are a person's, repeats included."""
    head, lines = lines_of()
    genuine = {line[1] for line in lines if line[9]}
    nobody = [tuple(line[2:3] + line[5:7]) for line in lines if line[2]]

    assert (30, ["+33"]) == (len(genuine), head["prefixes"])
    assert {line[1] for line in lines if not line[9]}.isdisjoint(genuine)
    assert [("not_a_person", "", [])] * 3 + [("unserved", "", [])] == nobody[:4]
    assert {4} == {len(line[6]) for line in lines if line[5]}


def test_a_trace_says_when_others_than_people_write():
    """Phases that touch are one flood; who forges is none."""
    assert [(120_000_000, 360_000_000)] == floods(parse(FLOOD, "test"))
    assert [[BEGAN_MS + 120_000, BEGAN_MS + 360_000]] == lines_of()[0]["floods"]
    assert [2, 1] == [
        len(floods(parse(FLOOD.replace('starts = "4m"', f'starts = "{start}"'), "test"))) for start in ("5m1s", "5m")
    ]


def test_one_seed_is_one_trace():
    """To the last byte; another seed is another flood of other people."""
    assert lines_of() == lines_of()
    assert {line[1] for line in lines_of()[1]}.isdisjoint({line[1] for line in lines_of(1)[1]})


def test_the_command_writes_one_file_or_one_for_each_seed(tmp_path):
    """Which the harness plays: the flood that the trace was written from."""
    (tmp_path / "flood.toml").write_text(FLOOD)
    arguments = [str(tmp_path / "flood.toml"), "-o", str(tmp_path / "night.jsonl")]
    one, three = CliRunner().invoke(main, arguments), CliRunner().invoke(main, [*arguments, "--seeds", "3"])

    assert (0, 0) == (one.exit_code, three.exit_code), one.output + three.output
    assert {"night.jsonl", "night-2017.jsonl", "night-2018.jsonl", "night-2019.jsonl"} == {
        path.name for path in tmp_path.glob("*.jsonl")
    }
    assert (tmp_path / "night.jsonl").read_bytes() == (tmp_path / "night-2017.jsonl").read_bytes()
    path = str(tmp_path / "night.jsonl")
    played = list(arrivals(choose("", [path])))
    assert [met.media for met in read([path])] == [arrival.picture for arrival in played]
    assert 30 == len({arrival.sender for arrival in played if arrival.genuine})


def test_the_harness_has_it_beside_its_floods(tmp_path):
    """`python -m loadtest trace`; nothing is started, and what is wrong is one line in its own name."""
    command = [sys.executable, "-m", "loadtest", "trace"]
    made, wrong = (
        subprocess.run([*command, *rest], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        for rest in (["raid", "--rate", "0.01", "-o", str(tmp_path / "raid.jsonl")], ["riad", "-o", "x"])
    )

    assert (0, f"{tmp_path / 'raid.jsonl'}\n", "") == (made.returncode, made.stdout, made.stderr)
    assert 50 < len(list(read([str(tmp_path / "raid.jsonl")])))
    assert (2, 1) == (wrong.returncode, len(wrong.stderr.splitlines()))
    assert wrong.stderr.startswith("loadtest trace: scenario 'riad' is not known")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["riad", "-o", "x"], "scenario 'riad' is not known; did you mean \"raid\"?"),
        (["raid", "-o", "x", "--config-file", "nowhere.toml"], "nowhere.toml: cannot be read: No such file"),
        (["replayed.toml", "-o", "x"], "replayed.toml: has a [trace], which is one already; name that"),
        (["raid"], "Missing option '-o' / '--output'"),
        (["raid", "-o", "x", "--rate", "0"], "0.0 is not in the range"),
    ],
)
def test_what_cannot_be_written_is_said_on_one_line(arguments, line, tmp_path, monkeypatch):
    """And no file is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edge.toml").write_text('nothing = ""')
    (tmp_path / "replayed.toml").write_text('description = "A test."\ntrace = { files = ["a"] }')
    if "nowhere.toml" not in arguments:
        arguments = [*arguments, "--config-file", str(config_file(tmp_path))]
    ended = CliRunner().invoke(main, arguments)

    assert 2 == ended.exit_code
    assert line in ended.output
    assert not (tmp_path / "x").exists()


def config_file(folder):
    """Write the example file, and return its path."""
    path = folder / "example.toml"
    path.write_text(EXAMPLE)
    return path


def test_several_numbers_are_told_in_the_head_and_of_each_message():
    """One more field, which the harness reads as well: people have spread over all, who floods knows the first."""
    scenario = parse("numbers = { count = 4, known = 1 }\n" + FLOOD, "test")
    head, *lines = [json.loads(one) for one in written(scenario, config_of(), seed=1)]
    people = [one for one in lines if one[9]]

    assert (4, "number") == (head["numbers"], head["fields"][10])
    assert {0, 1, 2, 3} == {one[10] for one in people}
    assert {0} == {one[10] for one in lines if not one[9]}
    assert len({one[1] for one in people}) == len({(one[1], one[10]) for one in people})


def test_a_trace_of_several_numbers_is_played_by_the_harness(tmp_path):
    """Against a worker with one all of it goes to that one."""
    scenario = parse("numbers = { count = 4, known = 1 }\n" + FLOOD, "test")
    path = tmp_path / "night.jsonl"
    path.write_text("".join(written(scenario, config_of(), seed=1)))

    assert {0, 1, 2, 3} == {met.number for met in read([str(path)])}
