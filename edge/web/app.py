"""The worker as an ASGI application: the only module that awaits on the request path.

capped body -> desk -> (ledger) -> prepared answer. The webhook meets no router, no middleware and no Request object.

A body may be so long, come in so many pieces, and take so much time. The time is that of its first wait, to the millisecond,
and costs no timer for each message: all bodies have equally long, so a table in the order of their coming is one in the order
of their deadlines, and whoever looks after it sleeps until the first of them.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from itertools import takewhile
from typing import Any, Protocol
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.core.answering.desk import Desk
from edge.core.charging.ledger import Ledger
from edge.core.charging.question import OptOut, Question
from edge.core.kept.lease import SIGNATURE
from edge.core.wire.answer import Answer
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.tracing.traced import TracedDesk
from edge.web.ending import BODIES_S, Ending, Serve, cut_off
from edge.web.faults import Faults
from edge.web.unread import closing, has_body, unread

TELL_S = 1.0
"""The interval at which a worker tells the ledger what it has seen, and hears what the others charged."""

BODY_S = 15.0
"""The longest that a body may take: as long as the head before it (`listening.HEADER_READ_TIMEOUT_MS`), since no provider waits longer."""
PIECE_BYTES = 512
"""The least that a piece of a long body holds: the smallest packet that every network carries has 536 (RFC 9293, 3.7.1)."""
PIECES_SPARE = 16
"""Pieces that may be smaller: what is left at the end of a packet, of a chunk, of a buffer on the way."""
SETTLE_TELLS = 60
"""So often a worker tells before it looks again for what others have left behind: at its first, and then about once a minute."""
DOUBTS = (f"{Reason.BAD_SIGNATURE}:", f"{Reason.NOT_FOUND}:")
"""The beginnings of the lines that say why what looks like the provider's does not verify."""
WATCH_S = 1.0
"""The interval at which a worker looks around (`watch`)."""

log = logging.getLogger("antirelou")


class Beside(Protocol):
    """What a worker does beside the messages, every so often."""

    pause_s: float

    async def look(self) -> None:
        """Do it once."""
        ...

    async def close(self) -> None:
        """End it, while the ledger is still open."""
        ...


