"""Real workers whose clock is stepped under them, forward and back, by libfaketime: only steps forward are time that has passed."""

import random
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import apsw

from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.needs import faketime, need
from tests.senders import Seen, send_all
from tests.torture import rounds
from tests.worker import config, free_port, message_id, sender, serving

STEPS = rounds(10, many=100)
SENDERS = 8
PRICE_MICROS = 76_300
BURST_MICROS, PER_DAY_MICROS = 800_000, 2_000_000
REAL_MS = 10 * MINUTE_MS
"""More than the test itself takes."""


SLEEP = """
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *rest) {
    return syscall(SYS_clock_nanosleep, clock, flags, until, rest) ? errno : 0;
}
"""
"""Python sleeps until an instant of the monotonic clock, which libfaketime refuses with EINVAL even where it leaves that clock
alone; so whoever waited for the ledger's lock would be told that it is away. In front of libfaketime this is the real thing."""


def real_sleep(folder: Path) -> Path:
    """Return a library that sleeps as if there were no libfaketime."""
    need("a C compiler")
    library = folder / "sleep.so"
    if not library.exists():
        line = ["gcc", "-shared", "-fPIC", "-x", "c", "-o", library, "-"]
        subprocess.run(line, input=SLEEP, text=True, check=True)
    return library


class FakeClock:
    """The wall clock of a worker; its monotonic clock is left alone."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.offsets_ms = [0]
        self.step(0)

    def step(self, ms: int) -> None:
        """Step the clock."""
        self.offsets_ms.append(self.offsets_ms[-1] + ms)
        new = self._file.with_suffix(".new")
        new.write_text(f"{self.offsets_ms[-1] / 1000:+.3f}\n")
        new.replace(self._file)

    @property
    def forward_ms(self) -> int:
        """How far all steps forward have come."""
        return sum(max(0, after - before) for before, after in pairwise(self.offsets_ms))

    @property
    def environ(self) -> dict[str, str]:
        """What makes a process live by this clock."""
        need("libfaketime")
        return {
            "LD_PRELOAD": f"{real_sleep(self._file.parent)}:{faketime()}",
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def spent(folder):
    """Return how many replies each sender got, and what was paid."""
    connection = apsw.Connection(str(folder / "antirelou.db"))
    counts = [count for (count,) in connection.execute("SELECT count(*) FROM charge GROUP BY sender")]
    [(replies, micros)] = connection.execute("SELECT replies, replies_micros FROM account")
    connection.close()
    assert (sum(counts), sum(counts) * PRICE_MICROS) == (replies, micros)
    return counts, micros


def test_stepping_the_clock_grants_nothing_but_the_steps_forward(tmp_path, shows):
    """However the clock of two workers steps: each sender one reply per day of steps forward, all together what the pace adds."""
    chance, clock, seen = random.Random(1582), FakeClock(tmp_path), Seen()
    text = config(
        bind=f"127.0.0.1:{free_port()}", workers=2, received="0.0001",
        burst=str(BURST_MICROS / 1e6), per_day=str(PER_DAY_MICROS / 1e6),
    )  # fmt: skip
    with serving(tmp_path, text, environ=clock.environ) as worker:
        for step in range(STEPS):
            sendings = [(sender(n), message_id(step * 100 + 10 * n + k)) for k in range(2) for n in range(SENDERS)]
            send_all(lambda: worker, sendings, connections=4, seen=seen)
            counts, micros = spent(tmp_path)
            passed_ms = clock.forward_ms + REAL_MS
            assert max(counts) <= 1 + passed_ms // DAY_MS
            assert micros <= BURST_MICROS + PER_DAY_MICROS * passed_ms // DAY_MS
            clock.step(chance.choice([1, -1]) * chance.choice([1, MINUTE_MS, HOUR_MS, 7 * HOUR_MS, 26 * HOUR_MS]))
        log = worker.log.read_text()
    shows("P1", "P2", rounds=STEPS, requests=seen.answers, faults=STEPS)

    assert {200} == seen.statuses
    silenced = sum(counts) - len(seen.replied)  # paid, but not in time: a disk that stalls is a ledger that is down
    assert 0 == silenced or (silenced > 0 and "ledger_down" in log), log
    assert SENDERS <= sum(counts)
    assert "Traceback" not in log


def test_a_wrong_clock_at_every_start_grants_nothing(tmp_path, shows):
    """At 1970, an hour ago or a day ago at each start, right again under fire: nobody gets another reply, the pace no other burst."""
    clock, seen, starts = FakeClock(tmp_path), Seen(), rounds(4, many=40)
    text = config(
        bind=f"127.0.0.1:{free_port()}", received="0.0001",
        burst=str(BURST_MICROS / 1e6), per_day=str(PER_DAY_MICROS / 1e6),
    )  # fmt: skip

    def flood(nth):
        """Let everybody who was answered write, and as many strangers."""
        sendings = [(sender(n), message_id(1_000 * nth + n)) for n in (*range(SENDERS), *range(nth * 10, nth * 10 + 8))]
        send_all(lambda: worker, sendings, connections=4, seen=seen)

    with serving(tmp_path, text, environ=clock.environ) as worker:
        flood(1)
    first = spent(tmp_path)
    for nth in range(2, 2 + starts):
        wrong_ms = [-int(time.time() * 1000), -HOUR_MS, -DAY_MS][nth % 3]
        clock.step(wrong_ms)
        with serving(tmp_path, text, environ=clock.environ) as worker:
            flood(2 * nth)
            clock.step(-wrong_ms)
            flood(2 * nth + 1)
    counts, micros = spent(tmp_path)
    shows("P1", "P2", rounds=starts, requests=seen.answers, faults=2 * starts)

    assert BURST_MICROS * 3 // 4 // PRICE_MICROS == len(first[0])  # a quarter is kept for who knocks
    assert 1 == max(counts)
    assert micros <= BURST_MICROS + PER_DAY_MICROS * REAL_MS // DAY_MS
    assert {200} == seen.statuses
