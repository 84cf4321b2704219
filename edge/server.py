"""Granian, started from the static file: workers as processes, a drain on SIGTERM, a reload on SIGHUP.

The file is read and checked here, once, and handed to the workers as it was: a worker that is started anew after a crash
gets what the others run on, whatever the file says meanwhile. A broken file is refused at reload, and nothing changes.
A worker does not outlive its server: nobody would drain, reload or replace it.
"""

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from granian.server.mp import MPServer

from edge import __version__, wiring
from edge.check import examine
from edge.config import Config
from edge.configfile import load
from edge.core.charge import Totals
from edge.core.origin import Origin
from edge.core.status import status_of
from edge.errors import AntirelouError, ConfigError
from edge.ledger.opening import Place, open_ledger, prepare, warnings
from edge.trace import check_folder
from edge.traced import kinds
from edge.web import publicpage
from edge.web.app import App
from edge.web.health import PATHS, pages
from edge.web.listening import DRAIN_S, allow_files, check_tls, clear_socket, options, socket_path
from edge.wiring import Setup

log = logging.getLogger("antirelou")


def clock() -> int:
    """Return the wall clock in milliseconds: states outlive the process, so they need an epoch."""
    return time.time_ns() // 1_000_000


def read_setup(path: Path, environ: Mapping[str, str] = os.environ) -> Setup:
    """Read and check the static file, its secrets and its ledger. Raises ConfigError or LedgerError."""
    config = load(path)
    base = path.parent
    errors = examine(config, clock()).errors
    if errors:
        raise ConfigError(f"{path}: {errors[0]}")
    try:
        secrets, origin_secrets, status_key = wiring.secrets_of(config, base, environ)
        wiring.provider_of(config, secrets)
        check_tls(config.server, base)
        if config.server.trace is not None:
            check_folder(base / config.server.trace)
        place = wiring.place_of(config, base, environ)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    hash_key = prepare(place)
    spent_micros, risks = asyncio.run(_look(config, place))
    budget = wiring.budget_of(config, spent_micros, clock())
    for risk in risks:
        log.warning("ledger: %s", risk)
    return Setup(config, place, secrets, origin_secrets, status_key, hash_key, budget, risks)


def application(setup: Setup, watch: Callable[[], None] = lambda: None) -> App:
    """Return one worker as an ASGI application."""
    config = setup.config
    gate = wiring.gate_of(setup)
    new_desk, new_app = kinds(wiring.trace_of(setup, clock))
    app = new_app(
        desk=wiring.desk_of(setup, gate, new_desk),
        open_ledger=lambda: open_ledger(
            setup.place, wiring.rules_of(config), clock, lambda message_ids: gate.hear(message_ids, clock())
        ),
        path=wiring.webhook_path(config),
        clock=clock,
        watch=watch,
    )

    async def totals() -> Totals:
        return await app.ledger.totals()

    async def status() -> dict[str, Any]:
        await app.tell()
        return status_of(await totals(), setup.budget, config.price.currency, clock())

    app.mount(PATHS, pages(status, totals, setup.status_key, setup.ledger_warnings))
    if config.server.counter:
        currency = config.price.currency if config.server.counter_money else None
        public = publicpage.Counter(totals, clock, currency)
        app.mount(publicpage.PATHS, publicpage.site(public, Origin(setup.origin_secrets)))
    gc.collect()
    gc.freeze()
    return app


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
            f"{wiring.webhook_path(config)} (ledger {config.ledger.url}); Ctrl-C ends it"
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


async def read_status(path: Path) -> dict[str, Any]:
    """Return what `/status.json` shows, read from the ledger itself: it works while no worker runs."""
    config = load(path)
    place = wiring.place_of(config, path.parent)
    prepare(place)
    totals = await _totals(config, place)
    budget = wiring.budget_of(config, totals.spent_micros, clock())
    return status_of(totals, budget, config.price.currency, clock())


async def _look(config: Config, place: Place) -> tuple[int, list[str]]:
    """Return what is spent, where the pace follows from it, and what can make the ledger forget."""
    spent_micros = (await _totals(config, place)).spent_micros if config.budget.lasts_until else 0
    return spent_micros, await warnings(place)


async def _totals(config: Config, place: Place) -> Totals:
    ledger = open_ledger(place, wiring.rules_of(config), clock, lambda _: None)
    try:
        return await ledger.totals()
    finally:
        await ledger.close()
