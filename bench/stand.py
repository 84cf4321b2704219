"""One worker in this process, without a server: calls go straight into its ASGI application, and the clock is ours.

A refusal never waits for anything, so its coroutine runs to its end at the first step: no event loop turns while it is
measured, and nothing but the worker's own code is in the figure.
"""

import asyncio
import gc
from collections.abc import Coroutine, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.types import Message as Event
from starlette.types import Scope

from bench import number
from edge import wiring
from edge.core.answering.desk import Desk
from edge.ledger.opening import open_ledger
from edge.meaning import terms
from edge.setup import read_setup
from edge.web.app import App

START_MS = 1_800_000_000_000


class Call(msgspec.Struct, frozen=True):
    """One request as an ASGI server hands it over."""

    scope: Scope
    body: Event

    @classmethod
    def of(cls, raw: bytes) -> "Call":
        """Take apart a whole HTTP request."""
        head, _, body = raw.partition(b"\r\n\r\n")
        request_line, *lines = head.split(b"\r\n")
        method, path, _ = request_line.decode("latin-1").split(" ")
        headers = [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in lines)]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 40_000),
            "scheme": "http",
            "method": method,
            "root_path": "",
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": b"",
            "headers": headers,
            "state": {},
        }
        return cls(scope, {"type": "http.request", "body": body, "more_body": False})


class Stand:
    """A started worker."""

    def __init__(self, app: App, desk: Desk, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self.desk = desk
        self.loop = loop
        self.now_ms = START_MS
        self._sent: list[Event] = []
        self._body: Event = {}

    def ask(self, call: Call) -> None:
        """Have a request answered that needs no waiting. Raises RuntimeError if it does."""
        self._body = call.body
        run(self.app(call.scope, self._receive, self._send))

    def answer(self, call: Call) -> bytes:
        """Have a request answered, whatever it waits for, and return the body of the answer."""
        self._body = call.body
        self._sent.clear()
        self.loop.run_until_complete(self.app(call.scope, self._receive, self._keep))
        return bytes(self._sent[-1]["body"])

    def ask_all(self, calls: Iterable[Call]) -> None:
        """Have requests answered one after the other, whatever they wait for, while the worker's event loop runs."""
        self.loop.run_until_complete(self._ask_all(calls))

    async def _ask_all(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._body = call.body
            await self.app(call.scope, self._receive, self._send)

    async def _receive(self) -> Event:
        return self._body

    async def _send(self, event: Event) -> None:
        pass

    async def _keep(self, event: Event) -> None:
        self._sent.append(event)


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the call waits for something, so it cannot be measured like this")


@contextmanager
def stand(directory: Path, text: str, *, frozen: bool = False) -> Generator[Stand]:
    """Start a worker of that static file in an empty folder; `frozen` keeps the collector away from what stands, as serving does."""
    path = directory / "edge.toml"
    path.write_text(text, encoding="utf-8")
    setup = read_setup(path, {number.SECRET_ENV: number.SECRET})
    gate = wiring.gate_of(setup)
    loop = asyncio.new_event_loop()
    desk = wiring.desk_of(setup, gate)
    app = App(
        desks={terms.webhook_path(setup.config): desk},
        open_ledger=lambda: open_ledger(
            setup.place, terms.rules_of(setup.config), lambda: here.now_ms, lambda ids: gate.hear(ids, here.now_ms)
        ),
        clock=lambda: here.now_ms,
    )
    here = Stand(app, desk, loop)
    started, ending = loop.create_future(), loop.create_future()
    lifespan = loop.create_task(_live(app, started, ending))
    loop.run_until_complete(started)
    try:
        if frozen:
            gc.collect()
            gc.freeze()
        yield here
    finally:
        gc.unfreeze()
        ending.set_result(None)
        loop.run_until_complete(lifespan)
        loop.close()


async def _live(app: App, started: "asyncio.Future[None]", ending: "asyncio.Future[None]") -> None:
    async def receive() -> Event:
        if started.done():
            await ending
            return {"type": "lifespan.shutdown"}
        return {"type": "lifespan.startup"}

    async def send(event: Event) -> None:
        if event["type"] == "lifespan.startup.complete":
            started.set_result(None)
        elif event["type"] == "lifespan.startup.failed":
            started.set_exception(RuntimeError(event["message"]))

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
