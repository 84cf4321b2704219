"""Many senders at once, over real connections, each message retried as a provider retries: the same id, until answered."""

import http.client
import threading
from collections.abc import Callable, Sequence

from tests.worker import Worker, request

Sending = tuple[str, str]
"""A sender, and the message id."""


class Seen:
    """The answers that the clients saw, whatever happened to the worker meanwhile."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.replied: dict[str, str] = {}
        """Message ids that got a reply, and who sent them."""
        self.answers = 0
        self.statuses: set[int] = set()
        self.unknown = 0
        """Requests that got no answer."""

    def note(self, sending: Sending, status: int, body: bytes) -> None:
        """Keep one answer."""
        with self.lock:
            self.answers += 1
            self.statuses.add(status)
            if b"<Message" in body:
                self.replied[sending[1]] = sending[0]


def send_all(
    worker: Callable[[], Worker],
    sendings: Sequence[Sending],
    *,
    connections: int = 16,
    tries: int = 8,
    seen: Seen | None = None,
) -> Seen:
    """Send every message over so many connections at once; `worker` tells who is to be asked at each try."""
    seen = seen or Seen()
    threads = [
        threading.Thread(target=_send_some, args=(worker, sendings[start::connections], tries, seen))
        for start in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _send_some(worker: Callable[[], Worker], sendings: Sequence[Sending], tries: int, seen: Seen) -> None:
    connection: http.client.HTTPConnection | None = None
    for sending in sendings:
        headers, body = request(sending[0], "salut", sending[1])
        for _ in range(tries):
            try:
                connection = connection or worker().connect()
                connection.request("POST", "/sms", body, headers)
                response = connection.getresponse()
                seen.note(sending, response.status, response.read())
                break
            except (OSError, http.client.HTTPException):
                if connection is not None:
                    connection.close()
                connection = None
                with seen.lock:
                    seen.unknown += 1
    if connection is not None:
        connection.close()
