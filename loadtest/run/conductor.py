"""The conductor leads one flood from beginning to end, in Locust's master or in its only process.

1. The set-up is tried; every process gets its job, says that it is prepared, and begins at the same instant.
2. Pieces are merged as they come. The verdict is worked out once, when the last process has ended; Locust's own
   `test_stop` comes earlier than the last pieces do.
3. Once a second, or less often if it takes long, thresholds on money are looked at; a breach that no later message can heal
   ends the flood.
4. A flood cut short (`--run-time`, Ctrl-C, a breach) is judged as the shorter flood that it was. One that lost a generator is
   judged by what was seen until then; whatever that one may have sent since is of unknown outcome.
"""

import datetime as dt
import secrets
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import gevent
import msgspec

from loadtest.engine.target import Target
from loadtest.flood.arrival import TIMEOUT_US, Arrival
from loadtest.flood.trace import Say
from loadtest.judge.demand import Demand
from loadtest.judge.evidence import Evidence
from loadtest.judge.judgement import Judgement
from loadtest.judge.judging import judge, money_breaches
from loadtest.judge.oracle import overspent
from loadtest.judge.run import Run
from loadtest.judge.seen import Unpaid
from loadtest.judge.status import Status
from loadtest.judge.tally import Tally
from loadtest.run.clocks import Clock, steady_us
from loadtest.run.job import Job
from loadtest.run.messages import ASK_TIME, BEGIN, JOB, STOP, Messenger, Piece
from loadtest.run.probe import probe
from loadtest.run.statusclient import StatusClient

_LEAD_US = 200_000
"""The time from the message to the begin: enough for it to arrive everywhere."""
_IDLE_SHARE = 20
"""A look at the money while the flood plays may take a twentieth of the time."""
_STEP = 1_000
_US = 1_000_000


