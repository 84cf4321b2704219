"""One run of a load generator against a server that is up: wrk with one thread, or the harness's engine, on the other core.

The generator has to have time to spare, or its speed is measured instead of the server's: its own CPU share is part of the
result.
"""

import resource
import subprocess
import sys
from pathlib import Path

import msgspec

from bench import ROOT
from bench.generators.openloop import Wait

CONNECTIONS = 32
_POOL_SCRIPT = Path(__file__).with_name("pool.lua")
_SPARE_S = 30.0


class Load(msgspec.Struct, frozen=True):
    """The figures that the generator saw."""

    messages: int
    duration_us: int
    bytes: int
    p50_us: int
    p99_us: int
    broken: int
    """Connections and requests that failed; an HTTP error is not one."""
    rounds: int
    """The number of times that the pool came to its end and began again."""
    generator_share: float
    """The generator's share of one core."""


def wrk(port: int, pool: Path, seconds: float, *, core: int | None, connections: int = CONNECTIONS) -> Load:
    """Play a pool for some seconds, over and over if it ends before; without a core it runs where the system likes."""
    command = (
        *(() if core is None else ("taskset", "--cpu-list", str(core))),
        *("wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s"),
        *("--script", str(_POOL_SCRIPT), f"http://127.0.0.1:{port}/", "--", str(pool)),
    )
    before_s = _children_cpu_s()
    done = subprocess.run(command, check=True, capture_output=True, timeout=seconds + _SPARE_S)
    seen = msgspec.json.decode(done.stdout.splitlines()[-1])
    share = (_children_cpu_s() - before_s) * 1_000_000 / seen["duration_us"]
    return Load(**seen, generator_share=round(share, 3))


def engine(port: int, rate: int, seconds: float, *, core: int) -> Wait:
    """Play one troll's messages at a steady rate; a process of its own, because gevent takes over the one that it is in."""
    command = (
        *("taskset", "--cpu-list", str(core)),
        *(sys.executable, "-m", "bench.generators.openloop", str(port), str(rate), str(seconds)),
    )
    done = subprocess.run(command, check=True, capture_output=True, timeout=seconds + _SPARE_S, cwd=ROOT)
    return msgspec.json.decode(done.stdout, type=Wait)


def _children_cpu_s() -> float:
    # The server is a child too, but counts only once it has ended: not while a run lasts.
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
