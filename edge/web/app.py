"""The worker as an ASGI application: the only module that awaits on the request path.

capped body -> desk -> (ledger) -> prepared answer. The webhook meets no router, no middleware and no Request object.

A body has a deadline beside its size. Most are there at once, so nothing is timed: what is awaited stands in a table, and a
sweep once a second ends what has stood there too long (a timer for each message would cost ten times as much).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.core.answer import Answer
from edge.core.desk import Desk
from edge.core.ledger import Ledger
from edge.core.question import OptOut, Question
from edge.core.reason import Reason
from edge.errors import AntirelouError, LedgerDown
from edge.traced import TracedDesk

TELL_S = 1.0
"""The interval at which a worker tells the ledger what it has seen, and hears what the others charged."""

BODY_S = 15.0
"""The longest that a body may take: as long as the head before it (`listening.HEADER_READ_TIMEOUT_MS`), since no provider waits longer."""
SWEEPS = 15
"""The number of sweeps in that time: a body that never ends is noticed at most one sweep too late."""

log = logging.getLogger("antirelou")


class App:
    """One worker of one number."""

    def __init__(
        self,
        *,
        desk: Desk | TracedDesk,
        open_ledger: Callable[[], Ledger],
        path: str,
        clock: Callable[[], int],
        body_s: float = BODY_S,
        watch: Callable[[], None] = lambda: None,
        record: Callable[[], None] | None = None,
    ) -> None:
        self._desk = desk
        self._open_ledger = open_ledger
        self._clock = clock
        self._ledger: Ledger | None = None
        self._sweep_s = body_s / SWEEPS
        self._watch = watch
        self._record = record
        self._sweeps = 0
        self._reading: dict[asyncio.Future[Message], int] = {}  # and at which sweep its request began
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
        """Write what was recorded, in a thread, and tell the ledger what this worker has seen. Raises LedgerDown."""
        if self._record is not None:
            await asyncio.to_thread(self._record)
        await self.ledger.tell(self._desk.tally())

    async def _webhook(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        method = scope["method"]
        told = headers.get(b"content-length")
        length = None if told is None else int(told)  # the server has checked that it is a number
        answer = self._desk.precheck(method, headers, length)
        if answer is None:
            body = await self._read(receive, length)
            if isinstance(body, Reason):
                answer = self._desk.refuse(body)
            else:
                opened = self._desk.handle(method, scope["query_string"], headers, body, self._clock())
                answer = opened if isinstance(opened, Answer) else await self._ask(opened)
        await send(answer.start)
        await send(answer.body)

    async def _read(self, receive: Receive, length: int | None) -> bytes | Reason:
        """Return the body, or why it is read no further. Who breaks off is answered all the same: the server would say 500.

        A body as long as it was said to be is whole: asking the server for its end would cost another round trip.
        """
        body = b""
        began = self._sweeps
        while True:
            coming: asyncio.Future[Message] = receive()  # type: ignore[assignment]  # Granian returns a future
            self._reading[coming] = began
            try:
                message = await coming
            except asyncio.CancelledError:
                if self._reading.pop(coming, None) is not None:
                    raise  # not by the sweep: the worker ends
                return Reason.TOO_SLOW
            self._reading.pop(coming, None)
            if message["type"] != "http.request":
                return Reason.MALFORMED
            chunk: bytes = message["body"]
            body += chunk
            if len(body) > self._desk.body_bytes_max:
                return Reason.TOO_LARGE
            if len(body) == length or not message["more_body"]:
                return body

    async def _ask(self, question: Question | OptOut) -> Answer:
        try:
            if isinstance(question, OptOut):
                answer = self._desk.finish_opt_out(question, known=await self.ledger.opt_out(question.key))
            else:
                answer = self._desk.finish(question, await self.ledger.admit(question.charge))
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
        chores = [asyncio.create_task(self._tell_forever()), asyncio.create_task(self._sweep_forever())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for chore in chores:
            chore.cancel()
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

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            self._watch()
            self._sweep()

    def _sweep(self) -> None:
        """Give up what has been read for too long; the body that is waited for sees that it is gone from the table."""
        self._sweeps += 1
        for coming in [coming for coming, began in self._reading.items() if self._sweeps - began > SWEEPS]:
            del self._reading[coming]
            coming.cancel()

    def _notice(self, error: LedgerDown | None) -> None:
        """Log when the ledger goes and when it comes back, not every message in between."""
        if error is not None and not self._down:
            log.warning("ledger_down: %s; silent until it is back", error)
        if error is None and self._down:
            log.warning("the ledger is back")
        self._down = error is not None
