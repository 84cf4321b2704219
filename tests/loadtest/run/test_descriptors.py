"""A flood opens no more connections than the system lets it, and says so; where there is no room at all it does not begin."""

import subprocess
import sys

import pytest

from tests.loadtest.liars import Honest
from tests.loadtest.locusts import ENVIRON, ROOT, TROLLS, command
from tests.needs import need

ENDLESS = """
[[phase]]
name = "dribblers"
lasts = "500ms"
messages = 300
arrivals = { process = "constant" }
senders = { from = "distinct", prefix = "+337" }
kind = "slow_loris"
"""


def flood(folder, files_max, scenario=TROLLS):
    """Flood an honest worker with few files to open, and return how it ended."""
    need("prlimit")
    with Honest() as worker:
        line = command(worker, folder, "--headless", "--loglevel", "WARNING", scenario=scenario)
        return subprocess.run(
            ["prlimit", f"--nofile={files_max}", *line],
            env=ENVIRON, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip


def test_no_more_connections_are_opened_than_there_is_room_for(tmp_path):
    """It is said how many, and the flood is played to its end with these."""
    ended = flood(tmp_path, 100)

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "not 1000: more files may not be open (ulimit -n)" in ended.stderr


@pytest.mark.parametrize(("files_max", "scenario"), [(40, TROLLS), (200, TROLLS + ENDLESS)])
def test_without_room_no_flood_begins(tmp_path, files_max, scenario):
    """Exit 2, and what to change."""
    ended = flood(tmp_path, files_max, scenario)

    assert 2 == ended.returncode, ended.stdout + ended.stderr
    assert "flood: ulimit -n: there is room for " in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("sharers", "most"), [(1, 120), (2, 60)])
def test_a_worker_of_ones_own_is_allowed_as_few(sharers, most):
    """It holds 128 of 256 connections, whoever opens them: who waited in front of them would say that it does not answer."""
    need("prlimit")
    code = f"from loadtest.run.descriptors import share_out; print(share_out(1_000, 0, {sharers}))"
    done = subprocess.run(
        ["prlimit", "--nofile=256", sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert f"{most}\n" == done.stdout
