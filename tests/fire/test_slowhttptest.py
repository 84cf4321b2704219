"""Facts about slowhttptest, the program that most people would take: its four attacks keep nobody out."""

import csv
import signal
import subprocess

import pytest

from tests.fire.siege import files_of, siege
from tests.needs import need
from tests.worker import await_

CONNECTIONS = 2_000
BESIDE = 50
"""How many people write while all connections are held, besides those who write all the time."""
END_S = 60
HOLDING = {
    "slow headers": ["-H", "-i", "1"],
    "slow bodies": ["-B", "-i", "1", "-s", "9999"],
    "slow reading": ["-X", "-k", "10", "-n", "1", "-w", "1", "-y", "1", "-z", "1"],
}
RANGES = ["-R", "-a", "5", "-b", "2000"]


def attack(worker, report, options):
    """Begin an attack, as fast as the program gets; return its process."""
    return subprocess.Popen(
        ["slowhttptest", *options, "-c", str(CONNECTIONS), "-r", str(CONNECTIONS), "-l", str(END_S), "-p", "5",
         "-u", f"http://127.0.0.1:{worker.address[1]}/sms", "-g", "-o", str(report)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def was_available(report):
    """Return whether the program, which looks by itself once a second, was always answered."""
    with report.with_suffix(".csv").open() as lines:
        return {str(CONNECTIONS)} == {second["Service Available"] for second in csv.DictReader(lines)}


@pytest.mark.parametrize("way", HOLDING)
def test_two_thousand_slow_connections_keep_nobody_out(worker, tmp_path, shows, way):
    """While it holds 2,000 connections by slow headers, slow bodies or slow reading, all who write are answered, and its own look is."""
    need("slowhttptest")
    report = tmp_path / "report"
    with siege(worker) as genuine:
        before = files_of(worker.children())
        with attack(worker, report, HOLDING[way]) as attacker:
            await_(lambda: files_of(worker.children()) >= before + CONNECTIONS, END_S)
            for _ in range(BESIDE):
                genuine.write_once()
            attacker.send_signal(signal.SIGINT)
    shows("P6", requests=len(genuine.answers), figure=f"{way}: {CONNECTIONS:,} connections of slowhttptest")

    assert was_available(report)


def test_two_thousand_requests_for_very_many_ranges_keep_nobody_out(worker, tmp_path, shows):
    """2,000 requests for very many ranges of a page, which once felled Apache, are refused and closed; all who write are answered."""
    need("slowhttptest")
    report = tmp_path / "report"
    before = worker.status()["by_reason"].get("wrong_method", 0)
    with siege(worker) as genuine, attack(worker, report, RANGES) as attacker:
        attacker.wait(END_S)
    refused = worker.status()["by_reason"]["wrong_method"] - before
    shows("P6", requests=len(genuine.answers), figure=f"ranges: {CONNECTIONS:,} connections of slowhttptest")

    assert CONNECTIONS == refused
    assert was_available(report)
