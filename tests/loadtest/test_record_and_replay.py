"""A real worker is flooded and records it; what it recorded is played to other workers, faster, and they meet the same."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from edge.configfile import parse
from edge.simulation.night import night_of
from edge.simulation.play import play
from edge.simulation.recording import recording
from loadtest.flood.file import parse as parse_flood
from loadtest.written import written
from tests.loadtest.locusts import HEARD, LOCUST, ROOT
from tests.worker import SECRET, config, free_port, serving

ENVIRON = os.environ | {"TWILIO_AUTH_TOKEN": SECRET}
PATIENT = ("--limit", "lag.p99_ms < 5000", "--limit", "corrected.p99_ms < 5000")
"""On a busy machine the generator may be late: what is sent is what these tests are about."""
FLOOD = """
description = "Trolls of whom some write more than others, retries, forgers, nonsense, machines, long texts."

[[phase]]
name = "trolls"
lasts = "3s"
messages = 150
arrivals = { process = "poisson" }
senders = { from = "pool", size = 40, pareto = 1.2 }
texts = ["varied", "long", "ucs2"]

[[phase]]
name = "bad reception"
lasts = "3s"
messages = 60
arrivals = { process = "poisson" }
senders = { from = "distinct" }
again = [{ kind = "retried", share = 0.5, after = "HEARD" }]

[[phase]]
name = "forgers"
lasts = "3s"
messages = 50
arrivals = { process = "poisson" }
senders = { from = "distinct", prefix = "+337" }
kind = "forged"

[[phase]]
name = "nonsense"
lasts = "3s"
messages = 10
arrivals = { process = "poisson" }
senders = { from = "distinct", prefix = "+337" }
kind = "malformed"

[[phase]]
name = "too much"
lasts = "3s"
messages = 5
arrivals = { process = "poisson" }
senders = { from = "distinct", prefix = "+337" }
kind = "oversize"

