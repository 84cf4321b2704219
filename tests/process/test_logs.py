"""Facts about a server whose log nobody reads: it goes on answering, reloads, and ends."""

import fcntl
import http.client
import itertools
import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial

import apsw
import pytest

from tests.process.test_kill import audit
from tests.senders import Seen, send_all
from tests.torture import rounds
from tests.worker import PROGRAM, SECRET, Worker, await_, config, free_port, kill, message_id, sender

NUMBERS = itertools.count(900_000)
"""Those who write by themselves, beside a load."""
STRIKES = rounds(2, many=15)


def fill(descriptor):
    """Fill a pipe for all who write to it, through an opening of our own, which alone does not wait."""
    ours = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(ours, b"x" * 4096)
    with suppress(BlockingIOError):
        while True:
            os.write(ours, b"x")
    os.close(ours)


def answer_of(worker):
    """Have somebody new send a message; return what comes back."""
    number = next(NUMBERS)
    return worker.send(sender(number), "salut", message_id(number))[1]


@contextmanager
def unread(folder, text):
    """Serve a file with stderr a pipe that is full, and that nobody reads; whatever happens, nothing of it is left running."""
    file = folder / "edge.toml"
    file.write_text(text)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen(
        [*PROGRAM, "serve", str(file)],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, stdout=subprocess.DEVNULL, stderr=writing, text=True,
    ) as process:  # fmt: skip
        worker = Worker(process, ("127.0.0.1", int(text.split("127.0.0.1:")[1].split('"')[0])), file)
        try:
            await_(lambda: worker.answers("/readyz"))
            fill(writing)
            yield worker
        finally:
            if process.poll() is None:
                worker.kill_tree()
            os.close(writing)
            os.close(reading)


def test_a_log_that_nobody_reads_stops_nothing(tmp_path):
    """With stderr a full pipe, a failing ledger, a refused reload, a reload, a worker that dies and SIGTERM all go their way."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    file = tmp_path / "edge.toml"
    with unread(tmp_path, text) as worker:
        holder = apsw.Connection(str(tmp_path / "antirelou.db"))
        holder.set_busy_timeout(20_000)  # a worker may be telling
        holder.execute("BEGIN IMMEDIATE")
        silence = answer_of(worker)  # and a line that says why
        holder.execute("ROLLBACK")
        holder.close()
        await_(lambda: "<Message>" in answer_of(worker))
        [old] = worker.children()
        file.write_text("nonsense")
        for _ in range(50):
            worker.process.send_signal(signal.SIGHUP)
        file.write_text(text.replace("Bonjour", "Bonsoir"))
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: old not in worker.children() and 1 == len(worker.children()) and worker.answers("/readyz"))
        reloaded = answer_of(worker)
        [old] = worker.children()
        kill(old)
        await_(lambda: old not in worker.children() and worker.answers("/readyz"))
        replaced = answer_of(worker)
        code = worker.stop()

    assert "<Message>" not in silence
    assert [True, True] == ["Bonsoir" in body for body in (reloaded, replaced)]
    assert 0 == code


def _lock(worker):
    """Keep the ledger for longer than a message waits for it; each message then means a line."""
    holder = apsw.Connection(str(worker.log.parent / "antirelou.db"))
    holder.set_busy_timeout(20_000)
    holder.execute("BEGIN IMMEDIATE")
    answer_of(worker)
    holder.execute("ROLLBACK")
    holder.close()


def _reload(worker):
    """Have the file read again."""
    worker.process.send_signal(signal.SIGHUP)


def _refuse(worker):
    """Have a broken file read, fifty times: each is refused in a line."""
    text = worker.log.read_text()
    worker.log.write_text("nonsense")
    for _ in range(50):
        worker.process.send_signal(signal.SIGHUP)
    worker.log.write_text(text)


def _kill(worker):
    """Kill a worker, which is a line, and reload: otherwise the pauses before another one starts would grow."""
    for pid in worker.children()[:1]:
        kill(pid)
    _reload(worker)


@pytest.mark.parametrize("strike", [_lock, _reload, _refuse, _kill])
def test_a_log_that_nobody_reads_costs_nothing(tmp_path, shows, strike):
    """Struck again and again under load: replies seen are in the ledger, nobody is answered twice, and answers return."""
    seen, back_s = Seen(), []
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="25", received="0.0001")
    with unread(tmp_path, text) as worker:
        for round_ in range(STRIKES):
            sendings = [(sender(n), message_id(n)) for n in range(round_ * 20, round_ * 20 + 60)]
            load = threading.Thread(
                target=send_all, args=(lambda: worker, sendings), kwargs={"seen": seen, "connections": 8}
            )
            load.start()
            strike(worker)
            began_s = time.monotonic()
            await_(partial(_answers, worker))
            back_s.append(time.monotonic() - began_s)
            load.join()
            send_all(lambda: worker, sendings, seen=seen, connections=8)  # as the provider does with what had no answer
            audit(tmp_path, seen)
        code = worker.stop()
        audit(tmp_path, seen)
    shows("P1", "P2", "P3", "P8", rounds=STRIKES, requests=seen.answers + seen.unknown, faults=STRIKES)
    shows(figure=f"{strike.__name__[1:]}: answers again after {1000 * max(back_s):.0f} ms at most")

    assert ({200}, 0) == (seen.statuses, code)


def _answers(worker):
    with suppress(OSError, http.client.HTTPException):
        return "<Response" in answer_of(worker)
    return False
