"""The CPU time of one whole ASGI call in this process, by path: `python -m bench.probe`, one line of JSON.

The least of several batches is taken: whatever else the machine does only ever adds to a batch.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import number
from bench.stand import Call, Stand, stand
from bench.workload import forged, genuine, sender_at

CALLS = 2_000
BATCHES = 10


def probe(*, calls: int = CALLS, batches: int = BATCHES) -> dict[str, float]:
    """Return the microseconds of a call on each path."""
    troll = sender_at(0)
    paths = {
        "refused": [Call.of(genuine(position, troll)) for position in range(1, 1 + calls)],
        "forged": [Call.of(forged(position, troll)) for position in range(1, 1 + calls)],
    }
    with tempfile.TemporaryDirectory() as folder, stand(Path(folder), number.static_file(), frozen=True) as here:
        here.answer(Call.of(genuine(0, troll)))
        return {name: min(_batch_us(here, played) for _ in range(batches)) for name, played in paths.items()}


def _batch_us(here: Stand, calls: Sequence[Call]) -> float:
    ask = here.ask
    begun_ns = time.process_time_ns()
    for call in calls:
        ask(call)
    return (time.process_time_ns() - begun_ns) / 1_000 / len(calls)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.probe", description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--batches", type=int, default=BATCHES)
    given = parser.parse_args()
    print(msgspec.json.encode(probe(calls=given.calls, batches=given.batches)).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
