"""The leader: the part of Locust's master, or of its only process, that hands out the jobs, looks once a second, and judges.

1. Locust asks a shape once a second how many users there should be: one for each process, until the flood has ended.
2. The verdict is worked out once, when all have reported. Locust renders its own report before it fires `quitting`, so both
   ask here.
3. Exit codes are the verdict's; 2 if the flood could not be played, or what came of it could not be written.
"""

import logging
import sys
from argparse import Namespace
from platform import python_version
from typing import Any

import gevent
import locust
from gevent.lock import RLock
from locust import runners
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_MISSING, MasterRunner

import edge
from edge.errors import AntirelouError
from loadtest.judge.judgement import Judgement
from loadtest.judge.tally import Tally
from loadtest.judge.verdict import State
from loadtest.report.output import NotWritten, prove, write
from loadtest.run.claim import Claim
from loadtest.run.conductor import Conductor
from loadtest.run.follower import Follower
from loadtest.run.job import Job
from loadtest.run.messages import FAILED, PIECE, READY, TIME, Piece
from loadtest.run.options import job_of
from loadtest.run.progress import Progress, line

log = logging.getLogger("flood")
_LOCAL = "local"
"""Locust's name for its only process."""
_US = 1_000_000
_LAST_REPORTS_S = 3.0
_HEARTBEATS = 8
"""How many a generator may miss, one a second, before it is lost. Locust's three are too few where a flood takes all cores."""


