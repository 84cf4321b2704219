"""The harness's engine with everything that it does in a flood, by itself: `python -m bench.generators.play PORT MESSAGES RATE`.

Signed requests of 20 fields, so many a second, or as fast as they go if the rate is 0; prints one line of JSON. A process of
its own, because Locust makes the one that it is in cooperative.
"""

import itertools
import json
import sys
import time

from locust.stats import RequestStats

from bench import number
from bench.generators.load import CONNECTIONS
from bench.workload import warm_up
from edge.configfile import parse
from loadtest.engine.engine import CONNECTIONS_MAX, Engine
from loadtest.engine.schedule import Schedule
from loadtest.engine.target import find
from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.prices import prices_of
from loadtest.run.cooperative import COOPERATIVE
from loadtest.run.recorder import Recorder
from loadtest.run.stats import Batch


def play(port: int, messages: int, rate: int) -> dict[str, float]:
    """Play a constant flood against a server on this machine."""
    requests = itertools.cycle(list(warm_up()))
    every_us = 1_000_000 / rate if rate else 0.0
    flood = (
        Arrival(i, int(i * every_us), f"+336{i:08}", "Salut", str(i), Kind.FRESH, genuine=False)
        for i in range(messages)
    )
    schedule = Schedule(flood, lambda _: next(requests))
    schedule.prepare(messages)
    recorder = Recorder(prices_of(parse(number.static_file())), Batch(RequestStats()))
    connections_max = CONNECTIONS_MAX if rate else CONNECTIONS
    engine = Engine(find(f"127.0.0.1:{port}"), schedule, recorder, connections_max=connections_max, system=COOPERATIVE)
    began_cpu_s, began_ns = time.process_time(), time.perf_counter_ns()
    engine.play(lambda: (time.perf_counter_ns() - began_ns) // 1_000)
    seconds, cpu_s = (time.perf_counter_ns() - began_ns) / 1e9, time.process_time() - began_cpu_s
    tally = recorder.take()
    return {
        "messages": tally.count(),
        "seconds": seconds,
        "cpu_s": cpu_s,
        "p95_ms": tally.corrected.quantile_us(0.95) / 1_000,
        "p99_ms": tally.corrected.quantile_us(0.99) / 1_000,
        "lag_p99_ms": tally.lag.quantile_us(0.99) / 1_000,
    }


if __name__ == "__main__":
    print(json.dumps(play(*map(int, sys.argv[1:]))))
