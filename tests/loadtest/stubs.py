"""A small HTTP server whose answers a test decides: one thread per connection, on a free loopback port."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

from loadtest.engine.target import Target, find

SILENCE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Stub:
    """Reads requests by their Content-Length and hands each to `answer`, which sends what it likes and returns whether to go on."""

    def __init__(self, answer: Callable[[socket.socket, bytes], bool]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        """Set when a connection has ended before its request was whole."""

    @property
    def target(self) -> Target:
        """The address at which it listens."""
        return find(f"127.0.0.1:{self._listener.getsockname()[1]}")

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while (request := self._read(connection)) is not None:
                self.requests.append(request)
                if not self._answer(connection, request):
                    return

    def _read(self, connection: socket.socket) -> bytes | None:
        received, missing = b"", 1
        while missing > 0:
            more = connection.recv(65536)
            if not more:
                if received:
                    self.ended.set()
                return None
            received += more
            missing = _missing(received) if missing == 1 else missing - len(more)
        return received


def _missing(received: bytes) -> int:
    """Return how many bytes are still to come; 1 while that is not known."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return 1
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
    return length - len(body)


def silent(connection: socket.socket, _: bytes) -> bool:
    """Answer nothing, as HTTP does it."""
    connection.sendall(SILENCE)
    return True