[[phase]]
name = "machines"
lasts = "3s"
messages = 10
arrivals = { process = "constant" }
senders = { from = "list", senders = ["36000", "INFO", "+15551234567"] }
""".replace("HEARD", HEARD)


class Recording:
    """A worker that was flooded, what it recorded, and the verdict."""

    def __init__(self, folder, *arguments, workers=1, configured=config):
        self.traces = folder / "traces"
        self.traces.mkdir()
        file, verdict = folder / "edge.toml", folder / "verdict.json"
        text = configured(bind=f"127.0.0.1:{free_port()}", workers=workers) + 'trace = "traces"\n'
        with serving(folder, text) as worker:
            ended = subprocess.run(
                [*LOCUST, "--headless", *PATIENT, "--config-file", str(file), "--verdict-json", str(verdict), *arguments],
                env=ENVIRON, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
            )  # fmt: skip
            worker.stop()

        assert 0 == ended.returncode, ended.stdout + ended.stderr
        self.verdict = json.loads(verdict.read_text())
        traces = [path.read_text().splitlines()[1:] for path in self.traces.iterdir()]
        self.lines = sorted((json.loads(line) for trace in traces for line in trace), key=lambda met: met[:4])

    @property
    def ranks(self):
        """How many messages each sender sent, the busiest first."""
        return sorted(Counter(sender for _, sender, *_ in self.lines if sender).values(), reverse=True)

    @property
    def reasons(self):
        """How often each reason was given."""
        return Counter(reason for _, _, reason, *_ in self.lines)

    @property
    def segments(self):
        """How many messages were how long."""
        return Counter(segments for _, _, _, segments, *_ in self.lines)

    @property
    def lasted_ms(self):
        """From the first to the last."""
        return self.lines[-1][0] - self.lines[0][0]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Flood a worker of two processes, and let it record that."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "flood.toml").write_text(FLOOD)
    return Recording(folder, "--scenario", str(folder / "flood.toml"), workers=2)


@pytest.fixture(scope="module")
def replayed(recorded, tmp_path_factory):
    """Play it to another worker, three times as fast, from one process."""
    return Recording(tmp_path_factory.mktemp("replayed"), "--trace", str(recorded.traces), "--speed", "3")


def test_the_flood_that_is_recorded_has_some_of_everything(recorded):
    """Or the other tests would show little. What is no message is not recorded: forgeries, nonsense, what is too large."""
    expected = "answered sender_limit duplicate not_a_person unserved"

    assert set(expected.split()) <= recorded.reasons.keys()
    assert recorded.ranks[0] > 2 * recorded.ranks[-1]
    assert {1} < recorded.segments.keys()
    assert not {"bad_signature", "malformed", "too_large"} & recorded.reasons.keys()


def test_a_replay_is_the_flood_that_was_recorded(recorded, replayed):
    """The same number of messages by each rank of senders, of each length, the same reasons; faster."""
    assert recorded.ranks == replayed.ranks
    assert recorded.segments == replayed.segments
    assert recorded.reasons == replayed.reasons
    assert len(recorded.lines) == replayed.verdict["figures"]["messages.sent"]
    assert "kept" == replayed.verdict["verdict"]
    assert 3 == replayed.verdict["speed"]
    assert replayed.lasted_ms < recorded.lasted_ms / 2


def test_a_simulation_of_what_was_recorded_comes_to_the_same(recorded):
    """To the last reply and the last cent that the harness has seen: the simulation is the same gate."""
    night = recorded.traces
    paths = sorted(night.iterdir())
    files = [(path.name, path.read_bytes().splitlines(keepends=True)) for path in paths]
    played = play(parse(config()), night_of(recording(night.name, files)))
    figures = recorded.verdict["figures"]

    assert figures["replies.total"] == len(played.replies)
    assert recorded.reasons == {str(reason): count for reason, count in played.counts.items()}
    assert figures["cost.total"] == pytest.approx(sum(reply.micros for reply in played.replies) / 1e6)
    assert figures["cost.received"] == pytest.approx(played.received_micros / 1e6)


def test_a_simulation_of_the_flood_that_was_played_comes_to_the_same(recorded):
    """Written as a trace and never sent: each sender gets the reply once, whenever the network delivered their messages."""
    scenario, static = parse_flood(FLOOD, "flood"), parse(config())
    lines = [line.encode() for line in written(scenario, static, seed=scenario.seed)]
    played = play(static, night_of(recording("flood", [("flood", lines)])))

    assert recorded.verdict["figures"]["replies.total"] == len(played.replies)
    assert recorded.verdict["figures"]["cost.received"] == pytest.approx(played.received_micros / 1e6)


def test_two_processes_play_the_same_replay(recorded, replayed, tmp_path):
    """To the last message and the last cent."""
    port = str(free_port())
    again = Recording(
        tmp_path,
        *("--trace", *map(str, recorded.traces.iterdir()), "--speed", "3"),
        *("--processes", "2", "--master-bind-port", port, "--master-port", port),
    )
    sums = ("messages.sent", "cost.total", "cost.received", "replies.total", "replies.forged", "replies.per_sender_max")

    assert [replayed.verdict["figures"][name] for name in sums] == [again.verdict["figures"][name] for name in sums]
    assert (replayed.ranks, replayed.reasons, replayed.segments) == (again.ranks, again.reasons, again.segments)


def test_a_trace_is_played_to_a_worker_of_ones_own(recorded, tmp_path):
    """`python -m loadtest --trace` starts one, whose periods are as many times shorter."""
    verdict = tmp_path / "verdict.json"
    files = ["--report", str(tmp_path / "report.html"), "--verdict-json", str(verdict)]

    ended = run("--trace", *map(str, recorded.traces.iterdir()), "--speed", "60", *files, *PATIENT)

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert len(recorded.lines) == json.loads(verdict.read_text())["figures"]["messages.sent"]
    assert "What workers met, recorded and played again." in (tmp_path / "report.html").read_text()


def run(*arguments):
    """Run the command, and return how it ended."""
    line = [sys.executable, "-m", "loadtest", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--trace", "nowhere.jsonl"), "nowhere.jsonl: cannot be read: No such file or directory"),
        (("--trace", "README.md"), "README.md:1: not a trace; "),
        (("--trace",), "write at least one trace, and options beside it"),
        (("raid", "sybil"), "write one scenario, and options beside it"),
        (("raid", "--speed", "0"), "speed: found 0; "),
    ],
)
def test_what_cannot_be_played_is_said_before_a_worker_is_started(arguments, said):
    """Exit 2, and what would be right."""
    ended = run(*arguments)

    assert (2, "") == (ended.returncode, ended.stdout)
    assert said in ended.stderr.splitlines()[-1]


def test_a_trace_that_was_cut_is_played_and_said(recorded, tmp_path):
    """A killed worker leaves half a line; what is missing is said once, and the verdict is on what there is."""
    whole = max(recorded.traces.iterdir(), key=lambda path: path.stat().st_size).read_text()
    (tmp_path / "cut.jsonl").write_text("".join(whole.splitlines(keepends=True)[:30]) + '[1795508659911,"12')
    ended = run(
        "--trace", str(tmp_path / "cut.jsonl"), "--speed", "60", "--report", str(tmp_path / "report.html"), *PATIENT
    )

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert 1 == ended.stderr.count("cut.jsonl:31: the last line is cut short, and left out")
