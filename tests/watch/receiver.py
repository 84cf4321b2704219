"""A receiver of alerts: it keeps each request that reaches it whole, and then does what a test wants, well or badly."""

import json
import socket
import socketserver
import threading
from contextlib import contextmanager

from tests.listener import listening

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code, *headers):
    """Return an answer of a status."""
    return f"HTTP/1.1 {code} X\r\n{''.join(f'{header}' + chr(13) + chr(10) for header in headers)}Content-Length: 0\r\n\r\n".encode()


class Request:
    """One request as it came."""

    def __init__(self, head, body):
        self.line, *lines = head.decode().split("\r\n")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.body = body

    @property
    def json(self):
        """The body, read."""
        return json.loads(self.body)


class Receiver:
    """What came, and what is answered: bytes, None for a hang-up without an answer, "hang" for silence, "endless" for no end."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self.answer = OK
        self.release = threading.Event()
        self.url = ""

    def next_answer(self):
        """Return what the next request gets."""
        return self.answers.pop(0) if self.answers else self.answer

    @property
    def port(self):
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        receiver = self.server.receiver
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        request = Request(head[:-4], b"")
        request.body = self.rfile.read(int(request.headers.get("content-length", 0)))
        if len(request.body) < int(request.headers.get("content-length", 0)):
            return  # whoever sent it has died: nothing arrived
        receiver.requests.append(request)
        answer = receiver.next_answer()
        if answer == "hang":
            receiver.release.wait(20)
        elif answer == "endless":
            self._pour(receiver)
        elif answer is not None:
            self.wfile.write(answer)

    def _pour(self, receiver):
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while not receiver.release.is_set():
                self.wfile.write(b"x" * 65_536)
        except OSError:
            pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def receiving():
    """Listen on a port of the loopback."""
    receiver = Receiver()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.receiver = receiver
        with listening(server, receiver.release) as receiver.url:
            yield receiver


@contextmanager
def nobody():
    """Return the address of a port on which nobody listens, and which nobody else takes meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{kept.getsockname()[1]}"
