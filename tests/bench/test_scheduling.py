"""Ways of running a worker are compared by servers that really run in them."""

import http.client
import os
from pathlib import Path

import pytest

from bench.contestants import running
from bench.generators.load import Load
from bench.peers.tuned import Tuning
from bench.proc import tree
from bench.scheduling import ALONE, Seen, contestant, table, tuned


def seen(cpu_us, p99_us):
    """Return a run at 4 connections."""
    return Seen("batch", 4, cpu_us, Load(1_000, 1_000_000, 100_000, 500, p99_us, 0, 0, 0.5))


def test_a_worker_runs_as_it_is_tuned(tmp_path):
    """Told so, it works under Linux's default policy, on the core of its number."""
    core = min(os.sched_getaffinity(0))
    with running(tuned("other", Tuning(batch=False, placed=True), workers=1), tmp_path, core=None) as server:
        _, worker = tree(server.pid)
        threads = [int(path.name) for path in Path(f"/proc/{worker}/task").iterdir()]
        found = {(os.sched_getscheduler(thread), *os.sched_getaffinity(thread)) for thread in threads}

    assert {(os.SCHED_OTHER, core)} == found


@pytest.mark.parametrize("name", [name for name in ALONE if name.startswith("floor")])
def test_a_floor_runs_with_the_body_and_without(tmp_path, name):
    """Each answers message after message on one connection, whatever becomes of their bodies."""
    with running(contestant(name, ALONE[name], workers=1), tmp_path, core=None) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        bodies = []
        for _ in "123":
            connection.request("POST", "/", body=b"From=%2B33639980001")
            bodies.append(connection.getresponse().read())
        connection.close()

    assert [b"<Response/>"] * 3 == bodies


def test_table():
    """A row is a way, a column a number of connections, a cell the medians of its runs."""
    assert [
        "| way | 4 connections |",
        "| --- | ---: |",
        "| batch | 60.0 µs; 0.50, 2.00 ms |",
    ] == table([seen(50.0, 1_000), seen(70.0, 3_000), seen(60.0, 2_000)], ["batch"], [4]).splitlines()
