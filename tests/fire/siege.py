"""An attack beside a genuine sender: who writes is answered meanwhile, and afterwards the worker is what it was before.

1. During the attack new senders write, each over a connection of its own, and each gets the reply.
2. After it the same processes run, and hold no more than a few more files open, and not much more memory.
3. The ledger holds a charge for each reply that was seen, none besides, and no more than the kitty.
"""

import http.client
import itertools
import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from tests.worker import Worker, await_, message_id, request, sender

PRICE_MICROS = 76_300
KITTY_MICROS = 2_000_000_000
FILES_MORE = 16
"""The files that may be open more than before, for each worker: one that is just starting opens most of them."""
MEMORY_MORE = 64 * 2**20
"""The memory that an allocator may keep after thousands of connections; a leak of one of them is found by `FILES_MORE`."""
HEAD = b"POST /sms HTTP/1.1\r\nHost: sms.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3})[^\r]*\r\n(?:[^\r]+\r\n)*\r\n")
LENGTH = re.compile(rb"(?i)content-length: (\d+)")
_NUMBERS = itertools.count(1)


class Genuine:
    """People who write while others attack."""

    def __init__(self, connect: Callable[[], http.client.HTTPConnection]) -> None:
        self.connect = connect
        self.answers: list[tuple[int, bool]] = []
        self.failures: list[str] = []
        self.replied: set[str] = set()
        """The messages that got a reply, those of a test's own among them."""
        self._over = threading.Event()
        self._may_write = threading.Lock()
        self._thread = threading.Thread(target=self._write)

    def write_once(self) -> None:
        """One more of them writes, for the first time."""
        number = next(_NUMBERS)
        headers, body = request(sender(number), "salut", message_id(number))
        connection = self.connect()
        try:
            connection.request("POST", "/sms", body, headers)
            response = connection.getresponse()
            replied = b"<Message>" in response.read()
            self.answers.append((response.status, replied))
            if replied:
                self.replied.add(message_id(number))
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(repr(error))
        finally:
            connection.close()

    def pause(self) -> None:
        """Nobody writes until they resume."""
        self._may_write.acquire()

    def resume(self) -> None:
        """They write again."""
        self._may_write.release()

    def begin(self) -> None:
        """Write until it is over."""
        self._thread.start()

    def end(self) -> None:
        """Write no more."""
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._over.wait(0.02):
            with self._may_write:
                self.write_once()


def files_of(pids: list[int]) -> int:
    """Return how many files processes hold open."""
    return sum(1 for pid in pids for _ in Path(f"/proc/{pid}/fd").iterdir())


def _serves(pid: int) -> bool:
    """Return whether a worker has opened the ledger, which comes last but for its sockets."""
    with suppress(FileNotFoundError):  # a file that is closed meanwhile
        return any(file.readlink().name == "antirelou.db-wal" for file in Path(f"/proc/{pid}/fd").iterdir())
    return False


def memory_of(pids: list[int]) -> int:
    """Return the resident bytes of processes."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def siege(worker: Worker, connect: Callable[[], http.client.HTTPConnection] | None = None) -> Iterator[Genuine]:
    """Attack within this block; on leaving it all that the module's docstring says is asserted."""
    genuine = Genuine(connect or worker.connect)
    genuine.write_once()  # the first one is what fills caches
    pids = worker.children()
    await_(lambda: all(_serves(pid) for pid in pids))
    files, memory = files_of(pids), memory_of(pids)
    paid = _charges(worker) - genuine.replied
    genuine.begin()
    try:
        yield genuine
        genuine.write_once()
    finally:
        genuine.end()
    assert pids == worker.children()
    await_(lambda: files_of(pids) <= files + FILES_MORE * len(pids))
    assert memory_of(pids) <= memory + MEMORY_MORE * len(pids)
    charges = _charges(worker)
    assert genuine.failures == []
    others = [answer for answer in genuine.answers if answer != (200, True)]
    assert [] == others, (len(genuine.answers), others, worker.log.read_text()[-2_000:])
    assert genuine.replied == charges - paid
    assert "Traceback" not in worker.log.read_text()


def _charges(worker: Worker) -> set[str]:
    """Return the message ids that the ledger has paid for, having audited it."""
    connection = apsw.Connection(str(worker.log.parent / "antirelou.db"))
    ids = [row[0] for row in connection.execute("SELECT message_id FROM charge")]
    [(replies, spent)] = connection.execute("SELECT replies, replies_micros FROM account")
    connection.close()
    assert (len(ids), len(ids) * PRICE_MICROS) == (replies, spent)
    assert spent <= KITTY_MICROS
    return set(ids)


def open_to(worker: Worker, first: bytes = b"", *, source: str = "127.0.0.1") -> socket.socket:
    """Return a connection to the worker that has sent something, from one of the loopback's many addresses."""
    connection = socket.create_connection(worker.address, timeout=20, source_address=(source, 0))
    if first:
        connection.sendall(first)
    return connection


def answers_in(got: bytes) -> list[tuple[int, bytes]]:
    """Return status and body of each whole answer."""
    found = []
    while head := ANSWER.match(got):
        length = LENGTH.search(head[0])
        end = head.end() + (int(length[1]) if length else 0)
        if len(got) < end:
            break
        found.append((int(head[1]), got[head.end() : end]))
        got = got[end:]
    return found


def read(connection: socket.socket, answers: int) -> list[tuple[int, bytes]]:
    """Return so many answers, or those that came before the other side closed."""
    got = b""
    with suppress(OSError):
        while len(answers_in(got)) < answers and (chunk := connection.recv(2**20)):
            got += chunk
    return answers_in(got)


def ask(worker: Worker, raw: bytes, answers: int = 1) -> list[tuple[int, bytes]]:
    """Send bytes over a connection of their own; return the answers."""
    with open_to(worker) as connection:
        with suppress(OSError):
            connection.sendall(raw)
        return read(connection, answers)


def tell(worker: Worker, raw: bytes) -> list[tuple[int, bytes]]:
    """Send bytes, and that there will be no more; return the answers before the other side closes."""
    with open_to(worker) as connection:
        with suppress(OSError):
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
        return read(connection, len(raw))


def reset(connection: socket.socket) -> None:
    """Close with a reset instead of a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def post(body: bytes, *lines: bytes, head: bytes = HEAD) -> bytes:
    """Return a whole request with a body and further header lines."""
    return head + b"".join(line + b"\r\n" for line in lines) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def signed(number: int, text: str = "salut", sender_number: int | None = None) -> bytes:
    """Return a whole request of the provider."""
    headers, body = request(sender(number if sender_number is None else sender_number), text, message_id(number))
    return post(body, b"X-Twilio-Signature: " + headers["X-Twilio-Signature"].encode())
