"""Facts about workers that are spawned, as Granian does from Python 3.14 on: each is a new interpreter, which takes its time."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.process.owed import Owed
from tests.worker import SPAWNING, await_, config, free_port, is_running, message_id, sender, serving

HELD = """
import os, sys, time
if any("spawn_main" in argument for argument in sys.orig_argv):
    while not os.path.exists({gate!r}):
        time.sleep(0.01)
"""
"""What an interpreter reads before anything else: here, one that begins a worker waits for a file."""


@contextmanager
def spawning(folder, text):
    """Serve a file by spawned workers, whose interpreters start as long as there is a file named `gate`."""
    gate = folder / "gate"
    gate.touch()
    (folder / "sitecustomize.py").write_text(HELD.format(gate=str(gate)))
    with serving(folder, text, program=SPAWNING, environ={"PYTHONPATH": str(folder)}) as worker:
        yield worker, gate


def is_spawned(pid):
    """Return whether a process is an interpreter of its own."""
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_spawned_workers_answer_reload_and_drain(tmp_path):
    """Two of them answer, each sender once; a reload brings the new text; a reply in flight at SIGTERM is delivered; exit 0."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2)
    with spawning(tmp_path, text) as (worker, _):
        old = worker.children()
        spawned = [is_spawned(pid) for pid in old]
        before = [worker.send(sender(2), "salut", message_id(n))[1] for n in (2, 3)]
        worker.log.with_suffix(".toml").write_text(text.replace("Bonjour", "Bonsoir"))
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: not any(is_running(pid) for pid in old))
        after = worker.send(sender(4), "salut", message_id(4))[1]
        pids = worker.children()
        owed = Owed(worker, tmp_path)
        worker.process.send_signal(signal.SIGTERM)
        owed.release()
        code = worker.process.wait(20)
    answers, charged = owed.decision()

    assert [True, True] == spawned
    assert [True, False] == ["Bonjour" in body for body in before]
    assert "Bonsoir" in after
    assert [(200, True)] == answers
    assert 3 == charged
    assert (0, []) == (code, [pid for pid in pids if is_running(pid)])


def test_at_a_reload_the_old_worker_serves_until_the_new_one_does(tmp_path):
    """However long a new interpreter takes to start: the old worker answers meanwhile, and goes when the new one has come."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with spawning(tmp_path, text) as (worker, gate):
        [old] = worker.children()
        gate.unlink()
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: 2 == len(worker.children()))
        meanwhile = {worker.send(sender(n), "salut", message_id(n))[0] for n in range(600)}
        is_there = is_running(old)
        gate.touch()
        await_(lambda: old not in worker.children())
        afterwards = worker.send(sender(9999), "salut", message_id(9999))[0]

    assert ({200}, True, 200) == (meanwhile, is_there, afterwards)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_is_for_the_server_does_not_meet_a_worker_that_starts(tmp_path, number):
    """SIGHUP or SIGINT to a worker whose interpreter still starts neither ends it nor makes it complain."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with spawning(tmp_path, text) as (worker, gate):
        [old] = worker.children()
        gate.unlink()
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: 2 == len(worker.children()))
        [new] = set(worker.children()) - {old}
        os.kill(new, number)
        gate.touch()
        await_(lambda: [new] == worker.children())
        status = worker.get("/healthz")[0]
        log = worker.log.read_text()

    assert 200 == status
    assert [] == [line for line in log.splitlines() if "Traceback" in line or "Unexpected exit" in line]
