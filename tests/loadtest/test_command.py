"""`python -m loadtest`: a worker of one's own, flooded, judged and stopped."""

import subprocess
import sys

import pytest

from tests.loadtest.locusts import HEARD, ROOT, TROLLS


def run(*arguments):
    """Run the command, and return how it ended."""
    line = [sys.executable, "-m", "loadtest", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def test_a_real_worker_keeps_its_promises(tmp_path):
    """Two processes of it are flooded, the report is written, and nothing of the worker is left."""
    scenario, report = tmp_path / "trolls.toml", tmp_path / "report.html"
    scenario.write_text(TROLLS.replace("200ms", HEARD))

    ended = run(str(scenario), "--workers", "2", "--report", str(report))

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert f"verdict: kept (exit 0)\nreport: {report}\n" == ended.stdout[ended.stdout.index("verdict: ") :]
    assert "<h1>trolls</h1>" in report.read_text()


def test_what_cannot_be_played_is_said_on_one_line():
    """Exit 2, before a worker is started."""
    ended = run("riad")

    assert 2 == ended.returncode
    assert 'did you mean "raid"?' in ended.stderr
    assert 1 == len(ended.stderr.splitlines())


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), (b"\xff", "cannot be read: not UTF-8"), (b"[", "not TOML")],
)
def test_a_static_file_that_does_not_hold_is_said_on_one_line(content, said, tmp_path):
    """Under its own name, whatever is wrong with it."""
    file = tmp_path / "edge.toml"
    if content is not None:
        file.write_bytes(content)

    ended = run("raid", "--config-file", str(file))

    assert (2, 1) == (ended.returncode, len(ended.stderr.splitlines()))
    assert ended.stderr.startswith(f"loadtest: {file}: ")
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--csv", "/proc/none/flood", "loadtest: --csv: /proc/none/flood_stats.csv cannot be written: "),
        ("--html", "/proc/none", "loadtest: --html: /proc/none cannot be written: "),
        ("--run-time", "soon", "loadtest: error: argument -t/--run-time: "),
        ("--loglevel", "loud", "loadtest: error: argument --loglevel/-L: "),
        ("--limit", "cost.total", "flood: limit: found 'cost.total'; write "),
        ("--connections", "0", "flood: connections: found 0; write "),
    ],
)
def test_a_value_that_is_none_is_said_with_its_option(option, value, said):
    """On one line, with exit 2, whether the command sees it or the Locust that it starts."""
    ended = run("spend-race", option, value)

    assert (2, 1) == (ended.returncode, len(ended.stderr.splitlines())), ended.stderr
    assert ended.stderr.startswith(said)


def test_a_worker_that_does_not_start_says_why(tmp_path):
    """Its own last line is shown."""
    scenario = tmp_path / "broken.toml"
    scenario.write_text(TROLLS + '\n[worker.reply]\nsegments-max = 1\ntext = "' + "x" * 161 + '"\n')

    ended = run(str(scenario))

    assert 2 == ended.returncode
    assert "the worker did not start: " in ended.stderr
