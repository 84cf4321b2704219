"""Whatever ends a flood ends all that it has started, and nothing that was seen is thrown away."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from xml.etree import ElementTree as ET

import psutil
import pytest

from tests.loadtest.liars import Honest
from tests.loadtest.locusts import ENVIRON, ROOT, command
from tests.loadtest.test_locustfile import LONG
from tests.worker import await_, free_port, is_running


@contextmanager
def started(line, **more):
    """Start a command; whatever happens nothing of it is left."""
    process = subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRON, **more
    )
    seen = []
    try:
        yield process, seen
    finally:
        for pid in [*descendants(process), *seen, process.pid]:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


def descendants(process):
    """Return the pids of all that a process has started, and they."""
    try:
        return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def own(folder, *arguments):
    """Return the command that floods a worker of its own for a minute."""
    (folder / "flood.toml").write_text(LONG)
    files = [
        str(folder / "flood.toml"),
        "--report",
        str(folder / "report.html"),
        "--verdict-json",
        str(folder / "v.json"),
    ]
    return [sys.executable, "-m", "loadtest", *files, "--junit", str(folder / "junit.xml"), *arguments]


def playing(process, count):
    """Wait until a command and all its processes play."""
    await_(lambda: process.poll() is not None or len(descendants(process)) >= count, 60)
    await_(lambda: process.poll() is not None or any("--headless" in line for line in lines(process)), 60)


def lines(process):
    """Return the command lines of what a process has started."""
    found = []
    for pid in descendants(process):
        try:
            found.append(psutil.Process(pid).cmdline())
        except psutil.NoSuchProcess:
            continue
    return found


def met(worker):
    """Return how many messages of the flood a worker has met."""
    return sum(b"&Body=" in request for request in worker.requests)


def gone(pids):
    """Wait until processes are gone."""
    await_(lambda: not any(is_running(pid) for pid in pids), 30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_command(number, tmp_path):
    """Neither the worker, nor Locust, nor the processes that play, however it is ended."""
    with started(own(tmp_path, "--processes", "2")) as (process, seen):
        playing(process, 5)
        seen.extend(descendants(process))
        process.send_signal(number)
        process.wait(60)
        gone(seen)

    assert len(seen) >= 5
    assert process.returncode in ((-9,) if number == signal.SIGKILL else (2, 4))


def test_nothing_outlives_a_leader_that_is_killed(tmp_path):
    """The command says that nothing came of it, and the processes that play end."""
    with started(own(tmp_path, "--processes", "2")) as (process, seen):
        playing(process, 5)
        seen.extend(descendants(process))
        [leader, *_] = [
            pid
            for pid in seen
            if "loadtest.run.alone" in psutil.Process(pid).cmdline() and psutil.Process(pid).ppid() == process.pid
        ]
        os.kill(leader, signal.SIGKILL)
        process.wait(60)
        gone(seen)

    assert 2 == process.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_flood_has_one_verdict(number, tmp_path):
    """Exit code, JSON, JUnit, printed line and page: inconclusive, for it was interrupted."""
    with Honest() as worker:
        files = ["--verdict-json", str(tmp_path / "v.json"), "--junit", str(tmp_path / "junit.xml")]
        line = command(worker, tmp_path, "--headless", *files, "--report", str(tmp_path / "r.html"), scenario=LONG)
        with started(line) as (process, _):
            await_(lambda: met(worker) >= 10 or process.poll() is not None, 60)
            process.send_signal(number)
            said, _ = process.communicate(timeout=60)
    told, suite = json.loads((tmp_path / "v.json").read_text()), ET.parse(tmp_path / "junit.xml").getroot()

    assert (4, "inconclusive", 4) == (process.returncode, told["verdict"], told["exit"]), told
    assert "verdict: inconclusive (exit 4)" in said
    errors = [case.find("error").text for case in suite if case.find("error") is not None]
    # What was on its way when it ended has no outcome, on a busy machine: the limit on those says so as well.
    assert {"interrupted before its end"} == {text.partition(":")[0] for text in errors}
    assert '<span class="badge inconclusive">' in (tmp_path / "r.html").read_text()


NOT_BEGUN = """
from argparse import Namespace
from locust.env import Environment
from loadtest.run.leader import Leader
environment = Environment(parsed_options=Namespace(headless=True))
Leader(environment, environment.create_local_runner(), None, None).quit()
print(environment.process_exit_code)
"""


def test_what_is_stopped_before_it_began_has_kept_nothing():
    """Exit code 2, and a line that says so; it said 0, as if all had been kept."""
    done = subprocess.run(
        [sys.executable, "-c", NOT_BEGUN], cwd=ROOT, env=ENVIRON, capture_output=True, text=True, check=True
    )

    assert ("2\n", "flood: stopped before it began") == (done.stdout, done.stderr.strip().splitlines()[-1])


@pytest.mark.parametrize("victims", [1, 2])
def test_what_was_seen_stays_when_a_generator_is_lost(victims, tmp_path):
    """The flood ends, what that one may have sent is of unknown outcome, and nobody is blamed for it."""
    port = str(free_port())
    with Honest() as worker:
        more = ["--processes", "2", "--master-bind-port", port, "--master-port", port]
        line = command(worker, tmp_path, "--headless", "--verdict-json", str(tmp_path / "v.json"), *more, scenario=LONG)
        with started(line) as (process, _):
            await_(lambda: met(worker) >= 60 or process.poll() is not None, 60)
            for pid in descendants(process)[:victims]:
                os.kill(pid, signal.SIGKILL)
            said, logged = process.communicate(timeout=60)
    told = json.loads((tmp_path / "v.json").read_text())

    assert (4, []) == (process.returncode, told["broken"]), said + logged
    assert victims == sum(line.endswith("is gone: what it sent last is unknown") for line in told["undecided"])
    assert 0 < told["figures"]["messages.sent"] < 600
