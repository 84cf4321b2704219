"""Granian, started from the static file: workers as processes, a drain on SIGTERM, a reload on SIGHUP.

The file is read once (:mod:`edge.setup`) and handed to the workers as it was: a worker that is started anew after a crash
gets what the others run on, whatever the file says meanwhile. A broken file is refused at reload, and nothing changes.
A worker does not outlive its server: nobody would drain, reload or replace it.
"""

import logging
import os
import signal
from functools import partial
from pathlib import Path

from granian.server.mp import MPServer

from edge import __version__, terms
from edge.errors import AntirelouError
from edge.setup import Setup, read_setup
from edge.web.app import App
from edge.web.listening import DRAIN_S, allow_files, clear_socket, options, socket_path
from edge.wiring import application

log = logging.getLogger("antirelou")


def end_with(server: int) -> None:
    """Drain this worker, once, if the server that started it is gone; kill it, as the server would, if that takes too long."""
    if os.getppid() != server and not signal.getitimer(signal.ITIMER_REAL)[0]:
        log.warning("the server is gone: its worker ends")
        signal.alarm(DRAIN_S)
        signal.raise_signal(signal.SIGTERM)


class Loader:
    """Makes the application inside a worker; replacing `setup` is what a reload does."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._server = os.getpid()

    def __call__(self) -> App:
        """Return the application."""
        return application(self.setup, partial(end_with, self._server))


class Server(MPServer):
    """Granian, with a reload that refuses a broken file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loader = Loader(read_setup(path))
        config = self._loader.setup.config
        listening = socket_path(config.server, path.parent)
        if listening is not None:
            clear_socket(listening)
        allow_files()
        super().__init__("antirelou", **options(config, path.parent))

    @property
    def banner(self) -> str:
        """What is served where, for the operator's first look."""
        config = self._loader.setup.config
        return (
            f"antirelou {__version__} answers for {config.number.phone} at {config.server.bind}, path "
            f"{terms.webhook_path(config)} (ledger {config.ledger.url}); Ctrl-C ends it"
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        # A worker told to end before it listens for signals would take that for the server's affair, and be killed late.
        os.register_at_fork(after_in_child=partial(signal.signal, signal.SIGTERM, signal.SIG_DFL))
        self.serve(target_loader=self._loader, wrap_loader=False)

    def signal_handler_reload(self, *args: object, **kwargs: object) -> None:
        """Reload the file if it holds; otherwise say why it does not."""
        try:
            setup = read_setup(self._path)
        except AntirelouError as error:
            log.error("not reloaded, nothing changed: %s", error)  # noqa: TRY400 — the operator's mistake has no traceback
            return
        base = self._path.parent
        if options(setup.config, base) != options(self._loader.setup.config, base):
            log.warning(
                "server: bind and workers change at the next start, not at a reload; so do the paths of certificates"
            )
        self._loader.setup = setup
        log.warning("reloading %s", self._path)
        super().signal_handler_reload(*args, **kwargs)  # type: ignore[no-untyped-call]  # Granian has no types here
