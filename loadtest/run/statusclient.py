"""Reads the worker's status over HTTP, before and after a flood."""

import http.client
import socket
import time

import gevent

from edge.config import Config
from loadtest.engine.target import Target
from loadtest.judge.status import Status, read_status
from loadtest.judge.tally import Tally
from loadtest.provider.credentials import status_key

_TIMEOUT_S = 5.0
_SETTLING_S = 3.0
"""Workers tell each other what they refused within about a second."""
_PAUSE_S = 0.1


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(address: tuple[str, int] | str) -> http.client.HTTPConnection:
    if isinstance(address, str):
        return _UnixConnection(address)
    return http.client.HTTPConnection(*address, timeout=_TIMEOUT_S)


class StatusClient:
    """Asks one worker for `/status.json`."""

    def __init__(self, target: Target, config: Config) -> None:
        self._target = target
        key = status_key(config)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def read(self) -> Status | None:
        """Return the books; None if they cannot be read, which the verdict calls undecided."""
        connection = _connection(self._target.address)
        try:
            connection.request("GET", "/status.json", headers=self._headers)
            response = connection.getresponse()
            return read_status(response.read()) if response.status == http.HTTPStatus.OK else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def read_settled(self, before: Status | None, tally: Tally) -> Status | None:
        """Return the books once they hold all messages that were answered, or as they are after some seconds."""
        until_s = time.monotonic() + _SETTLING_S
        while True:
            after = self.read()
            if before is None or after is None or after.messages - before.messages >= tally.delivered:
                return after
            if time.monotonic() >= until_s:
                return after
            gevent.sleep(_PAUSE_S)
