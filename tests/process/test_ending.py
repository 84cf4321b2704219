"""Facts about a worker that is told to end: what has begun to be a message is answered, and nothing else holds it up."""

import os
import signal
import socket
from contextlib import suppress

import pytest

from edge.web.listening import DRAIN_S
from tests.process.test_listening import UnixConnection, listening
from tests.worker import await_, config, free_port, message_id, request, sender, serving

HEAD = b"POST /sms HTTP/1.1\r\nHost: sms.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def head_of(headers, body):
    """Return the head of a message whose client waits for the worker before it sends the body."""
    lines = {"Host": "a", "Expect": "100-continue", "Content-Length": len(body), **headers}
    return b"POST /sms HTTP/1.1\r\n" + b"".join(f"{name}: {lines[name]}\r\n".encode() for name in lines) + b"\r\n"


def has_left(worker):
    """Return whether nobody can connect any more."""
    try:
        socket.create_connection(worker.address).close()
    except OSError:
        return True
    return False


def connection_that_never_reads(worker):
    """Return a connection that has asked for more answers than fit on the way."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(worker.address)
    connection.settimeout(1)
    with suppress(TimeoutError):
        while True:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
    return connection


def test_who_has_not_begun_a_request_does_not_hold_up_a_stop(tmp_path):
    """Silence, half a line, half a head and answers that nobody fetches: all of them are cut off, and the server ends by itself."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", workers=2)) as worker:
        held = [socket.create_connection(worker.address) for _ in range(12)]
        for number, connection in enumerate(held):
            connection.sendall((b"", b"P", HEAD)[number % 3])
        held.append(connection_that_never_reads(worker))
        worker.get("/healthz")
        worker.process.send_signal(signal.SIGTERM)
        code = worker.process.wait(DRAIN_S)
        for connection in held:
            connection.close()

    assert 0 == code


def test_half_a_head_on_a_socket_does_not_hold_up_a_stop(tmp_path):
    """On a unix socket, where a client has no address, it is cut off all the same."""
    path = tmp_path / "antirelou.sock"
    text = config(bind="unix:antirelou.sock")
    with (
        listening(tmp_path, text, lambda: UnixConnection(path)) as worker,
        socket.socket(socket.AF_UNIX) as held,
    ):
        held.connect(str(path))
        held.sendall(HEAD)
        worker.process.send_signal(signal.SIGTERM)
        code = worker.process.wait(DRAIN_S)

    assert 0 == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_again_and_again_answers_all_the_same(tmp_path, number):
    """A second and a third signal, to the worker or to its server, do not stop it in the middle of an answer."""
    headers, body = request(sender(1), "salut", message_id(1))
    with (
        serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker,
        socket.create_connection(worker.address) as client,
    ):
        [pid] = worker.children()
        client.sendall(head_of(headers, body))
        client.recv(100)
        for _ in range(3):
            os.kill(pid, number)
            worker.process.send_signal(number)
        await_(lambda: has_left(worker))
        for _ in range(3):
            os.kill(pid, number)
            worker.process.send_signal(number)
        client.sendall(body)
        answer = client.recv(4096)
        code = worker.process.wait(DRAIN_S)

    assert b"<Message>" in answer
    assert 0 == code


@pytest.mark.parametrize(("whole", "expected"), [(True, b"HTTP/1.1 200 "), (False, b"HTTP/1.1 408 ")])
def test_a_request_that_has_begun_is_answered_after_sigterm(tmp_path, whole, expected):
    """A body of which half is there at SIGTERM may come to its end and gets the reply; one that never comes is given up in time."""
    headers, body = request(sender(1), "salut", message_id(1))
    with (
        serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker,
        socket.create_connection(worker.address) as client,
    ):
        client.sendall(head_of(headers, body))
        continued = client.recv(100)
        client.sendall(body[:9])
        worker.process.send_signal(signal.SIGTERM)
        await_(lambda: has_left(worker))
        client.sendall(body[9:] if whole else body[9:10])
        answer = client.recv(4096)
        code = worker.process.wait(DRAIN_S)

    assert continued.startswith(b"HTTP/1.1 100 ")
    assert answer.startswith(expected)
    assert whole == (b"<Message>" in answer)
    assert 0 == code
