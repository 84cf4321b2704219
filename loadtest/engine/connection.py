"""One keep-alive connection: at most one request on its way, its bytes out and the bytes of its response in.

1. Nothing here waits. What the kernel does not take at once is `unsent`, to be sent when the poller says that it can be.
2. `send` rather than `sendall`: gevent's asks the kernel for its buffer size on every call, which costs a fifth of it all.
3. A slow loris holds part of its request back (`held`), and lets go of it byte by byte.
"""

import socket
from typing import Final

from loadtest.engine.response import Broken, Response, read
from loadtest.engine.schedule import Due
from loadtest.engine.target import Target

_RECEIVE_BYTES: Final = 65_536


class Lost(Exception):
    """The connection broke; nobody knows whether the request on it was read."""


class Connection:
    """A socket, and the request that it carries."""

    __slots__ = (
        "_received",
        "_socket",
        "descriptor",
        "due",
        "held",
        "is_open",
        "is_used",
        "queued_us",
        "sent_us",
        "unsent",
    )

    def __init__(self, target: Target, new_socket: type[socket.socket]) -> None:
        """Begin to connect; that it failed is told by the first send. Raises OSError if there is no socket to be had."""
        self._socket = new_socket(target.family, socket.SOCK_STREAM)
        self._socket.setblocking(False)  # noqa: FBT003  the socket's own signature
        if target.family != socket.AF_UNIX:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect_ex(target.address)
        self.descriptor = self._socket.fileno()
        self._received = b""
        self.unsent = b""
        self.held = b""
        self.due: Due | None = None
        """The arrival that it carries; None while it is free."""
        self.sent_us = self.queued_us = 0
        self.is_open = True
        self.is_used = False
        """Whether a response has come over it."""

    def send(self, payload: bytes) -> bool:
        """Send bytes, and return whether the kernel took them all. Raises Lost."""
        try:
            sent = self._socket.send(payload)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise Lost(error.strerror) from None
        self.unsent = payload[sent:]
        return not self.unsent

    def drip(self) -> None:
        """Let go of the next byte that is held back. Raises Lost."""
        if not self.unsent:
            drop, self.held = self.held[:1], self.held[1:]
            self.send(drop)

    def receive(self) -> Response | None:
        """Return the response if it is complete. Raises Lost, also at the end of a free connection."""
        try:
            received = self._socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            raise Lost(error.strerror) from None
        if not received or self.due is None:
            raise Lost("the end" if not received else "an answer to nothing")
        if self._received:
            received = self._received + received
        try:
            response = read(received)
        except Broken as error:
            raise Lost(str(error)) from None
        self._received = b"" if response is not None else received
        return response

    def close(self) -> None:
        """Close it."""
        self.is_open = False
        self._socket.close()
