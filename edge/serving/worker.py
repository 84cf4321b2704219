"""A worker process, as far as it differs from its server: whose signals it takes, when it serves, and when it is alone.

Workers are forked, or from Python 3.14 on spawned: a new interpreter each, which takes its time, is given what it needs as a
pickle, and keeps no handler of a signal. Nothing here depends on which it is.
"""

import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection

from edge.setup import Setup
from edge.system import logs, scheduling
from edge.web.app import App
from edge.web.listening import DRAIN_S, clients_of
from edge.wiring import application

log = logging.getLogger("antirelou")

SERVERS_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT})
"""A lost terminal, Ctrl-C and many an init system send them to all processes; what they ask for is done by the server."""


def end_with(server: int) -> None:
    """Drain this worker, once, if the server that started it is gone; kill it, as the server would, if that takes too long."""
    if os.getppid() != server and not signal.getitimer(signal.ITIMER_REAL)[0]:
        log.warning("the server is gone: its worker ends")
        signal.alarm(DRAIN_S)
        signal.raise_signal(signal.SIGTERM)


@contextmanager
def holding_back_signals() -> Iterator[None]:
    """Start processes that are not met by the server's signals before :func:`leave_signals_to_server`."""
    if multiprocessing.get_start_method() != "fork":
        resource_tracker.ensure_running()  # it would be started with the first process, and lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SERVERS_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_server() -> None:
    """Make this process a worker's, until Granian listens for SIGTERM and SIGINT itself: nothing but SIGTERM ends it, at once."""
    for number in SERVERS_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SERVERS_SIGNALS)


class Loader:
    """Makes the application inside a worker; replacing `setup` is what a reload does.

    `starting` is closed as soon as the worker serves; `restarted` says that the one before has died. `core` is the one that it
    has to itself, if it has.
    """

    def __init__(
        self, setup: Setup, starting: Connection | None = None, *, core: int | None = None, restarted: bool = False
    ) -> None:
        self.setup = setup
        self._restarted = restarted
        self._starting = starting
        self._core = core
        self._server = os.getpid()

    def on(self, core: int | None) -> "Loader":
        """Return the same for a worker with that core to itself."""
        return Loader(self.setup, self._starting, core=core, restarted=self._restarted)

    def __call__(self) -> App:
        """Return the application."""
        leave_signals_to_server()
        # Between here and `Ending.listen` Granian's handler would take it, and uvloop, which does not run yet, lose it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        logs.never_wait()
        if self._core is not None:  # before there are other threads, which inherit it
            scheduling.stay_on(self._core)
        is_client = clients_of(self.setup.config.server, self.setup.place.base)
        return application(self.setup, self._watch, is_client, restarted=self._restarted)

    def _watch(self) -> None:
        if self._starting is not None:
            self._starting.close()
        end_with(self._server)
