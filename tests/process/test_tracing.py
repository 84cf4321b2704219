"""What real workers record: every message once, whoever of them met it, and no line that another one has spoilt."""

import fcntl
import json
import os
import signal
import subprocess
from collections import Counter

from tests.senders import send_all
from tests.worker import PROGRAM, SECRET, await_, config, free_port, message_id, sender, serving


def recorded(folder):
    """Return the lines of all traces of a folder."""
    traces = [path.read_text().splitlines() for path in folder.glob("traces/trace-*.jsonl")]
    return [json.loads(line) for trace in traces for line in trace[1:]]


def test_several_workers_a_reload_and_a_restart_record_each_message_once(tmp_path):
    """Every process has a file of its own, and what they hold together is what the status says, forgeries aside."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2) + 'trace = "traces"\n'
    (tmp_path / "traces").mkdir()
    with serving(tmp_path, text) as worker:
        send_all(lambda: worker, [(sender(n % 50), message_id(n)) for n in range(200)])
        old = set(worker.children())
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: len(worker.children()) == 2 and not old & set(worker.children()))
        send_all(lambda: worker, [(sender(n % 50), message_id(n)) for n in range(200, 400)])
        worker.stop()
    with serving(tmp_path, text) as worker:
        worker.send(sender(1), "salut", message_id(1000))
        worker.send(sender(1), "salut", message_id(1001), secret="forged")
        worker.stop()
    with serving(tmp_path, text) as worker:
        by_reason = worker.status()["by_reason"]
    lines = recorded(tmp_path)

    assert 401 == len(lines)
    assert by_reason == {**Counter(line[2] for line in lines), "bad_signature": 1}
    assert 50 == len({line[1] for line in lines})
    assert 3 <= len(list(tmp_path.glob("traces/*")))


def test_a_worker_that_cannot_record_does_not_start(tmp_path):
    """It says on one line what is missing."""
    (tmp_path / "edge.toml").write_text(config() + 'trace = "traces"\n')

    ended = subprocess.run(
        [*PROGRAM, "serve", str(tmp_path / "edge.toml")],
        env={"TWILIO_AUTH_TOKEN": "x"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 2 == ended.returncode
    assert f"server.trace: nothing can be written to {tmp_path / 'traces'}: No such file or directory" in ended.stderr
    assert 1 == len(ended.stderr.splitlines())


def test_a_folder_that_goes_while_it_is_written_to_stops_no_answer(tmp_path):
    """The log says once that nothing more is recorded."""
    text = config(bind=f"127.0.0.1:{free_port()}") + 'trace = "traces"\n'
    (tmp_path / "traces").mkdir()
    with serving(tmp_path, text) as worker:
        (tmp_path / "traces").rmdir()
        bodies = [worker.send(sender(n), "salut", message_id(n))[1] for n in range(3)]
        worker.status()  # which tells the ledger first, and so writes
        bodies += [worker.send(sender(n), "salut", message_id(n))[1] for n in range(3, 6)]
        worker.status()
        log = worker.log.read_text()

    assert [True] * 6 == ["<Message>" in body for body in bodies]
    assert 1 == log.count("No such file or directory; nothing more is recorded")


def test_a_lock_on_the_folder_delays_nothing_else(tmp_path):
    """Somebody holds it: what was received is told all the same, the status is shown, and a stop is a stop; another server starts, too."""
    text = config(bind=f"127.0.0.1:{free_port()}") + 'trace = "traces"\n'
    (tmp_path / "traces").mkdir()
    locked = os.open(tmp_path / "traces", os.O_RDONLY)
    fcntl.flock(locked, fcntl.LOCK_EX)
    with serving(tmp_path, text) as worker:
        worker.send(sender(1), "salut", message_id(1))
        worker.send(sender(1), "salut", message_id(2))
        shown = worker.status()
        code = worker.stop()
    os.close(locked)
    with serving(tmp_path, text) as worker:
        kept = worker.status()

    assert ("0.015", 0) == (shown["spent"]["received"], code)
    assert shown["spent"] == kept["spent"]
    assert "is locked by another process; what is recorded waits in memory" in worker.log.read_text()


def test_a_lock_on_the_folder_of_a_socket_keeps_nobody_from_starting(tmp_path):
    """Whoever can read it can lock it, and for as long as they like."""
    (tmp_path / "edge.toml").write_text(config().replace('bind = "127.0.0.1:8000"', 'bind = "unix:edge.sock"'))
    locked = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(locked, fcntl.LOCK_EX)
    server = subprocess.Popen(
        [*PROGRAM, "serve", str(tmp_path / "edge.toml")],
        env=os.environ | {"TWILIO_AUTH_TOKEN": SECRET}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await_((tmp_path / "edge.sock").exists)
    finally:
        server.terminate()
        code = server.wait(20)
        os.close(locked)

    assert 0 == code
