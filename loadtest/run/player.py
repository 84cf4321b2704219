"""The player: prepares one process's part of a flood, begins together with the others, plays it, and tells what was counted.

1. The leader sends a job, then, when every process is prepared, the instant at which all begin, each by its own clock.
2. What was counted leaves in pieces, with Locust's own reports, and each piece is counted once (:mod:`loadtest.judge.tally`).
3. Preparing gives way to gevent as playing does: a worker that is silent for seconds is dead to Locust's master.
"""

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
from gevent.event import AsyncResult
from locust.stats import RequestStats

from loadtest.engine.engine import Engine
from loadtest.engine.schedule import Schedule
from loadtest.flood.arrival import Arrival
from loadtest.judge.run import Run
from loadtest.provider.line import Line
from loadtest.run.clocks import steady_us
from loadtest.run.cooperative import COOPERATIVE
from loadtest.run.descriptors import share_out
from loadtest.run.job import Job
from loadtest.run.messages import Piece
from loadtest.run.recorder import Recorder
from loadtest.run.stats import Batch

_STEP = 200
"""Arrivals prepared in a row: some milliseconds."""


class Player:
    """Plays one job. Made when it comes, played by the process's one user."""

    def __init__(self, job: Job, stats: RequestStats, flood: Callable[[Run], Iterator[Arrival]] = Run.flood) -> None:
        """Prepare a little; `flood` yields all arrivals of a run, whoever plays them. Raises AntirelouError."""
        self.job = job
        config = job.config()
        run = job.run(config, {})
        encoders = job.encoders(config)
        self._schedule = Schedule(
            flood(run), lambda arrival: encoders[arrival.number](arrival), place=job.place, of=job.of
        )
        self._recorder = Recorder(run.prices, Batch(stats))
        self.asked = max(1, job.connections // job.of)
        self.connections = share_out(self.asked, -(-run.endless // job.of), job.of if job.own else 0)
        """The most that it opens: as many as were asked for, if there is room for them."""
        self._engine = Engine(
            job.target(config),
            self._schedule,
            self._recorder,
            connections_max=self.connections,
            system=COOPERATIVE,
            delivers=Line(Path(job.line)).delivers if job.line else None,
        )
        self._begin_us: AsyncResult[int] = AsyncResult()
        self._told_connections = self._told_limit_hits = 0
        self._cpu_share = 0.0
        self.has_ended = False

    @property
    def waits_with(self) -> str:
        """The name of the engine's poller."""
        return self._engine.waits_with

    def begin(self, at_us: int) -> None:
        """Play from an instant of this process's steady clock on."""
        self._begin_us.set(at_us)

    def stop(self) -> None:
        """Send nothing more."""
        self._engine.stop()
        self.begin(steady_us())

    def play(self, tell_ready: Callable[[], None]) -> None:
        """Prepare, wait for the others, and play to the end."""
        try:
            while self._schedule.hungry:
                self._schedule.prepare(_STEP)
                gevent.sleep(0.001)
            gc.collect()
            gc.freeze()  # or every collection would look at all that is prepared, and be late for what is due meanwhile
            tell_ready()
            now_us = _clock(self._begin_us.get())
            began_cpu_s, began_us = time.process_time(), now_us()
            self._engine.play(now_us)
            busy_us = (time.process_time() - began_cpu_s) * 1e6 - self._engine.spun_us
            self._cpu_share = max(0.0, busy_us / max(1, now_us() - began_us))
        finally:
            gc.unfreeze()
            self.has_ended = True

    def take(self) -> Piece:
        """Return what has been counted since the last time."""
        tally, engine = self._recorder.take(), self._engine
        tally.played(self.job.place, engine.played_us)
        tally.connections = engine.connections_opened - self._told_connections
        tally.connection_limit_hits = engine.connection_limit_hits - self._told_limit_hits
        self._told_connections, self._told_limit_hits = engine.connections_opened, engine.connection_limit_hits
        tally.cpu_share = self._cpu_share
        return Piece(tally, self.has_ended)


def _clock(begin_us: int) -> Callable[[], int]:
    """Return the flood's clock in microseconds: steady, and negative before its begin."""
    begin_ns = begin_us * 1_000
    return lambda: (time.perf_counter_ns() - begin_ns) // 1_000
