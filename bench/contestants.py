"""The contestants: how each server is started on its core, found in /proc, and stopped.

A contestant is the command that starts it in an empty folder on a port. It runs as a process of its own. `taskset` pins it
and `chrt` sets its scheduling before it starts, so that both hold for all its threads and workers; it is stopped by its
process id.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

import msgspec

from bench import ROOT, number, proc
from loadtest.worker.own import free_port

HERE = Path(__file__).parent
START_S = 20.0
STOP_S = 10.0
_POLL_S = 0.005

PYTHON = sys.executable
SILENCE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class Scheduling(Enum):
    """The way in which Linux shares the server's core among its threads."""

    DEFAULT = "default"
    """As it starts by itself: ours and the floor put themselves under `SCHED_BATCH`, nobody else does."""
    BATCH = "batch"
    """Who is woken does not interrupt who woke it (sched(7), SCHED_BATCH). Two threads that hand messages to each other work
    in batches then, and what a message costs no longer hangs on how often they switch."""


_SCHEDULED: Mapping[Scheduling, Sequence[str]] = {
    Scheduling.DEFAULT: (),
    Scheduling.BATCH: ("chrt", "--batch", "0"),
}

Command = Callable[[Path, int], Sequence[str]]
"""Returns what starts a server in a folder on a port."""


class Contestant(msgspec.Struct, frozen=True):
    """One server in the comparison."""

    name: str
    title: str
    command: Command
    floor: bool = False
    """Whether it does nothing of the job, and only shows what its server costs."""
    tree: Path = ROOT
    """The folder that it is started in, whose code it runs."""


def ours(
    name: str,
    title: str,
    *,
    workers: int = 1,
    ledger: str = "sqlite:ledger.db",
    pace: str = number.PLENTY,
    tree: Path = ROOT,
) -> Contestant:
    """Return our worker, out of whichever tree."""

    def command(directory: Path, port: int) -> Sequence[str]:
        file = number.write_file(directory, port=port, workers=workers, ledger=ledger, pace=pace)
        return PYTHON, "-m", "edge", "serve", str(file)

    return Contestant(name, title, command, tree=tree)


def floor(name: str, title: str, *, workers: int = 1, app: str = "app") -> Contestant:
    """Return the floor, which does nothing of the job; `unread` is the application that leaves the body unread."""

    def command(directory: Path, port: int) -> Sequence[str]:
        return PYTHON, "-m", "bench.peers.floor", str(number.write_file(directory, port=port, workers=workers)), app

    return Contestant(name, title, command, floor=True)


def unbatched(contestant: Contestant) -> Contestant:
    """Return the floor or our worker as it was without `SCHED_BATCH`: under Linux's default scheduling."""

    def command(directory: Path, port: int) -> Sequence[str]:
        python, _module, *program = contestant.command(directory, port)
        return python, "-m", "bench.peers.unbatched", *program

    return msgspec.structs.replace(contestant, command=command)


def _flask(_directory: Path, port: int) -> Sequence[str]:
    # Threads: two to four a core (docs.gunicorn.org, "How many threads").
    return (
        *(PYTHON, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "4"),
        *("--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning", "bench.peers.flask_app:app"),
    )


def _fastapi(_directory: Path, port: int) -> Sequence[str]:
    return (
        *(PYTHON, "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--port", str(port)),
        *("--no-access-log", "--log-level", "warning", "bench.peers.fastapi_app:app"),
    )


def _nginx(handler: str) -> Command:
    def command(directory: Path, port: int) -> Sequence[str]:
        template = (HERE / "peers" / "nginx.conf").read_text(encoding="utf-8")
        filled = template.format(
            directory=directory,
            port=port,
            peers=HERE / "peers",
            host=number.HOST,
            path=number.PATH,
            url=number.URL,
            secret=number.SECRET,
            reply=SILENCE.replace("<Response/>", f"<Response><Message>{number.REPLY}</Message></Response>"),
            silence=SILENCE,
            handler=handler,
        )
        file = directory / "nginx.conf"
        file.write_text(filled, encoding="utf-8")
        return "nginx", "-p", str(directory), "-c", str(file), "-e", "stderr"

    return command


CONTESTANTS = (
    ours("ours", "antirelou, 1 worker"),
    ours("ours-2", "antirelou, 2 workers", workers=2),
    floor("floor", "floor: receives once, sends what is prepared, same Granian"),
    Contestant("fastapi", "FastAPI + twilio + limits, uvicorn", _fastapi),
    Contestant("flask", "Flask + twilio + Flask-Limiter, gunicorn", _flask),
    Contestant("nginx-lua", "nginx + Lua", _nginx('content_by_lua_block { require("sms").answer() }')),
    Contestant("nginx-return", "floor: nginx, return 200", _nginx(f"return 200 '{SILENCE}';"), floor=True),
)


def named(names: Sequence[str]) -> list[Contestant]:
    """Return contestants in the order of their names. Raises KeyError for a name that nobody has."""
    known = {contestant.name: contestant for contestant in CONTESTANTS}
    return [known[name] for name in names]


class NotStarted(Exception):
    """A server does not listen; the message says what it wrote."""


class Running(msgspec.Struct, frozen=True):
    """A server that answers."""

    pid: int
    port: int


@contextmanager
def running(
    contestant: Contestant, directory: Path, *, core: int | None, scheduling: Scheduling = Scheduling.DEFAULT
) -> Iterator[Running]:
    """Start a contestant in an empty folder, and stop it with all its processes; without a core it is not pinned."""
    port = free_port()
    pinned = ("taskset", "--cpu-list", str(core)) if core is not None else ()
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*pinned, *_SCHEDULED[scheduling], *contestant.command(directory, port)],
            cwd=contestant.tree,
            env=os.environ | {number.SECRET_ENV: number.SECRET, number.LEDGER_KEY_ENV: number.LEDGER_KEY},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_open(process, port, log)
        yield Running(process.pid, port)
    finally:
        _stop(process)


def _wait_until_open(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            raise NotStarted(f"it ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(_POLL_S)
    raise NotStarted(f"nobody listens on port {port} after {START_S:g} s: {log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end; whatever of its tree is left after that is killed, by id."""
    members = proc.tree(process.pid)
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in members:
        _end(pid, session=process.pid)


def _end(pid: int, *, session: int) -> None:
    """Kill what is left of a server, and wait until it is gone; another's process may have its number by now."""
    deadline_s = time.monotonic() + STOP_S
    with contextlib.suppress(ProcessLookupError):
        while proc.tree(pid) and os.getsid(pid) == session and time.monotonic() < deadline_s:
            os.kill(pid, signal.SIGKILL)
            time.sleep(_POLL_S)
