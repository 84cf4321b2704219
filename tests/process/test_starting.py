"""Facts about servers that start: of two that want the same address one has it; and nobody waits for who reads their first line."""

import fcntl
import os
import socket
import subprocess
from contextlib import ExitStack, closing

import pytest

from tests.process.test_logs import answer_of, fill
from tests.worker import PROGRAM, SECRET, Worker, await_, config, free_port

ROUNDS = 2


def begin(folder, text, stack, stdout=subprocess.DEVNULL):
    """Begin to serve a file from a folder of its own; return the worker, which is ended with the stack."""
    folder.mkdir(parents=True)
    file = folder / "edge.toml"
    file.write_text(text)
    process = subprocess.Popen(
        [*PROGRAM, "serve", str(file)],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, stdout=stdout, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    port = text.partition("127.0.0.1:")[2].partition('"')[0]
    worker = Worker(process, ("127.0.0.1", int(port or 0)), file.with_suffix(".log"))
    stack.callback(process.stderr.close)
    stack.callback(worker.kill_tree)
    return worker


def can_connect(family, address):
    """Return whether somebody listens."""
    with socket.socket(family) as connection:
        return connection.connect_ex(address) == 0


@pytest.mark.parametrize("kind", ["port", "socket", "dead socket"])
def test_of_two_servers_that_start_at_once_one_serves(tmp_path, kind):
    """Whatever the moment, the other one ends with exit 2 and one line that names the address; who serves is connected to."""
    for nth in range(ROUNDS):
        port, path = free_port(), tmp_path / f"{nth}.sock"
        bind = f"127.0.0.1:{port}" if kind == "port" else f"unix:{path}"
        where = (socket.AF_INET, ("127.0.0.1", port)) if kind == "port" else (socket.AF_UNIX, str(path))
        if kind == "dead socket":
            with closing(socket.socket(socket.AF_UNIX)) as dead:
                dead.bind(str(path))
        with ExitStack() as stack:
            both = [begin(tmp_path / f"{nth}{name}", config(bind=bind), stack) for name in "ab"]
            await_(lambda both=both: [] != [one for one in both if one.process.poll() is not None])
            [ended] = [one for one in both if one.process.poll() is not None]
            [serving] = [one for one in both if one is not ended]
            complaint = ended.process.stderr.read()
            await_(lambda one=serving, where=where: one.children() and can_connect(*where))
            code = serving.stop()

        assert (2, 1) == (ended.process.returncode, complaint.count("\n")), complaint
        assert "in use" in complaint or "served by another process" in complaint
        assert 0 == code


def test_a_first_line_that_nobody_reads_stops_nothing(tmp_path):
    """With stdout a full pipe, who writes is answered, and SIGTERM ends the server."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    fill(writing)
    with ExitStack() as stack:
        stack.callback(os.close, reading)
        stack.callback(os.close, writing)
        worker = begin(tmp_path / "a", config(bind=f"127.0.0.1:{free_port()}"), stack, stdout=writing)
        await_(lambda: worker.answers("/readyz"))
        answer = answer_of(worker)
        code = worker.stop()

    assert "<Message>" in answer
    assert 0 == code
