"""The end of a worker that was told to end: requests that have begun are answered, and who has not begun one is cut off.

Granian then accepts nobody, closes the connections that are idle, and waits for the others as long as it is let: for half a
request head, too, and for an answer that nobody fetches. Which of them has begun a request does not show from outside, so all
that are left are cut off as soon as no request is being answered, nor has been for a moment.
"""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

QUIET_S = 0.5
"""That moment: until then a head that was on its way has come, and an answer has left."""
BODIES_S = 5.0
"""The longest that a body may still take; with the moment less than `listening.DRAIN_S`, after which a worker is killed."""
START_S = 0.05
"""After that the loop's first run is over, even if the end was told before."""
_FILES = Path("/dev/fd")
"""The open files of whoever looks."""
_T = TypeVar("_T")
Serve = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]
"""An ASGI application, as far as coroutines serve its requests."""


class Ending:
    """The end of one worker, and what it has to wait for."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._waiting = 0
        self._answered_s = 0.0

    async def after(self, answering: Awaitable[_T]) -> _T:
        """Await part of a request, so that the end comes after it."""
        self._waiting += 1
        try:
            return await answering
        finally:
            self._waiting -= 1
            self._answered_s = asyncio.get_running_loop().time()

    def after_all(self, app: ASGIApp) -> Serve:
        """Return an application, of whose requests each is awaited like that."""
        return lambda scope, receive, send: self.after(app(scope, receive, send))

    def listen(self) -> None:
        """Hear SIGTERM from now on, in place of Granian. SIGINT is the server's, which gets it as well, and says SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(self._told.set))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(
            signal.SIG_UNBLOCK, {signal.SIGTERM}
        )  # what came since the worker began (edge/serving/worker.py)

    async def told(self) -> None:
        """Return when this worker is told to end, and Granian has heard it.

        Granian would hear it by itself. But uvloop forgets a signal that comes between two of its runs, of which the first ends
        with the start, and Granian stops for good at a third one, in the middle of all answers. So it hears of one, by SIGINT.
        """
        await self._told.wait()
        await asyncio.sleep(START_S)
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.raise_signal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def quiet(self, is_busy: Callable[[], bool]) -> None:
        """Return when nothing is awaited, nor has been for a moment, which begins now at the earliest."""
        loop = asyncio.get_running_loop()
        self._answered_s = loop.time()
        while (pause_s := self._answered_s + QUIET_S - loop.time()) > 0:
            await asyncio.sleep(pause_s)
            if self._waiting or is_busy():
                self._answered_s = loop.time()


def cut_off(is_client: Callable[[socket.socket], bool]) -> None:
    """Shut the connections of all clients."""
    for number in [int(file.name) for file in _FILES.iterdir()]:
        with suppress(OSError):  # it has been closed meanwhile, or is connected to nobody
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as connection:
                    connection.getpeername()
                    if is_client(connection):
                        connection.shutdown(socket.SHUT_RDWR)
