"""One request and its answer over a kept-alive connection, down to the bytes: how many they are is what a run is checked by."""

import socket
from collections.abc import Iterable
from typing import Self

import msgspec

from loadtest.engine.response import read
from loadtest.provider.reading import Reading, classify

TIMEOUT_S = 10.0


class Exchange(msgspec.Struct, frozen=True):
    """The response that came back."""

    status: int
    reading: Reading
    size: int
    """Bytes of the whole response, head included."""


class Client:
    """A connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, raw: bytes) -> Exchange:
        """Send a whole request, and read all of its response."""
        self._socket.sendall(raw)
        received = b""
        while (response := read(received)) is None:
            chunk = self._socket.recv(65_536)
            if not chunk:
                raise ConnectionError("the server closed the connection")
            received += chunk
        return Exchange(response.status, classify(response.status, response.body), len(received))


def send_all(port: int, requests: Iterable[bytes]) -> None:
    """Send requests one after the other over one connection, whatever is answered."""
    with Client(port) as client:
        for raw in requests:
            client.ask(raw)