class App:
    """One worker."""

    def __init__(
        self,
        *,
        desks: Mapping[str, Desk | TracedDesk],
        open_ledger: Callable[[], Ledger],
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
        settle: Callable[[], Awaitable[None]] | None = None,
        keep_stop: Callable[[bytes], None] = lambda _: None,
        watch: Callable[[], None] = lambda: None,
        record: Callable[[], None] | None = None,
        is_client: Callable[[socket.socket], bool] | None = None,
        beside: Beside | None = None,
        started: str | None = None,
    ) -> None:
        """Take the desk of each number by its webhook's path, and what the ledger is to be told of this start; `is_client` tells the connections to cut off at SIGTERM, where a worker is a process of its own."""
        self._desks = list(desks.values())
        self._desk = self._desks[0]
        """For what is the same at all of them: what they count, and how long a body may be."""
        self._open_ledger = open_ledger
        self._clock = clock
        self._ledger: Ledger | None = None
        self._monotonic = monotonic
        self._settle = settle
        self._keep_stop = keep_stop
        self._watch = watch
        self._record = record
        self._is_client = is_client
        self._beside = beside
        self._started = started
        self._ending = Ending()
        self._reading: dict[Receive, tuple[float, asyncio.Future[Message]]] = {}
        """By request: until when its body is waited for, and the piece that is coming. The first in the table is the oldest."""
        self._down = False
        self._doubted = False
        """Whether the ledger has to note that the log says why the provider's requests do not verify."""
        self._faults = Faults()
        # A dict compares keyed hashes before it compares strings: how much of a secret path was right does not show.
        self._routes: dict[str, Serve] = {path: partial(self._webhook, desk) for path, desk in desks.items()}
        self._nowhere: Serve = self._not_found

    def mount(self, paths: tuple[str, ...], pages: ASGIApp) -> None:
        """Serve other pages beside the webhook."""
        self._routes = dict.fromkeys(paths, unread(self._ending.after_all(pages))) | self._routes

    @property
    def ledger(self) -> Ledger:
        """The open ledger. Raises LedgerDown before the start and after the end."""
        if self._ledger is None:
            raise LedgerDown("not open")
        return self._ledger

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Return what serves one request, or the lifespan: to await it here would be a coroutine more for each."""
        if scope["type"] == "http":
            return self._routes.get(scope["path"], self._nowhere)(scope, receive, send)
        return self._lifespan(receive, send) if scope["type"] == "lifespan" else _ignore()

    async def tell(self) -> None:
        """Write what was recorded, in a thread, and tell the ledger what this worker has seen. Raises LedgerDown.

        What it says of a pause is heard with it.
        Whoever said STOP while the ledger was away is told it as well.
        """
        if self._record is not None:
            await asyncio.to_thread(self._record)
        standing = await self.ledger.tell(self._desk.tally())
        for desk in self._desks:
            desk.pause(paused=standing.paused)
            desk.paced(standing.pace)
            for request in desk.untold():
                desk.told(request, known=await self.ledger.opt_out(request.key))

    async def _webhook(self, desk: Desk | TracedDesk, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        method = scope["method"]
        told = headers.get(b"content-length")
        length = None if told is None else int(told)  # the server has checked that it is a number
        answer = desk.precheck(method, headers, length)
        is_read = answer is not None and not has_body(headers)
        if answer is None:
            body = await self._read(receive, length)
            if isinstance(body, Reason):
                answer = desk.refuse(body)
            else:
                is_read = True
                try:
                    opened = desk.handle(method, scope["query_string"], headers, body, self._clock())
                except Exception as error:  # noqa: BLE001 — whatever it is, a genuine message gets silence
                    self._faults.say(error)
                    opened = desk.refuse(Reason.FAULT)
                answer = opened if isinstance(opened, Answer) else await self._ending.after(self._ask(desk, opened))
        await send(answer.start if is_read else closing(answer.start))
        await send(answer.body)

    async def _read(self, receive: Receive, length: int | None) -> bytes | Reason:
        """Return the body, or why it is read no further. Who breaks off is answered all the same: the server would say 500.

        A body as long as it was said to be is whole: asking the server for its end would cost another round trip.
        """
        body = b""
        pieces = 0
        reading = self._reading
        until = self._monotonic() + BODY_S
        try:
            while True:
                coming: asyncio.Future[Message] = receive()  # type: ignore[assignment]  # Granian returns a future
                reading[receive] = until, coming
                message = await coming
                if message["type"] != "http.request":
                    return Reason.MALFORMED
                chunk: bytes = message["body"]
                body += chunk
                if len(body) > self._desk.body_bytes_max:
                    return Reason.TOO_LARGE
                if len(body) == length or not message["more_body"]:
                    return body
                pieces += 1
                if pieces > PIECES_SPARE + self._desk.body_bytes_max // PIECE_BYTES:
                    return Reason.TOO_LARGE
                if receive not in reading:
                    return Reason.TOO_SLOW
        except asyncio.CancelledError:
            if receive in reading:
                raise  # not given up: the worker ends
            return Reason.TOO_SLOW
        finally:
            reading.pop(receive, None)

    async def _ask(self, desk: Desk | TracedDesk, question: Question | OptOut) -> Answer:
        try:
            if isinstance(question, OptOut):
                answer = desk.finish_opt_out(question, known=await self.ledger.opt_out(question.key))
            else:
                answer = desk.finish(question, await self.ledger.admit(question.charge))
        except LedgerDown as error:
            self._notice(error)
            return self._abandon(desk, question, Reason.LEDGER_DOWN)
        except Exception as error:  # noqa: BLE001 — as above
            self._faults.say(error)
            return self._abandon(desk, question, Reason.FAULT)
        self._notice(None)
        return answer

    def _abandon(self, desk: Desk | TracedDesk, question: Question | OptOut, reason: Reason) -> Answer:
        if isinstance(question, OptOut):
            self._keep_stop(question.key)
        return desk.abandon(question, reason)

    async def _not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what came to no path of ours; now and then it is looked whether the provider has signed it for that path.

        By one of the desks: a look takes milliseconds, and the next request is looked at by the next one.
        """
        answer, headers, method = self._desk.refuse(Reason.NOT_FOUND), dict(scope["headers"]), scope["method"]
        desk = next((desk for desk in self._desks if desk.wonders(method, headers, self._clock())), None)
        body = Reason.NOT_FOUND if desk is None else await self._read(receive, None)
        if desk is not None and not isinstance(body, Reason):
            path = quote(scope["path"])
            desk.explain(method, scope["query_string"], headers, body, self._clock(), path=path)
        is_read = not isinstance(body, Reason) or not has_body(headers)
        await send(answer.start if is_read else closing(answer.start))
        await send(answer.body)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        if self._is_client is not None:
            self._ending.listen()
        self._ledger = self._open_ledger()
        chores = [
            asyncio.create_task(chore) for chore in (self._tell_forever(), self._time_forever(), self._watch_forever())
        ]
        if self._started is not None:
            chores.append(asyncio.create_task(self._note_start(self._started)))
        if self._beside is not None:
            chores.append(asyncio.create_task(self._look_forever(self._beside)))
        if self._is_client is not None:
            chores.append(asyncio.create_task(self._end(self._is_client)))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for chore in chores:
            chore.cancel()
        if self._beside is not None:
            with contextlib.suppress(Exception):
                await self._beside.close()
        with contextlib.suppress(Exception):
            await self.tell()
        with contextlib.suppress(Exception):
            await self.ledger.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tell_forever(self) -> None:
        tells = 0
        while True:
            await asyncio.sleep(TELL_S)
            try:
                try:
                    await self.tell()
                finally:  # what one desk hears with a charge the others hear with what is told: then it is said once
                    self._say_notices()
                if self._doubted:
                    await self.ledger.note(SIGNATURE)
                    self._doubted = False
                if self._settle is not None and tells % SETTLE_TELLS == 0:
                    await self._settle()
                tells += 1
            except LedgerDown as error:
                self._notice(error)
            except Exception as error:  # noqa: BLE001 — whatever it is, what is seen later has to be told as well
                self._faults.say(error)
            else:
                self._notice(None)

    def _say_notices(self) -> None:
        """Log what the desks have noticed; what several have, once."""
        for notice in dict.fromkeys(notice for desk in self._desks for notice in desk.notices()):
            log.warning("%s", notice)
            self._doubted = self._doubted or notice.startswith(DOUBTS)

    async def _note_start(self, started: str) -> None:
        """Have the ledger note that this worker was started: at once, since it may die soon, or when the ledger is there."""
        while True:
            try:
                await self.ledger.note(started)
            except LedgerDown as error:
                self._notice(error)
            except Exception as error:  # noqa: BLE001 — as above
                self._faults.say(error)
            else:
                return
            await asyncio.sleep(TELL_S)

    async def _look_forever(self, beside: Beside) -> None:
        while True:
            try:
                await beside.look()
            except Exception as error:  # noqa: BLE001 — as above
                self._faults.say(error)
            await asyncio.sleep(beside.pause_s)

    async def _watch_forever(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                self._watch()
            except Exception as error:  # noqa: BLE001 — who stops looking around outlives its server
                self._faults.say(error)

    async def _time_forever(self) -> None:
        while True:
            pause_s = self._give_up()
            await asyncio.sleep(pause_s)

    def _give_up(self, ahead_s: float = 0.0) -> float:
        """Give up each body whose deadline has come, or is near; return the seconds to the next one, of a body to come at least."""
        now = self._monotonic() + ahead_s
        for receive, (_, coming) in list(takewhile(lambda reading: reading[1][0] <= now, self._reading.items())):
            del self._reading[receive]
            coming.cancel()
        until, _ = next(iter(self._reading.values()), (now + BODY_S, None))
        return until - now

    async def _end(self, is_client: Callable[[socket.socket], bool]) -> None:
        await self._ending.told()
        self._routes = {path: self._ending.after_all(app) for path, app in self._routes.items()}
        asyncio.get_running_loop().call_later(BODIES_S, self._give_up, BODY_S)
        while True:
            await self._ending.quiet(lambda: bool(self._reading))
            cut_off(is_client)

    def _notice(self, error: LedgerDown | None) -> None:
        """Log when the ledger goes and when it comes back, not every message in between."""
        if error is not None and not self._down:
            log.warning("ledger_down: %s; silent until it is back", error)
        if error is None and self._down:
            log.warning("the ledger is back")
        self._down = error is not None


async def _ignore() -> None:
    """Answer nothing: what is no request of HTTP is not served."""
