"""The CPU time of one whole ASGI call in this process, by path: `echo | python -m bench.probe`.

Each line that comes in is answered by a line of JSON with the microseconds of a call, measured just then: so that two
trees can be measured in turn, many times, without starting anew (:mod:`bench.regress`).
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import number
from bench.stand import Call, Stand, stand
from bench.workload import forged, genuine, sender_at

CALLS = 1_000
"""Some twenty milliseconds: short against what else happens on a machine, long against the clock's grain."""

Figures = dict[str, float]
"""Microseconds by path."""


@contextmanager
def probe(calls: int = CALLS) -> Iterator[Callable[[], Figures]]:
    """Start a worker, and return what measures it."""
    troll = sender_at(0)
    paths = {
        "refused": [Call.of(genuine(position, troll)) for position in range(1, 1 + calls)],
        "forged": [Call.of(forged(position, troll)) for position in range(1, 1 + calls)],
    }
    with tempfile.TemporaryDirectory() as folder, stand(Path(folder), number.static_file(), frozen=True) as here:
        here.answer(Call.of(genuine(0, troll)))
        yield lambda: {name: _call_us(here, played) for name, played in paths.items()}


def _call_us(here: Stand, calls: Sequence[Call]) -> float:
    ask = here.ask
    begun_ns = time.process_time_ns()
    for call in calls:
        ask(call)
    return (time.process_time_ns() - begun_ns) / 1_000 / len(calls)


def main() -> int:
    """Answer line by line."""
    with probe() as measure:
        for _ in sys.stdin:
            print(msgspec.json.encode(measure()).decode(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
