"""The whole harness, Locust included, against workers that lie: each is caught, and by the right line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loadtest.liars import (
    SECRET,
    AnswersAForgedMessage,
    AnswersEverything,
    ChargesARetryTwice,
    ClaimsASmallerBill,
    Honest,
    OverspendsByACent,
    RepliesInTwoSegments,
    Stalls,
)

ROOT = Path(__file__).parents[2]
SCENARIO = """
description = "Some trolls who write again, some retries, some forgers."
limits = ["corrected.p99_ms < 1000", "lag.p99_ms < 900"]

[[phase]]
name = "trolls"
lasts = "1500ms"
messages = 60
arrivals = { process = "constant" }
senders = { from = "pool", size = 30 }
again = [{ kind = "retried", share = 0.5, after = "200ms" }]

[[phase]]
name = "forgers"
lasts = "1500ms"
messages = 30
arrivals = { process = "constant" }
senders = { from = "distinct", prefix = "+337" }
kind = "forged"
"""


def flood(worker, folder, *arguments):
    """Flood a worker, and return how the harness ended."""
    (folder / "edge.toml").write_text(worker.config)
    (folder / "flood.toml").write_text(SCENARIO)
    files = ["--config-file", folder / "edge.toml", "--scenario", folder / "flood.toml"]
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        ROOT / "loadtest" / "locustfile.py",
        "--headless",
        *files,
        *arguments,
    ]
    environ = os.environ | {"FLOOD_TEST_SECRET": SECRET}
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def test_an_honest_worker_is_believed(tmp_path):
    """Exit 0, and every promise is kept."""
    with Honest() as worker:
        ended = flood(worker, tmp_path)

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "verdict: kept (exit 0)" in ended.stdout


@pytest.mark.parametrize(
    ("liar", "line"),
    [
        (AnswersEverything, "broken: no sender gets more than its limit: "),
        (OverspendsByACent, "broken: the kitty is never overdrawn: replies of 0.11 were seen, the kitty held 0.10"),
        (ChargesARetryTwice, "broken: the worker's books agree with what was seen: replies: "),
        (AnswersAForgedMessage, "broken: only what the provider sent is answered: message "),
        (RepliesInTwoSegments, "has 2 segments instead of 1"),
        (Stalls, "broken: corrected.p99_ms = "),
        (ClaimsASmallerBill, "broken: the worker's books agree with what was seen: replies: "),
    ],
)
def test_a_liar_is_caught(liar, line, tmp_path):
    """Exit 3, and the line says what the lie was."""
    with liar() as worker:
        ended = flood(worker, tmp_path)

    assert 3 == ended.returncode, ended.stdout + ended.stderr
    assert line in ended.stdout
