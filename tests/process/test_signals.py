"""What signals do to a real worker: SIGTERM lets replies finish, SIGHUP reloads a file that holds and refuses one that does not."""

import os
import pty
import signal
import subprocess
import sys

import pytest

from edge.web.listening import DRAIN_S
from tests.process.owed import Owed
from tests.worker import (
    PROGRAM,
    SECRET,
    Worker,
    await_,
    config,
    free_port,
    is_running,
    kill,
    message_id,
    sender,
    serving,
)

TERMINAL = (
    sys.executable,
    "-c",
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])",
)
"""Makes standard input the terminal of a session of its own, and then runs what follows."""


def _reload(worker, marks):
    """Send SIGHUP and wait until the worker has written a line about it."""
    worker.process.send_signal(signal.SIGHUP)
    await_(lambda: any(mark in worker.log.read_text() for mark in marks))


def test_a_reply_in_flight_at_sigterm_is_delivered(tmp_path):
    """A charge that waits for the disk when SIGTERM comes is written, and its reply delivered, before the worker ends."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        owed = Owed(worker, tmp_path)
        worker.process.send_signal(signal.SIGTERM)
        owed.release()
        code = worker.process.wait(10)
    answers, charged = owed.decision()

    assert 0 == code
    assert [(200, True)] == answers
    assert 1 == charged


def test_a_server_that_still_starts_ends_when_told_to(tmp_path):
    """SIGTERM as soon as the first of three workers is ready ends the server, with exit 0, and leaves no worker behind."""
    for _ in range(4):
        with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", workers=3)) as worker:
            pids = worker.children()
            code = worker.stop()

        assert 0 == code
        assert [] == [pid for pid in pids if is_running(pid)]


def test_a_reload_takes_a_file_that_holds(tmp_path):
    """After SIGHUP the new text is answered and the raised kitty counts; the ledger goes on."""
    text = config(bind=f"127.0.0.1:{free_port()}", kitty="0.09", received="0.001")
    with serving(tmp_path, text) as worker:
        before = [worker.send(sender(n), "salut", message_id(n))[1] for n in (1, 2)]
        old = set(worker.children())
        worker.log.with_suffix(".toml").write_text(text.replace("Bonjour", "Bonsoir").replace('"0.09"', '"0.20"'))
        _reload(worker, ["reloading"])
        await_(lambda: len(worker.children()) == 1 and not old & set(worker.children()))
        after = worker.send(sender(3), "salut", message_id(3))[1]
        status = worker.status()

    assert ["Bonjour" in body for body in before] == [True, False]
    assert "Bonsoir" in after
    assert {"answered": 2, "kitty_spent": 1} == status["by_reason"]


def test_a_reload_refuses_a_broken_file_and_keeps_what_runs(tmp_path):
    """A broken file at SIGHUP is refused with its line; the old text is answered, even by a worker started anew after a crash."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        worker.log.with_suffix(".toml").write_text(text.replace("kitty =", "kity ="))
        _reload(worker, ["not reloaded, nothing changed"])
        first = worker.send(sender(1), "salut", message_id(1))[1]
        [child] = worker.children()
        kill(child)
        await_(lambda: worker.children() and child not in worker.children())
        await_(worker.answers)
        second = worker.send(sender(2), "salut", message_id(2))[1]
        log = worker.log.read_text()

    assert "Bonjour" in first
    assert "Bonjour" in second
    assert "budget: unknown key 'kity'; did you mean \"kitty\"?" in log
    assert "Traceback" not in log


def test_a_worker_that_dies_while_a_reload_replaces_it_is_replaced_once(tmp_path):
    """Killed while the first of two is being replaced, the second is the reload's affair: nobody is mourned, two serve."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", workers=2)) as worker:
        old = worker.children()
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: 3 == len(worker.children()))
        kill(old[1])
        await_(lambda: 2 == len(worker.children()) and not set(old) & set(worker.children()))
        answer = worker.send(sender(1), "salut", message_id(1))[1]
        code = worker.stop()
        log = worker.log.read_text()

    assert (0, True) == (code, "<Message>" in answer)
    assert "died" not in log


def test_an_old_worker_that_cannot_finish_is_killed_at_a_reload(tmp_path):
    """A worker that hangs holds up a reload for as long as a drain may take; then the new one is alone, and answers."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        [old] = worker.children()
        os.kill(old, signal.SIGSTOP)
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: not is_running(old))
        answer = worker.send(sender(1), "salut", message_id(1))[1]
        log = worker.log.read_text()

    assert f"worker 1 did not end in {DRAIN_S} s, and is killed" in log
    assert "<Message>" in answer


def test_a_changed_address_waits_for_the_next_start(tmp_path):
    """A new address in the file is not taken at a reload, and the log says so."""
    port = free_port()
    text = config(bind=f"127.0.0.1:{port}")
    with serving(tmp_path, text) as worker:
        worker.log.with_suffix(".toml").write_text(text.replace(str(port), str(free_port())))
        _reload(worker, ["bind and workers change at the next start"])
        status = worker.get("/healthz")[0]

    assert 200 == status


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_what_other_servers_take_for_an_order_is_none(tmp_path, number):
    """Sent to the server and to its workers by what rotates logs, it ends nobody; a worker started anew is as deaf."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        [child] = worker.children()
        for pid in (worker.process.pid, child):
            os.kill(pid, number)
        first = worker.send(sender(1), "salut", message_id(1))[1]
        same = worker.children()
        kill(child)
        await_(lambda: worker.children() and child not in worker.children() and worker.answers())
        [other] = worker.children()
        os.kill(other, number)
        second = worker.send(sender(2), "salut", message_id(2))[1]
        still = worker.children()
        code = worker.stop()

    assert ([child], [other], 0) == (same, still, code)
    assert ["<Message>" in body for body in (first, second)] == [True, True]


def test_a_terminal_that_closes_ends_nobody(tmp_path):
    """The window in which it was started is shut: a reload, then answers, a worker that is replaced, and SIGTERM as ever."""
    port, file = free_port(), tmp_path / "edge.toml"
    file.write_text(config(bind=f"127.0.0.1:{port}"))
    window, terminal = pty.openpty()
    # The terminal is the server's own, as a shell's is: closing it is SIGHUP to whoever has it.
    with subprocess.Popen(
        [*TERMINAL, *PROGRAM, "serve", str(file)],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, text=True,
    ) as process:  # fmt: skip
        worker = Worker(process, ("127.0.0.1", port), file)
        try:
            os.close(terminal)
            await_(lambda: worker.answers("/readyz"))
            first, old = worker.send(sender(1), "salut", message_id(1))[1], worker.children()
            os.close(window)
            await_(lambda: 1 == len(worker.children()) and old != worker.children() and worker.answers("/readyz"))
            second, [new] = worker.send(sender(2), "salut", message_id(2))[1], worker.children()
            kill(new)  # which is a line that nobody can be told any more
            await_(lambda: worker.children() not in ([], [new]) and worker.answers("/readyz"))
            third = worker.send(sender(3), "salut", message_id(3))[1]
            again = worker.send(sender(1), "salut", message_id(4))[1]
            code = worker.stop()
        finally:
            if process.poll() is None:
                worker.kill_tree()

    assert [True, True, True, False] == ["<Message>" in body for body in (first, second, third, again)]
    assert 0 == code
