"""A locustfile: the same signed requests by Locust's own fastest client, each user as fast as it is answered.

Prints one line of JSON. With a `PACE`, each user starts so many requests a second, which is how one asks Locust for a rate.
"""

import json
import os
import resource
import sys
import time
from typing import Any

from locust import FastHttpUser, constant_throughput, events, task

from bench.workload import warm_up

PACE = float(os.environ["PACE"])
REQUESTS = []
for request in warm_up():
    head, _, body = request.partition(b"\r\n\r\n")
    path = head.split()[1].decode()
    fields = dict(
        line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if not line.startswith("Content-Length")
    )
    REQUESTS.append((path, body, fields))


class User(FastHttpUser):
    """Sends one after the other."""

    turn = 0
    if PACE:
        wait_time = constant_throughput(PACE)

    @task
    def send(self) -> None:
        """Send the next one."""
        User.turn += 1
        path, body, fields = REQUESTS[User.turn % len(REQUESTS)]
        self.client.post(path, data=body, headers=fields, name="message")  # type: ignore[arg-type]  # bytes are taken as they are


class Clock:
    """When the users began, and what CPU time had been used."""

    began_s = 0.0
    cpu_s = 0.0


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@events.spawning_complete.add_listener  # type: ignore[untyped-decorator]  # Locust has no types here
def _begin(**_: Any) -> None:
    Clock.began_s, Clock.cpu_s = time.perf_counter(), _cpu_s()


@events.test_stopping.add_listener  # type: ignore[untyped-decorator]  # the same
def _end(environment: Any, **_: Any) -> None:
    total = environment.stats.total
    json.dump(
        {
            "messages": total.num_requests,
            "seconds": time.perf_counter() - Clock.began_s,
            "cpu_s": _cpu_s() - Clock.cpu_s,
            "p95_ms": total.get_response_time_percentile(0.95),
            "p99_ms": total.get_response_time_percentile(0.99),
        },
        sys.stdout,
    )
    sys.stdout.write("\n")
    sys.stdout.flush()
