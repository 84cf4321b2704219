"""Granian, started from the static file: workers as processes, a drain on SIGTERM, a reload on SIGHUP.

The file is read once (:mod:`edge.setup`) and handed to the workers as it was: a worker that is started anew after a crash
gets what the others run on, whatever the file says meanwhile. A broken file is refused at reload, and nothing changes.
A worker does not outlive its server: nobody would drain, reload or replace it.
"""

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from granian.server.mp import MPServer

from edge import __version__
from edge.config import Server as ServerTable
from edge.errors import AntirelouError
from edge.ledger.opening import others_said
from edge.serving.bell import Bell
from edge.serving.differences import differences
from edge.serving.respawn import Respawn
from edge.serving.worker import Loader, holding_back_signals, leave_signals_to_server
from edge.setup import detached_said, read_anew, read_setup
from edge.state.bulletin import Bulletin
from edge.system import logs, scheduling
from edge.system.alone import alone_in
from edge.web.listening import BACKLOG, DRAIN_S, allow_files, clear_socket, make_way, options, socket_mark

log = logging.getLogger("antirelou")

NOT_OURS = (signal.SIGUSR1, signal.SIGUSR2)
"""What other servers open their logs anew for, or take a new program; by default it would end this one (docs/decisions/what-a-machine-may-lack.md)."""


def end(worker: Any, seconds: float) -> None:
    """Wait for a worker that was told to end, and kill it if it takes longer.

    Whether it is there is seen by what only its process holds open: Granian asks for its exit code, which another thread may
    just be taking, and would say of a worker that has ended that it was killed.
    """
    if not wait([worker.inner.sentinel], max(0.0, seconds)):
        log.warning("worker %d did not end in %d s, and is killed", worker.idx + 1, DRAIN_S)
        worker.kill()
    worker.join()


