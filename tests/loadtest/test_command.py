"""`python -m loadtest`: a worker of one's own, flooded, judged and stopped."""

import subprocess
import sys

from tests.loadtest.locusts import ROOT, TROLLS


def run(*arguments):
    """Run the command, and return how it ended."""
    line = [sys.executable, "-m", "loadtest", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def test_a_real_worker_keeps_its_promises(tmp_path):
    """Two processes of it are flooded, the report is written, and nothing of the worker is left."""
    scenario, report = tmp_path / "trolls.toml", tmp_path / "report.html"
    scenario.write_text(TROLLS)

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


def test_a_worker_that_does_not_start_says_why(tmp_path):
    """Its own last line is shown."""
    scenario = tmp_path / "broken.toml"
    scenario.write_text(TROLLS + '\n[worker.reply]\nsegments-max = 1\ntext = "' + "x" * 161 + '"\n')

    ended = run(str(scenario))

    assert 2 == ended.returncode
    assert "the worker did not start: " in ended.stderr
