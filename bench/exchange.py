"""One request and its answer over a kept-alive connection, down to the bytes: how many they are is what a run is checked by."""

import re
import socket

import msgspec

from loadtest.answers import Answer, classify

TIMEOUT_S = 10.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Exchange(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    answer: Answer
    size: int
    """Bytes of the whole response, headers included."""


class Client:
    """A connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self._received = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, raw: bytes) -> Exchange:
        """Send a whole request and read its response, which has to say its length."""
        self._socket.sendall(raw)
        while b"\r\n\r\n" not in self._received:
            self._read()
        head, _, _ = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None:
            raise ValueError(f"a response without a length: {head!r}")
        size = len(head) + 4 + int(length[1])
        while len(self._received) < size:
            self._read()
        body = self._received[len(head) + 4 : size]
        self._received = self._received[size:]
        status = int(head.split(b" ", 2)[1])
        return Exchange(status, classify(status, body), size)

    def _read(self) -> None:
        chunk = self._socket.recv(65_536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self._received += chunk