class Server(MPServer):
    """Granian, with a reload that refuses a broken file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._port: socket.socket | None = None
        self._loader = Loader(read_setup(path, take_address=self._take_address))
        config = self._loader.setup.config
        allow_files()
        self._respawn = Respawn()
        self._places = False
        self._died: set[int] = set()
        super().__init__("antirelou", **options(config, path.parent))
        self.main_loop_interrupt: Any = Bell()  # Granian's is an Event, which its handlers of signals set
        self._bulletin = Bulletin(self._loader.setup.state, path)
        self.on_startup(self._mark_socket)
        self.on_startup(self._bulletin.open)  # by now it hears signals
        self.on_shutdown(self._leave_other_sockets)

    def _take_address(self, server: ServerTable, base: Path) -> None:
        self._port = make_way(server, base)

    @property
    def banner(self) -> str:
        """What is served where, for the operator's first look; not the path, which may be the secret. A ledger that was begun has a line."""
        setup = self._loader.setup
        config = setup.config
        phones = ", ".join(number.phone for number in config.numbers)
        begun = ""
        if setup.ledger.is_new:
            begun = f"begun: {setup.ledger.where}, a new ledger with nothing spent{others_said(setup.place)}\n"
        return (
            f"{begun}antirelou {__version__} answers for {phones} at {config.server.bind} "
            f"(ledger {config.ledger.url}); Ctrl-C ends it"
        )

    @property
    def ledger_holds(self) -> str:
        """How far the ledger had come at the start, or at the last reload."""
        return self._loader.setup.ledger_holds

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        logs.never_wait()
        for number in NOT_OURS:
            signal.signal(number, signal.SIG_IGN)  # and so in the workers
        self.main_loop_interrupt.ring_at_signals()
        self._share_cores()
        # A forked worker told to end before it listens for signals would take that for the server's affair, and be killed late.
        os.register_at_fork(after_in_child=leave_signals_to_server)
        if self._port is not None:  # what is left of a server that was killed keeps no other from its place
            os.register_at_fork(after_in_child=self._port.close)
        self.serve(target_loader=self._loader, wrap_loader=False)
        for said in detached_said(self._loader.setup):
            log.warning("%s", said)

    def _share_cores(self) -> None:
        """Have workers work in batches, each on a core of its own if there are as many; say what the system does not allow."""
        why = scheduling.work_in_batches()
        if why:
            log.warning("scheduling: SCHED_BATCH is not to be had (%s): a message costs more of the processor", why)
        self._places = self._core_of(0) is not None
        if self._places and (why := scheduling.why_not_placed()):
            self._places = False
            log.warning("scheduling: workers cannot have a core each (%s): the system moves them about", why)

    def _core_of(self, worker: int) -> int | None:
        return scheduling.core_of(worker, self.workers, scheduling.usable_cores(), scheduling.allowed_cores())

    def _serve_loop(self, target: Any, loader: Loader) -> None:
        """Reload when asked to, and replace workers that die, until told to end."""
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(self._respawn.wait_s(time.monotonic()))
            self.main_loop_interrupt.clear()  # before it is looked what happened, so that nothing is missed
            if self.reload_signal and not self.interrupt_signal:
                self._respawn.forget()
                self._reload(target, loader)  # type: ignore[no-untyped-call]  # Granian has no types here
                if self.reload_signal:  # asked for again meanwhile, maybe before Granian cleared what it waits for
                    self.main_loop_interrupt.set()
                else:
                    self._bulletin.done()
            self._note_deaths()
            due = [] if self.interrupt_signal else self._respawn.take_due(time.monotonic())
            self._respawn_workers(due, target, loader)

    def _note_deaths(self) -> None:
        while self.interrupt_children:
            index: int = self.interrupt_children.pop()
            worker: Any = self.wrks[index]
            if not worker.is_alive():  # and was not replaced by a reload meanwhile
                pause_s = self._respawn.died(index, time.monotonic())
                when = f"in {pause_s:g} s" if pause_s else "now"
                self._died.add(index)
                log.error("worker %d died (%s); another one starts %s", index + 1, self._how(index), when)

    def _how(self, index: int) -> str:
        code: int | None = self.wrks[index].inner.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Loader, *_: object) -> Any:
        core = self._core_of(idx) if self._places else None
        return super()._spawn_worker(idx, target, callback_loader.on(core))

    def _spawn_workers(self, *args: Any) -> None:
        with holding_back_signals():
            super()._spawn_workers(*args)  # type: ignore[no-untyped-call]  # Granian has no types here

    def _respawn_workers(self, workers: Sequence[int], target: Any, loader: Loader, delay: float = 0.0) -> None:
        """Replace workers one by one: the old one goes when the new one serves, or has had `delay` seconds to get there."""
        for index in workers:
            old: Any = self.wrks[index]
            ours, theirs = multiprocessing.Pipe(duplex=False)
            with closing(ours):
                with closing(theirs), holding_back_signals():
                    new: Any = self._spawn_worker(
                        index, target, Loader(loader.setup, theirs, restarted=index in self._died)
                    )
                    new.start()
                self.wrks[index] = new
                self._died.discard(index)
                self._await_end(ours, delay)
            old.terminate()
            end(old, DRAIN_S)

    def _stop_workers(self) -> None:
        """End all workers, in the time of one."""
        workers: list[Any] = list(self.wrks)
        for worker in workers:
            worker.terminate()
        deadline = time.monotonic() + DRAIN_S
        for worker in workers:
            end(worker, deadline - time.monotonic())
        self.wrks.clear()

    def _await_end(self, pipe: Connection, seconds: float) -> None:
        """Wait until the other end of a pipe is closed, or its process is gone, or this server is told to end."""
        deadline = time.monotonic() + seconds
        while not pipe.poll(min(0.1, seconds)) and not self.interrupt_signal and time.monotonic() < deadline:
            pass

    def _init_shared_socket(self) -> None:
        """Listen on a socket as soon as it is there: one on which nobody listens is dead to the next server, which removes it."""
        if self.bind_uds is None:
            super()._init_shared_socket()  # type: ignore[no-untyped-call]  # Granian has no types here
            return
        with ExitStack() as stack:
            with suppress(OSError):  # where folders cannot be locked, two servers may start at the same moment
                stack.enter_context(alone_in(self.bind_uds.parent, tries=200))
            clear_socket(self.bind_uds)
            super()._init_shared_socket()  # type: ignore[no-untyped-call]  # as above
            descriptor: Any = self._sfd
            with socket.socket(fileno=os.dup(descriptor)) as shared:
                shared.listen(BACKLOG)

    def _mark_socket(self) -> None:
        self._socket = self.bind_uds and socket_mark(self.bind_uds)

    def _leave_other_sockets(self) -> None:
        """See that Granian does not remove the socket of a server that has started while this one was ending."""
        if self.bind_uds and socket_mark(self.bind_uds) != self._socket:
            self.bind_uds = None

    def signal_handler_reload(self, *args: object, **kwargs: object) -> None:
        """Reload the file if it holds; otherwise say why it does not."""
        try:
            setup = read_anew(self._path, self._loader.setup)
        except AntirelouError as error:
            log.error("not reloaded, nothing changed: %s", error)  # noqa: TRY400 — the operator's mistake has no traceback
            self._bulletin.refused(str(error))
            return
        base = self._path.parent
        said = differences(self._loader.setup, setup)
        later = ""
        if options(setup.config, base) != options(self._loader.setup.config, base):
            later = (
                "server: bind and workers change at the next start, not at a reload; so do the paths of certificates"
            )
            log.warning("%s", later)
        log.warning("reloading %s: %s; the ledger: %s", self._path, said, setup.ledger_holds)
        self._bulletin.begun("; ".join(filter(None, [said, later])))
        self._loader.setup = setup
        super().signal_handler_reload(*args, **kwargs)  # type: ignore[no-untyped-call]  # Granian has no types here
