"""The worker as an ASGI application: the only module that awaits on the request path.

capped body -> desk -> (ledger) -> prepared answer. The webhook meets no router, no middleware and no Request object.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from edge.desk import Desk
from edge.errors import AntirelouError, LedgerDown
from edge.gate import Ask, OptOut
from edge.ledger.contract import Ledger
from edge.replies import Answer
from edge.verdict import Reason

TELL_S = 1.0
"""How often a worker tells the ledger what it has seen, and hears what the others charged."""

log = logging.getLogger("antirelou")


class App:
    """One worker of one number."""

    def __init__(self, *, desk: Desk, open_ledger: Callable[[], Ledger], path: str, clock: Callable[[], int]) -> None:
        self._desk = desk
        self._open_ledger = open_ledger
        self._clock = clock
        self._ledger: Ledger | None = None
        self._down = False
        # A dict compares keyed hashes before it compares strings: how much of a secret path was right does not show.
        self._routes: dict[str, ASGIApp] = {path: self._webhook}

    def mount(self, paths: tuple[str, ...], pages: ASGIApp) -> None:
        """Serve other pages beside the webhook."""
        self._routes = dict.fromkeys(paths, pages) | self._routes

    @property
    def ledger(self) -> Ledger:
        """The open ledger. Raises LedgerDown before the start and after the end."""
        if self._ledger is None:
            raise LedgerDown("not open")
        return self._ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        if scope["type"] == "http":
            await self._routes.get(scope["path"], self._not_found)(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def tell(self) -> None:
        """Tell the ledger what this worker has seen. Raises LedgerDown."""
        await self.ledger.tell(self._desk.tally())

    async def _webhook(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        method = scope["method"]
        told = headers.get(b"content-length")
        length = None if told is None else int(told)  # the server has checked that it is a number
        answer = self._desk.greet(method, headers, length)
        if answer is None:
            body = await self._read(receive, length)
            if body is None:
                return
            if len(body) > self._desk.body_bytes_max:
                answer = self._desk.refuse(Reason.TOO_LARGE)
            else:
                opened = self._desk.open(method, scope["query_string"], headers, body, self._clock())
                answer = opened if isinstance(opened, Answer) else await self._ask(opened)
        await send(answer.start)
        await send(answer.body)

    async def _read(self, receive: Receive, length: int | None) -> bytes | None:
        """Return the body, or as much of it as shows that it is too large, or None if the client has gone.

        A body as long as it was said to be is whole: asking the server for its end would cost another round trip.
        """
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            chunk: bytes = message["body"]
            body += chunk
            if len(body) == length or not message["more_body"] or len(body) > self._desk.body_bytes_max:
                return body

    async def _ask(self, question: Ask | OptOut) -> Answer:
        try:
            if isinstance(question, OptOut):
                answer = self._desk.close_opt_out(question, known=await self.ledger.opt_out(question.key))
            else:
                answer = self._desk.close(question, await self.ledger.admit(question.charge))
        except LedgerDown as error:
            self._notice(error)
            return self._desk.abandon(question)
        self._notice(None)
        return answer

    async def _not_found(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        answer = self._desk.refuse(Reason.NOT_FOUND)
        await send(answer.start)
        await send(answer.body)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._ledger = self._open_ledger()
        except AntirelouError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        telling = asyncio.create_task(self._tell_forever())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        telling.cancel()
        with contextlib.suppress(LedgerDown):
            await self.tell()
        await self.ledger.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tell_forever(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            try:
                await self.tell()
            except LedgerDown as error:
                self._notice(error)
            else:
                self._notice(None)

    def _notice(self, error: LedgerDown | None) -> None:
        """Log when the ledger goes and when it comes back, not every message in between."""
        if error is not None and not self._down:
            log.warning("ledger_down: %s; silent until it is back", error)
        if error is None and self._down:
            log.warning("the ledger is back")
        self._down = error is not None
