"""Facts about a server whose log nobody reads: it goes on answering, reloads, and ends."""

import fcntl
import itertools
import os
import signal
import subprocess
from contextlib import suppress

import apsw

from tests.worker import PROGRAM, SECRET, Worker, await_, config, free_port, kill, message_id, sender

NUMBERS = itertools.count()


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


def test_a_log_that_nobody_reads_stops_nothing(tmp_path):
    """With stderr a full pipe, a failing ledger, a refused reload, a reload, a worker that dies and SIGTERM all go their way."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    file = tmp_path / "edge.toml"
    file.write_text(text)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen(
        [*PROGRAM, "serve", str(file)],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, stdout=subprocess.DEVNULL, stderr=writing, text=True,
    ) as process:  # fmt: skip
        worker = Worker(process, ("127.0.0.1", int(text.split("127.0.0.1:")[1].split('"')[0])), tmp_path / "log")
        try:
            await_(lambda: worker.answers("/readyz"))
            fill(writing)
            holder = apsw.Connection(str(tmp_path / "antirelou.db"))
            holder.execute("BEGIN IMMEDIATE")
            silence = answer_of(worker)  # and a line that says why
            holder.execute("ROLLBACK")
            holder.close()
            await_(lambda: "<Message>" in answer_of(worker))
            [old] = worker.children()
            file.write_text("nonsense")
            for _ in range(50):
                process.send_signal(signal.SIGHUP)
            file.write_text(text.replace("Bonjour", "Bonsoir"))
            process.send_signal(signal.SIGHUP)
            await_(lambda: old not in worker.children() and 1 == len(worker.children()) and worker.answers("/readyz"))
            reloaded = answer_of(worker)
            [old] = worker.children()
            kill(old)
            await_(lambda: old not in worker.children() and worker.answers("/readyz"))
            replaced = answer_of(worker)
            code = worker.stop()
        finally:
            if process.poll() is None:
                worker.kill_tree()
    os.close(writing)
    os.close(reading)

    assert "<Message>" not in silence
    assert [True, True] == ["Bonsoir" in body for body in (reloaded, replaced)]
    assert 0 == code