class Conductor:
    """Leads one flood."""

    def __init__(self, job: Job, versions: dict[str, str], processes: list[str], say: Say) -> None:
        """Take what is asked for, and the processes that will play; `say` gets a line for whoever watches."""
        self.token = secrets.token_hex(8)
        self._job, self.processes, self._say = job, processes, say
        config = job.config()
        began = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        self.run: Run = replace(
            job.run(config, versions), processes=len(processes), began=began, host=socket.gethostname()
        )
        self.tally = Tally()
        self._target = job.target(config)
        self._status = StatusClient(self._target, config)
        self._before: Status | None = None
        self._demand = Demand(self.run.prices)
        self._ready: set[str] = set()
        self._ended: set[str] = set()
        self._clocks: dict[str, Clock] = {}
        self._lost: set[str] = set()
        self._shortcomings: list[str] = []
        self._begin_us: int | None = None
        self._stopping = self._out_of_time = self._breached = False
        self._look_again_s = 0.0
        self._judgement: Judgement | None = None

    def prepare(self) -> None:
        """Try the set-up, and look at the worker's books. Raises SetupError."""
        self._before = probe(self._target, self._job.encoders(self.run.config), self._status, own=self.run.own)
        after = self._before.messages if self._before is not None else 0
        self._job = msgspec.structs.replace(self._job, after=after)
        self.run = replace(self.run, after=after)

    def hand_out_jobs(self, runner: Messenger) -> None:
        """Tell every process what to play."""
        for place, process in enumerate(self.processes):
            self.tally.played(place, 0)
            job = msgspec.structs.replace(self._job, token=self.token, place=place, of=len(self.processes))
            runner.send_message(JOB, job.to_dict(), process)

    def flood(self) -> Iterator[Arrival]:
        """Yield the whole flood, which has to be gone through once: what it asks of the worker is counted as it passes."""
        return self._demand.passing(self.run.flood(self._say))

    def count_flood(self) -> None:
        """Go through the flood where nobody in this process plays it; Locust's own work goes on meanwhile."""
        for arrival in self.flood():
            if not arrival.index % _STEP:
                gevent.sleep(0.0001)

    def ready(self, process: str, runner: Messenger) -> None:
        """Note that a process is prepared; when all are, compare their clocks."""
        self._ready.add(process)
        if self._ready.issuperset(self.processes) and not self._clocks:
            self._clocks = {process: Clock() for process in self.processes}
            for each in self.processes:
                self._ask_time(each, runner)

    def hear_time(self, process: str, theirs_us: int, runner: Messenger) -> None:
        """Take what a process's clock shows; when all clocks are known, begin."""
        clock = self._clocks.get(process)
        if clock is None or self._begin_us is not None:
            return
        clock.hear(theirs_us, steady_us())
        if not clock.is_known:
            self._ask_time(process, runner)
        elif all(clock.is_known for clock in self._clocks.values()):
            self._begin_us = steady_us() + _LEAD_US
            for each, known in self._clocks.items():
                runner.send_message(BEGIN, known.theirs_us(self._begin_us), each)

    def _ask_time(self, process: str, runner: Messenger) -> None:
        self._clocks[process].ask(steady_us())
        runner.send_message(ASK_TIME, None, process)

    def absorb(self, process: str, piece: Piece) -> None:
        """Add what a process has seen."""
        self.tally.merge(piece.tally)
        if piece.ended:
            self._ended.add(process)

    @property
    def target(self) -> Target:
        """Who is flooded."""
        return self._target

    @property
    def arrivals(self) -> int:
        """The number of arrivals in the flood, as far as it is known yet."""
        return self._demand.requests

    @property
    def elapsed_s(self) -> float:
        """The seconds since the flood began; 0 before."""
        return 0.0 if self._begin_us is None else max(0.0, (steady_us() - self._begin_us) / _US)

    @property
    def has_begun(self) -> bool:
        """Whether something may have been sent."""
        return self._begin_us is not None

    @property
    def lasts_us(self) -> int:
        """The flood is played for so long."""
        return max(self.run.scenario.lasts_us, self._demand.last_us)

    @property
    def has_ended(self) -> bool:
        """Whether every process has sent its last report."""
        return self._ended.issuperset(self.processes)

    @property
    def is_whole(self) -> bool:
        """Whether the flood was played to its end, or as long as it was asked to be."""
        return self._out_of_time or min(self.tally.played_us.values(), default=0) > self._demand.last_us

    def look(self, runner: Messenger, run_time_s: float | None = None) -> None:
        """End the flood early if there is a reason to."""
        if self._stopping or self._begin_us is None:
            return
        if run_time_s and self.elapsed_s >= run_time_s:
            self._out_of_time = True
            self.stop(runner, f"--run-time of {run_time_s:g} s is over")
        elif time.monotonic() >= self._look_again_s:
            began_s = time.monotonic()
            evidence = Evidence(self.run, self._demand, self.tally, self._before)
            for line in (overspent if self._job.in_trial else money_breaches)(evidence)[:1]:
                self._breached = True
                self.stop(runner, line)
            self._look_again_s = time.monotonic() + (time.monotonic() - began_s) * _IDLE_SHARE

    def stop(self, runner: Messenger, why: str) -> None:
        """Let no process send anything more."""
        self._stopping = True
        self._say(f"stopping: {why}")
        runner.send_message(STOP)

    def lose(self, process: str, why: str, runner: Messenger) -> None:
        """Go on without a process that is gone, as far as judging what was seen until now: nothing more is sent."""
        if process not in self._ended:
            self._note_loss(process, why)
            if not self._stopping:
                self.stop(runner, why)

    def _note_loss(self, process: str, why: str) -> None:
        self._ended.add(process)
        self._lost.add(process)
        self._shortcomings.append(f"{why}: what it sent last is unknown")

    def missing(self, present: Iterable[str]) -> list[str]:
        """Return the processes that have gone before their end: without them the flood is another one."""
        return sorted(set(self.processes) - self._ended - set(present))

    @property
    def is_finished(self) -> bool:
        """Whether the judgement is for good."""
        return self._judgement is not None

    def judgement(self) -> Judgement:
        """Return the judgement: the last one if the flood has been finished, else on what there is so far."""
        return self._judgement or judge(self._evidence())

    def finish(self) -> Judgement:
        """Look at the worker's books again, and return the judgement that stays."""
        if self._judgement is None:
            for process in sorted(set(self.processes) - self._ended) if self.has_begun else ():
                self._note_loss(process, f"the generator {process} is gone")
            if not (self.is_whole or self._breached or self._lost):
                self._shortcomings.append("interrupted before its end")
            after = self._status.read_settled(self._before, self.tally)
            self._judgement = judge(self._evidence(after))
        return self._judgement

    def _evidence(self, after: Status | None = None) -> Evidence:
        now_us = round(self.elapsed_s * _US)
        played_us = now_us if self._lost else max(self.tally.played_us.values(), default=0)
        until_us = None if played_us > self._demand.last_us else played_us
        held_back = self.tally.held_back
        demand = self._demand
        if until_us is not None or held_back:
            demand = demand.part(until_us=until_us, held_back=held_back)
        error_us = max((clock.error_us for clock in self._clocks.values() if clock.is_known), default=0)
        return Evidence(
            self.run,
            demand,
            self.tally,
            self._before,
            after,
            shortcomings=tuple(self._shortcomings),
            unseen=tuple(self._unseen(now_us)) if self._lost else (),
            clock_us=error_us if len(self.processes) > 1 else 0,
        )

    def _unseen(self, now_us: int) -> Iterator[Unpaid]:
        """Yield the messages of lost processes that may have been sent by now, and that they have not told of."""
        told_us = {
            place: self.tally.played_us.get(place, 0) - TIMEOUT_US
            for place, process in enumerate(self.processes)
            if process in self._lost
        }
        for arrival in self.run.flood():
            since_us = told_us.get(arrival.index % len(self.processes), now_us)
            if arrival.kind.is_message and since_us <= arrival.at_us < now_us:
                yield Unpaid.of(arrival, arrival.at_us)
