"""Floods of several numbers, with Locust and real workers: what is recorded of them, played again, written, or refused."""

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from edge.cli import cli
from edge.configfile import parse
from loadtest.byhand import curl
from loadtest.tracecommand import main as write_trace
from loadtest.worker.own import variables
from tests.loadtest.locusts import TROLLS
from tests.loadtest.test_command import run
from tests.loadtest.test_record_and_replay import PATIENT, Recording
from tests.web.test_numbers import two
from tests.worker import config

KNOWS_ONE = "numbers = { count = 2, known = 1 }\n" + TROLLS
KEYS = 'api-account-env = "A"\napi-key-env = "B"\napi-secret-env = "C"\n'
TIGHT = {"per_day": "0.01", "burst": "2"}
"""So that the first share pays nine first messages, and the second more than there are."""


def replies(verdict):
    """Return the replies of each number."""
    return [number["replies"] for number in verdict["numbers"]]


@dataclass
class Played:
    """How a command ended, and its verdict."""

    ended: object
    verdict: dict


@pytest.fixture
def play(tmp_path):
    """Flood a worker of one's own."""
    scenario, verdict = tmp_path / "flood.toml", tmp_path / "verdict.json"
    scenario.write_text(KNOWS_ONE)

    def played(*arguments, name=str(scenario)):
        files = ["--report", str(tmp_path / "report.html"), "--verdict-json", str(verdict)]
        ended = run(*([name] if name else []), *arguments, *PATIENT, *files)
        assert 0 == ended.returncode, ended.stdout + ended.stderr
        return Played(ended, json.loads(verdict.read_text()))

    return played


@pytest.fixture
def both(tmp_path):
    """Give a file with two numbers, at two providers and two prices; one has a key, and nothing is detached."""
    file = tmp_path / "both.toml"
    file.write_text(two(**TIGHT).replace("[[number]]\n", f"[[number]]\n{KEYS}", 1))
    return str(file)


def test_a_file_with_one_number_is_flooded_at_as_many_as_the_scenario_gives_away(play):
    """In one command, against the default file; what came of each is told below what came of all."""
    played = play()

    assert ["number[0]", "number[1]"] == [number["number"] for number in played.verdict["numbers"]]
    assert 10 == sum(number["genuine"] for number in played.verdict["numbers"])
    assert "  number[1]: " in played.ended.stdout


def test_a_file_with_several_is_flooded_at_its_own(play, both):
    """Two Locust processes sign as two providers do, and each share pays its own; several seeds are judged as one."""
    played = play("--config-file", both, "--processes", "2")
    seeds = play("--config-file", both, "--seeds", "2", "--workers", "2", "--limit", "genuine.answered_share >= 0")

    assert 9 == replies(played.verdict)[0]
    assert played.verdict["numbers"][1]["genuine"] == played.verdict["numbers"][1]["answered"] > 0
    assert [1, 2] == seeds.verdict["seeds"]
    assert all(promise["kept"] for promise in seeds.verdict["promises"])


def test_a_recorded_night_is_played_to_as_many_numbers(play, both, tmp_path):
    """Each message comes to the number that it came to; where a file has one, that gets all of it."""
    recorded = Recording(tmp_path, "--scenario", str(tmp_path / "flood.toml"), configured=two)
    files = str(recorded.traces)
    again = play("--trace", files, "--config-file", both, "--speed", "2", name="")
    one = play("--trace", files, "--speed", "2", name="")

    assert {2} == {json.loads(path.read_text().splitlines()[0])["numbers"] for path in recorded.traces.iterdir()}
    assert min(replies(recorded.verdict)) > 0
    assert [9, replies(recorded.verdict)[1]] == replies(again.verdict)
    assert "numbers" not in one.verdict
    assert len(recorded.lines) == one.verdict["figures"]["messages.sent"] == again.verdict["figures"]["messages.sent"]


def test_a_flood_is_written_as_a_trace_of_the_numbers_of_a_file(both, tmp_path):
    """Where the scenario says nothing of numbers everybody knows one of those; a simulation of the same file plays it."""
    path = tmp_path / "raid.jsonl"
    written = CliRunner().invoke(write_trace, ["raid", "--rate", "0.01", "-o", str(path), "--config-file", both])
    head, *lines = map(json.loads, path.read_text().splitlines())
    simulated = CliRunner().invoke(cli, ["simulate", both, str(path)])

    assert (0, 0) == (written.exit_code, simulated.exit_code), written.output + simulated.output
    assert (2, "number") == (head["numbers"], head["fields"][10])
    assert {0, 1} == {one[10] for one in lines}


@pytest.mark.parametrize("arguments", [("numbers",), ("trace", "numbers", "-o", "nowhere/x")], ids=["flood", "trace"])
def test_another_count_of_numbers_is_refused_before_anything_is_played(arguments, both):
    """One line, exit 2: what, where, and what would be right."""
    ended = run(*arguments, "--config-file", both)

    assert (2, "", 1) == (ended.returncode, ended.stdout, len(ended.stderr.splitlines()))
    assert (
        f": {both}: number: numbers is written to 4 numbers, and this file has 2; name a file with as many, or with one"
        in ended.stderr
    )


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (config(), ("--processes", "2"), "--processes: {} has numbers detached, which one process plays alone; leave it out"),
        (two(), (), "receiving.detach: number[1]: at 46elks its documentation does not say whether a message is charged for"),
    ],
    ids=["processes", "another provider"],
)  # fmt: skip
def test_what_cannot_be_played_with_numbers_detached_is_refused(text, arguments, said, tmp_path):
    """One line says it: processes know nothing of each other's messages, and some providers stop no bill."""
    file, scenario = tmp_path / "detached.toml", tmp_path / "flood.toml"
    scenario.write_text(KNOWS_ONE)
    file.write_text(text + '\n[receiving]\ndetach = "yes"\n')
    ended = run(str(scenario), "--config-file", str(file), *arguments)

    assert (2, 1) == (ended.returncode, len(ended.stderr.splitlines())), ended.stderr
    assert said.format(file) in ended.stderr


def test_make_run_serves_several_and_shows_a_line_for_the_first(tmp_path):
    """Every secret that is not set is made up, each number's."""
    file = parse(two().replace('"46elks"', '"plivo"\nsecret-env = ["OTHER", "THIRD"]'))

    assert ["TWILIO_AUTH_TOKEN", "OTHER", "THIRD"] == variables(file)
    assert "To=%2B33937000000" in curl(file, tmp_path, {"TWILIO_AUTH_TOKEN": "x"})
