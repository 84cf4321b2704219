"""Decides what a Locust process does: it leads, it plays, or, as the only process, both.

One user plays the whole part of its process (:mod:`loadtest.engine.engine`), so the number of users says nothing about the number
of senders; the shape asks Locust for one user per process, and ends the run when the flood has ended.
"""

import logging
import os
import signal
import sys
from typing import Any

import gevent
import psutil  # type: ignore[import-untyped]  # comes with Locust
from locust import LoadTestShape, User, events, runners, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from locust.web import WebUI

from edge.errors import AntirelouError
from loadtest.judge.verdict import State
from loadtest.report.output import prove
from loadtest.run.follower import Follower
from loadtest.run.leader import Leader
from loadtest.run.livepage import Guard, LivePage, mount
from loadtest.run.locustreport import append_to_locusts_report
from loadtest.run.options import add_to, job_of, refuse_what_does_nothing
from loadtest.worker.child import STOPS, tie

log = logging.getLogger("flood")
_REPORT_EVERY_S = 1.0
"""Locust's own three seconds are long for a flood of some seconds."""
_DAY_S = 86_400
_HEARTBEAT_S = 15
"""A generator that has not heard of its leader for so long ends."""
_WATCH_S = 0.25


class Roles:
    """The parts that this process has; they are made when Locust has decided what it is."""

    follower: Follower | None = None
    leader: Leader | None = None
    loaded_by = 0
    """The process that has read the locustfile: its forks end with it."""


class Flood(User):
    """Plays this process's part."""

    @task
    def play(self) -> None:
        """Play it, and stay until Locust ends the run."""
        if Roles.follower is not None:
            Roles.follower.play()
        gevent.sleep(_DAY_S)


class OneUserPerProcess(LoadTestShape):
    """Keeps one user in every process until the flood has ended."""

    use_common_options = True
    """`--run-time` counts: the leader looks at it."""

    def tick(self) -> tuple[int, float] | None:
        """Ask the leader."""
        return None if Roles.leader is None else Roles.leader.tick()


def add_options(parser: Any, **_: Any) -> None:
    """Add the flood's own options; Locust wants the argument to be called like this."""
    add_to(parser)


def take_a_role(environment: Environment, runner: Any, web_ui: WebUI | None, **_: Any) -> None:
    """Decide who this process is; a command line that asks for nonsense ends here."""
    options: Any = environment.parsed_options
    runners.WORKER_REPORT_INTERVAL = _REPORT_EVERY_S
    runners.MASTER_HEARTBEAT_TIMEOUT = _HEARTBEAT_S
    if not isinstance(runner, MasterRunner):
        Roles.follower = Follower(environment, runner)
    if isinstance(runner, WorkerRunner):
        environment.process_exit_code = State.KEPT.value  # what failed is the leader's to judge
        if os.getpid() != Roles.loaded_by:
            gevent.spawn(_end_with, Roles.loaded_by)
        return
    try:
        refuse_what_does_nothing(options)
        prove(options)
        job = job_of(options, options)
        target = job.check()
    except (AntirelouError, ValueError) as error:
        sys.stderr.write(f"flood: {error}\n")
        for process in psutil.Process().children():  # Locust's own forks, which would look for their master for minutes
            process.terminate()
        sys.exit(State.FAILED.value)
    environment.host = target.url
    Roles.leader = Leader(environment, runner, job, Roles.follower)
    _lead(environment, Roles.leader, runner, web_ui)


def _end_with(leader: int) -> None:
    """End this process when the one that has forked it is gone, whatever ended that and whatever the system."""
    while os.getppid() == leader:
        gevent.sleep(_WATCH_S)
    os._exit(State.INCONCLUSIVE.value)


def _lead(environment: Environment, leader: Leader, runner: Any, web_ui: WebUI | None) -> None:
    options: Any = environment.parsed_options
    append_to_locusts_report(leader.judgement)
    vars(environment.shape_class)["use_common_options"] = False  # the form has nothing to ask about users
    if options.headless:
        for number in STOPS:  # Locust's own come only after a headless shape has ended
            gevent.signal_handler(number, _stop, environment, leader, runner)
    if web_ui is not None:
        base = options.web_base_path
        guard = Guard(f"{base}/swarm", environment.host or "", leader.check)
        mount(web_ui, base, guard, LivePage(leader.judgement, lambda: leader.is_playing, lambda: leader.failure))
        log.info("the flood is shown live at http://%s:%s%s/flood", options.web_host, options.web_port, base)


def _stop(environment: Environment, leader: Leader, runner: Any) -> None:
    """End a flood, or what would have become one: Locust would wait for ever for processes that were told to end."""
    has_begun = runner.shape_greenlet is not None
    runner.quit()
    if not has_begun:
        leader.quit()
        sys.exit(environment.process_exit_code)


def judge(**_: Any) -> None:
    """Judge last of all: Locust fires this in reverse, and so before it the runner's own listener gets the last reports."""
    if Roles.leader is not None:
        Roles.leader.quit()


def listen() -> None:
    """Have Locust call the functions above."""
    Roles.loaded_by = os.getpid()
    os.register_at_fork(after_in_child=tie(Roles.loaded_by, signal.SIGKILL))
    hooks: Any = events
    hooks.init_command_line_parser.add_listener(add_options)
    hooks.init.add_listener(take_a_role)
    hooks.quitting.add_listener(judge)