class Leader:
    """Leads one flood after another."""

    def __init__(self, environment: Environment, runner: Any, job: Job, follower: Follower | None) -> None:
        """Listen to a runner; `job` has been checked, and `follower` is the other part of an only process."""
        self._environment, self._runner, self._job, self._follower = environment, runner, job, follower
        self._form = environment.parsed_options or Namespace()
        self._frozen = Namespace(**vars(self._form))
        self._versions = {"antirelou": edge.__version__, "locust": locust.__version__, "python": python_version()}
        self._conductor: Conductor | None = None
        self._failure = ""
        self._asked = 0
        """The number of users that Locust was asked for; 0 before a flood."""
        self._progress = Progress()
        self._finishing = RLock()
        self._claim = Claim()
        runners.HEARTBEAT_LIVENESS = _HEARTBEATS  # Locust has no option for it
        for name, listener in ((READY, self._hear_ready), (TIME, self._hear_time), (FAILED, self._hear_failed)):
            runner.register_message(name, listener)
        events: Any = environment.events
        events.test_start.add_listener(self._begin)
        events.test_stop.add_listener(self._rest)
        events.worker_report.add_listener(self._absorb)

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there should be, or None when the flood is over."""
        if not self._asked:
            self._asked = len(self._processes())
            self._conductor, self._failure = None, ""
            if not self._asked:
                self._fail("no process to play it has connected")
        if self._failure:
            self._over()
            return None
        if self._conductor is not None:
            self._look(self._conductor)
            if self._conductor.has_ended:
                self.finish()
                self._over()
                return None
        return self._asked, self._asked

    def check(self, form: dict[str, str]) -> str:
        """Return what is wrong with a form; empty if its flood can be played, which the next one will then be."""
        try:
            job = job_of(self._frozen, Namespace(**(vars(self._frozen) | form)))
            job.check()
        except (AntirelouError, ValueError) as error:
            return str(error)
        self._job = job
        return ""

    @property
    def is_playing(self) -> bool:
        """Whether a flood is under way."""
        return self._asked > 0

    @property
    def failure(self) -> str:
        """Why the flood could not be played; empty if it could."""
        return self._failure

    def judgement(self) -> Judgement | None:
        """Return the judgement on the flood that is playing or was played last; None if there is none."""
        if self._conductor is None or self._failure:
            return None
        if self._conductor.is_finished:
            return self._conductor.judgement()
        self._absorb_own()
        return self.finish() if self._conductor.has_ended and not self._asked else self._conductor.judgement()

    def finish(self) -> Judgement | None:
        """Judge the flood for good, write what was asked for, and return the judgement."""
        conductor = self._conductor
        if conductor is None or self._failure:
            return None
        with self._finishing:
            if not conductor.is_finished:
                self._progress.end()
                judgement = conductor.finish()
                self._claim.release()
                try:
                    write(judgement, self._frozen)
                except NotWritten as error:
                    self._fail(str(error))
                    return None
        return conductor.judgement()

    def quit(self) -> None:
        """Judge what there is, and set the process's exit code."""
        self._runner.quit()
        self._absorb_own()
        judgement = self.finish()
        if judgement is None and not self._failure and self._form.headless:
            self._fail("stopped before it began")
        if self._failure:
            self._environment.process_exit_code = State.FAILED.value
        elif judgement is not None:
            self._environment.process_exit_code = judgement.verdict.state.value

    def _processes(self) -> list[str]:
        return [node.id for node in self._runner.clients.ready] if self._is_master else [_LOCAL]

    @property
    def _is_master(self) -> bool:
        return isinstance(self._runner, MasterRunner)

    def _begin(self, **_: Any) -> None:
        try:
            prove(self._frozen)
            conductor = self._conductor = Conductor(self._job, self._versions, self._processes(), log.warning)
            self._claim.take(conductor.target)
            conductor.prepare()
            if self._follower is not None:
                self._follower.flood = lambda _: conductor.flood()
            conductor.hand_out_jobs(self._runner)
            if self._follower is None:
                conductor.count_flood()
        except (AntirelouError, ValueError) as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")
            raise

    def _look(self, conductor: Conductor) -> None:
        self._absorb_own()
        if self._is_master:
            present = (node.id for node in self._runner.clients.values() if node.state != STATE_MISSING)
            for process in conductor.missing(present):
                self._lose(conductor, process, f"the generator {process} is gone")
        conductor.look(self._runner, self._form.run_time)
        if self._form.headless and not conductor.has_ended:
            lasts_s = conductor.lasts_us / _US
            self._progress.show(line(conductor.tally, conductor.arrivals, conductor.elapsed_s, lasts_s))

    def _absorb_own(self) -> None:
        piece = None if self._follower is None else self._follower.take()
        if piece is not None and self._conductor is not None and not self._conductor.is_finished:
            self._conductor.absorb(_LOCAL, piece)

    def _absorb(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        token, tally, ended = data.get(PIECE) or ("", {}, False)
        if self._conductor is not None and self._conductor.token == token:
            self._conductor.absorb(client_id, Piece(Tally.from_dict(tally), ended))

    def _hear_ready(self, msg: Message, **_: Any) -> None:
        if self._conductor is not None:
            waits_with, connections, asked = msg.data
            if waits_with != "epoll":
                log.warning("the engine waits with %s", waits_with)
            if connections < asked:
                text = "%s opens %d connections at most, not %d: more files may not be open (ulimit -n)"
                log.warning(text, msg.node_id, connections, asked)
            self._conductor.ready(msg.node_id, self._runner)

    def _hear_time(self, msg: Message, **_: Any) -> None:
        if self._conductor is not None:
            self._conductor.hear_time(msg.node_id, msg.data, self._runner)

    def _hear_failed(self, msg: Message, **_: Any) -> None:
        if self._conductor is None:
            self._fail(msg.data)
        else:
            self._lose(self._conductor, msg.node_id, msg.data)

    def _lose(self, conductor: Conductor, process: str, why: str) -> None:
        if conductor.has_begun:
            conductor.lose(process, why, self._runner)
        else:
            self._fail(why)

    def _fail(self, why: str) -> None:
        self._failure = why
        self._claim.release()
        self._progress.end()
        if self._form.headless:
            sys.stderr.write(f"flood: {why}\n")
        else:
            log.error("the flood cannot be played: %s", why)

    def _over(self) -> None:
        self._asked = 0

    def _rest(self, **_: Any) -> None:
        """Locust has stopped the users, perhaps before the end; what they saw last is still on its way."""
        self._over()
        gevent.spawn_later(_LAST_REPORTS_S, self._finish_stopped, self._conductor)

    def _finish_stopped(self, conductor: Conductor | None) -> None:
        if conductor is self._conductor and not self._asked:
            self._absorb_own()
            self.finish()
