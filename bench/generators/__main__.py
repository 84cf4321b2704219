"""Load generators against the fastest server that there is: `python -m bench.generators`.

1. The engine with all that it does in a flood (books of every answer, three latencies, Locust's statistics), Locust's own
   FastHttpUser, and wrk, in turn, on one core, against `responder.c` on the other. Each sends signed requests of 20 fields.
2. CPU time per message is the robust figure; messages per second is what a core of this machine gives at that moment.
3. `python -m bench.generators stall` stops the server for one second of ten, at 1,000 messages a second. One arrival in ten
   meets the pause and waits for half of it on average, so p95 has to come to about 500 ms.
4. With `--write` the table goes into docs/how-to/run-a-flood.md: for a machine that is left alone.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench import ROOT
from bench.arguments import Parser
from bench.generators.load import CONNECTIONS, wrk
from bench.generators.result import Result
from bench.pages import generators as tables
from bench.workload import warm_up, write_pool

_HERE = Path(__file__).parent
_SERVER_CORE, _CLIENT_CORE = "0", "1"
_MESSAGES, _SECONDS, _ROUNDS = 100_000, 4, 5
_RATE, _STALL_AT_S, _STALL_S, _STALL_RUN_S = 1_000, 4.0, 1.0, 10
_STALL_USERS = 100
_SPARE_S = 90.0


@contextlib.contextmanager
def responder() -> Iterator[tuple[int, int]]:
    """Compile and run the server; yield its port and its process id."""
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/responder"
        subprocess.run(["gcc", "-O2", "-o", program, str(_HERE / "responder.c")], check=True)
        command = ["taskset", "--cpu-list", _SERVER_CORE, program]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                yield int(server.stdout.readline() if server.stdout else 0), server.pid
            finally:
                server.kill()


def engine(port: int, messages: int = _MESSAGES, rate: int = 0) -> Result:
    """Play with the harness's engine."""
    return _run([sys.executable, "-m", "bench.generators.play", str(port), str(messages), str(rate)])


def fast_http(port: int, users: int = CONNECTIONS, seconds: int = _SECONDS, pace: int = 0) -> Result:
    """Play with Locust's FastHttpUser."""
    command = [sys.executable, "-m", "locust", "-f", str(_HERE / "fasthttp.py"), "--headless", "--only-summary"]
    command += ["--users", str(users), "--spawn-rate", "100", "--run-time", f"{seconds}s", "--loglevel", "ERROR"]
    return _run([*command, "--host", f"http://127.0.0.1:{port}"], {"PACE": str(pace)})


def wrk_pool(port: int) -> Result:
    """Play with wrk."""
    with tempfile.TemporaryDirectory() as folder:
        pool = write_pool(Path(folder, "pool"), warm_up())
        load = wrk(port, pool, _SECONDS, core=int(_CLIENT_CORE))
    seconds = load.duration_us / 1e6
    return Result(load.messages, seconds, load.generator_share * seconds)


def _run(command: list[str], environ: dict[str, str] | None = None) -> Result:
    pinned = ["taskset", "--cpu-list", _CLIENT_CORE, *command]
    done = subprocess.run(
        pinned, check=True, capture_output=True, timeout=_SPARE_S, cwd=ROOT, env=os.environ | (environ or {})
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith(b"{"))
    return msgspec.json.decode(line, type=Result)


def speeds() -> str:
    """Measure who sends how fast, and at what price; return the table."""
    generators = {"wrk": wrk_pool, "engine": engine, "FastHttpUser": fast_http}
    results: dict[str, list[Result]] = {name: [] for name in generators}
    with responder() as (port, _):
        for _ in range(_ROUNDS):
            for name, generator in generators.items():
                results[name].append(generator(port))
    return tables.speeds(results)


def stall() -> str:
    """Measure what each says of a server that stands still for a second; return the table."""
    results: dict[str, Result] = {}
    for name in ("engine", "FastHttpUser"):
        with responder() as (port, pid):
            _stop_later(pid)
            if name == "engine":
                results[name] = engine(port, _RATE * _STALL_RUN_S, _RATE)
            else:
                results[name] = fast_http(port, _STALL_USERS, _STALL_RUN_S, _RATE // _STALL_USERS)
    return tables.stall(results)


def _stop_later(pid: int) -> None:
    """Stop a process for a second, when its load has run for a while."""
    for after_s, number in ((_STALL_AT_S, signal.SIGSTOP), (_STALL_AT_S + _STALL_S, signal.SIGCONT)):
        threading.Timer(after_s, os.kill, (pid, number)).start()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = Parser(prog="python -m bench.generators", description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["speeds", "stall"], default="speeds")
    parser.add_argument(
        "--write", action="store_true", help=f"put the table into {tables.PAGE.relative_to(ROOT)} as well"
    )
    given = parser.parse_args(arguments)
    text = {"speeds": speeds, "stall": stall}[given.what]()
    print(text)
    if given.write:
        tables.write(given.what, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
