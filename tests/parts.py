"""The worker's own parts, put together in this process: for tests that drive the application by hand."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge import wiring
from edge.configfile import parse
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.opening import Place
from edge.meaning import terms
from edge.setup import Setup
from edge.web.app import App
from tests.worker import PHONE, SECRET, config, request

NOW_MS = 1_800_000_000_000
HASH_KEY = b"k" * 32


class Clock:
    """A clock that only moves when told to."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        """Return the instant."""
        return self.now_ms


def setup_of(text: str | None = None, **secrets: Any) -> Setup:
    """Return a setup on a ledger in memory."""
    parsed = parse(text or config())
    return Setup(
        config=parsed,
        place=Place("memory:", Path(), PHONE),
        secrets=[secrets.get("secrets", [SECRET])] * len(parsed.numbers),
        apis=[None] * len(parsed.numbers),
        origin_secrets=secrets.get("origin_secrets", []),
        status_key=secrets.get("status_key"),
        hash_key=HASH_KEY,
        purse=terms.purse_of(parsed, 0, NOW_MS),
    )


def app_of(
    setup: Setup,
    clock: Clock,
    books: MemoryBooks | None = None,
    open_ledger: Any = None,
    around: Callable[[Any], Any] = lambda desk: desk,
    **options: Any,
) -> App:
    """Return an application; several may share books, as workers share a file. `around` may stand around each desk."""
    gates = wiring.gates_of(setup)
    rules = terms.rules_of(setup.config)
    desks = zip(terms.webhook_paths(setup.config), map(around, wiring.desks_of(setup, gates)), strict=True)
    return App(
        desks=dict(desks),
        open_ledger=open_ledger
        or (lambda: MemoryLedger(rules, clock, lambda ids: gates[0].hear(ids, clock()), books or MemoryBooks())),
        clock=clock,
        **options,
    )


class Response:
    """A response, as an application sent it."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.messages = messages

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The headers by name."""
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(message.get("body", b"") for message in self.messages[1:])


async def call(
    app: Any,
    *chunks: bytes,
    method: str = "POST",
    path: str = "/sms",
    query: bytes = b"",
    headers: dict[str, str] | None = None,
    end: dict[str, Any] | None = None,
    told: bool = True,
    host: str = "127.0.0.1",
) -> Response:
    """Call an application with a body in pieces; `told` says whether its length is announced."""
    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    if told and method == "POST":
        given.append((b"content-length", b"%d" % sum(map(len, chunks))))
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": given,
        "client": (host, 1),
    }
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append(end or {"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return Response(sent)


class Pipe:
    """A body that comes as the server hands it over, in futures: a piece every second, then nothing more, or the same for ever."""

    def __init__(self, *pieces: bytes, endless: bool = False) -> None:
        self.asked = asyncio.Event()
        self.coming: asyncio.Future[dict[str, Any]]
        """What was asked for last."""
        self._pieces = list(pieces)
        self._endless = endless

    def __call__(self) -> asyncio.Future[dict[str, Any]]:
        """Return the future of the next piece."""
        loop = asyncio.get_running_loop()
        self.coming = loop.create_future()
        self.asked.set()
        if self._pieces:
            piece = self._pieces[0] if self._endless else self._pieces.pop(0)
            loop.call_later(1, _hand_over, self.coming, {"type": "http.request", "body": piece, "more_body": True})
        return self.coming


def _hand_over(coming: asyncio.Future[dict[str, Any]], message: dict[str, Any]) -> None:
    if not coming.done():
        coming.set_result(message)


async def call_slowly(app: Any, pipe: Pipe, *, length: int | None, headers: dict[str, str] | None = None) -> Response:
    """Call an application with a body that comes as it comes."""
    told = {} if length is None else {"Content-Length": str(length)}
    given = [(name.lower().encode(), value.encode()) for name, value in {**(headers or {}), **told}.items()]
    scope = {"type": "http", "method": "POST", "path": "/sms", "query_string": b"", "headers": given}
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, pipe, send)
    return Response(sent)


async def deliver(app: App, from_: str, text: str, message_id: str, **options: Any) -> Response:
    """Deliver one message as the provider would."""
    headers, body = request(from_, text, message_id)
    return await call(app, body, headers={**headers, **options.pop("headers", {})}, **options)


@asynccontextmanager
async def running(app: App) -> Any:
    """Run an application's lifespan around a block; yields what it sent, its start first."""
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[dict[str, Any]] = []
    started = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        started.set()

    lifespan = asyncio.create_task(app({"type": "lifespan"}, to_app.get, send))
    to_app.put_nowait({"type": "lifespan.startup"})
    await started.wait()
    try:
        yield sent
    finally:
        to_app.put_nowait({"type": "lifespan.shutdown"})
        await lifespan


def play(scene: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine function to its end."""
    return asyncio.run(scene())  # type: ignore[arg-type]


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that begins at zero and waits for nothing: when all of it sleeps, its clock leaps to who wakes first."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.timers = 0
        """How many were made."""
        super().__init__(_Leaper(self))

    def time(self) -> float:
        """Return the instant."""
        return self.now_s

    def call_at(self, when: float, *args: Any, **options: Any) -> asyncio.TimerHandle:
        """Make a timer."""
        self.timers += 1
        return super().call_at(when, *args, **options)


class _Leaper(selectors.SelectSelector):
    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self._loop.now_s += timeout or 0
        return super().select(0 if timeout else timeout)


def play_in_leaps(scene: Callable[[LeapingLoop], Awaitable[Any]]) -> Any:
    """Run a coroutine function to its end, on a loop that waits for nothing."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(scene(runner.get_loop()))  # type: ignore[arg-type]
