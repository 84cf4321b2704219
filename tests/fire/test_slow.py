"""Facts about those who are slow on purpose: whoever holds a connection without making a request of it loses it."""

import select
import time

from edge.web.app import BODY_S
from edge.web.listening import HEADER_READ_TIMEOUT_MS
from tests.fire.siege import HEAD, open_to, siege

EACH = 60
WAYS = {
    "silence": b"",
    "one letter": b"P",
    "half an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM",
    "headers that trickle": b"POST /sms HTTP/1.1\r\nX-Slow: a",
    "a body that never begins": HEAD + b"Content-Length: 9999\r\n\r\n",
    "a body that trickles": HEAD + b"Content-Length: 9999\r\n\r\nFrom=",
    "chunks that trickle": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
}
TRICKLES = {"headers that trickle": b"a", "a body that trickles": b"a", "chunks that trickle": b"1\r\na\r\n"}
BEAT_S = 0.5
"""How often a trickle moves: rarely enough that a body is refused for its time, and not for its pieces."""
PATIENCE_S = max(BODY_S, HEADER_READ_TIMEOUT_MS / 1000) + 8


def hold(connections, until):
    """Keep them all busy, a byte at a time, until the worker has closed them or the time is over; return what came back."""
    got = dict.fromkeys(connections, b"")
    open_ = set(connections)
    beat = time.monotonic()
    while open_ and time.monotonic() < until:
        readable, _, _ = select.select(list(open_), [], [], BEAT_S)
        for connection in readable:
            try:
                more = connection.recv(4096)
            except OSError:
                more = b""
            got[connection] += more
            if not more:
                open_.discard(connection)
        if time.monotonic() >= beat:
            beat = time.monotonic() + BEAT_S
            for connection in open_:
                trickle(connection, TRICKLES.get(connections[connection], b""))
    return got, open_


def trickle(connection, piece):
    """Send a little more, unless the worker has closed meanwhile."""
    try:
        connection.sendall(piece)
    except OSError:
        return


def test_whoever_is_slow_on_purpose_loses_the_connection(worker, shows):
    """Silence, trickling headers, half a preface, trickling bodies and chunks: all are closed in time, bodies with 408."""
    with siege(worker) as genuine:
        connections = {open_to(worker, first): way for way, first in WAYS.items() for _ in range(EACH)}
        got, held = hold(connections, time.monotonic() + PATIENCE_S)
        for connection in connections:
            connection.close()
    answers = {way: {got[each][9:12] for each, its in connections.items() if its == way} for way in WAYS}
    shows("P6", requests=len(genuine.answers), figure=f"{len(connections)} slow connections, all closed")

    assert set() == held
    for way in ("a body that never begins", "a body that trickles", "chunks that trickle"):
        assert {b"408"} == answers[way]
    assert not any(b"200" in statuses for statuses in answers.values())
    assert 3 * EACH == worker.status()["by_reason"]["too_slow"]
