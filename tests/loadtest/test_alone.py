"""A flood with a worker of its own goes there and nowhere else, whatever Locust would read of files and variables."""

import os
import subprocess
import sys

import pytest

from tests.loadtest.liars import Honest
from tests.loadtest.locusts import ROOT, TROLLS

SHORT = TROLLS.replace("1500ms", "300ms").replace("200ms", "2500ms")


def play(folder, *arguments, cwd, **environ):
    """Flood a worker of its own from a folder, and return how it ended."""
    (folder / "flood.toml").write_text(SHORT)
    line = [sys.executable, "-m", "loadtest", str(folder / "flood.toml"), "--config-file", str(ROOT / "edge.toml")]
    return subprocess.run(
        [*line, "--report", str(folder / "report.html"), "--limit", "lag.p99_ms < 5000", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environ,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture
def elsewhere(tmp_path):
    """A folder to start from, and a worker that must not hear of the flood."""
    (tmp_path / "home").mkdir()
    with Honest() as worker:
        yield tmp_path, worker, worker.target.url
    assert [] == worker.requests


@pytest.mark.parametrize("place", ["locust.conf", "home/.locust.conf", "pyproject.toml", "variables"])
def test_nothing_but_the_command_line_says_what_is_flooded(elsewhere, place):
    """Host, options, processes and files that are named anywhere else are not looked at."""
    folder, _, url = elsewhere
    says = {"host": url, "users": 5, "processes": 3, "worker": True, "html": str(folder / "theirs.html")}
    if place.endswith("conf"):
        (folder / place).write_text("".join(f"{name} = {value}\n" for name, value in says.items()))
    elif place == "pyproject.toml":
        lines = "".join(f'{name} = "{value}"\n' for name, value in says.items())
        (folder / place).write_text(f"[tool.locust]\n{lines}")
    names = {"host": "HOST", "users": "USERS", "processes": "PROCESSES", "worker": "MODE_WORKER", "html": "HTML"}
    variables = {f"LOCUST_{names[name]}": str(value) for name, value in says.items()} if place == "variables" else {}

    ended = play(folder, cwd=folder, HOME=str(folder / "home"), **variables)

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert not (folder / "theirs.html").exists()


@pytest.mark.parametrize(
    "option", ["--host=http://127.0.0.1:9", "-u=5", "--users=5", "-r=1", "--i-own=x:1", "--config=x"]
)
def test_an_option_that_does_nothing_is_refused(option, tmp_path):
    """Exit 2, and one line that names it."""
    ended = play(tmp_path, option, cwd=tmp_path)

    assert (2, "") == (ended.returncode, ended.stdout)
    assert option.split("=")[0] in ended.stderr.splitlines()[-1]
