"""Facts about requests that an edge and a worker might read differently: the worker never sees a second one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cdn.edges import EDGES, origin, raw
from tests.worker import await_, message_id, request, sender

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: worker\r\n\r\n"
HEAD = b"POST /sms HTTP/1.1\r\nHost: sms.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def pairs(hidden):
    """Return requests by what is odd about them; each hides another one behind its body."""
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)
    length = b"Content-Length: %d\r\n" % (len(hidden) + 5)
    return {
        "CL.TE": HEAD + length + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE.CL": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunk,
        "CL.0": HEAD + b"Content-Length: 0\r\n\r\n" + hidden,
        "CL twice": HEAD + b"Content-Length: 0\r\n" + length + b"\r\n" + hidden,
        "CL list": HEAD + b"Content-Length: 0, %d\r\n\r\n" % len(hidden) + hidden,
        "CL plus": HEAD + b"Content-Length: +0\r\n\r\n" + hidden,
        "CL negative": HEAD + b"Content-Length: -1\r\n\r\n" + hidden,
        "CL hex": HEAD + b"Content-Length: 0x0\r\n\r\n" + hidden,
        "CL space": HEAD + b"Content-Length : 0\r\n" + length + b"\r\n" + hidden,
        "TE space": HEAD + length + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE tab": HEAD + length + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE vertical tab": HEAD + length + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE odd": HEAD + length + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE identity": HEAD + length + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
        "TE list": HEAD + length + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
        "TE twice": HEAD + length + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + hidden,
        "TE folded": HEAD + length + b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE after LF": HEAD + length + b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE after CR": HEAD + length + b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "TE in HTTP/1.0": HEAD.replace(b"1.1", b"1.0") + length + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "chunk extension": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0;x=\n\r\n\r\n" + hidden,
        "chunk size too long": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n" + hidden,
        "chunk without end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\naX\r\n0\r\n\r\n" + hidden,
        "GET with a body": b"GET /counter.json HTTP/1.1\r\nHost: a\r\n" + length + b"\r\n" + hidden,
        "GET with chunks": b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "split in the path": b"GET /sms?a=%0d%0aHost:x%0d%0a%0d%0aGET%20/smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
        "split in a header": HEAD + b"Content-Length: 0\r\nX-A: b\r\n\r\n" + hidden,
        "absolute": b"GET http://worker/smuggled HTTP/1.1\r\nHost: sms.example.org\r\n\r\n",
        "upgrade to h2c": b"GET /sms HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" + hidden,
    }  # fmt: skip


def send_all(edge, requests):
    """Send each over a connection of its own, many at once, since some are answered by silence; return what came back."""
    context = getattr(edge, "context", None)
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda odd: raw(edge.address, odd, context), requests))


@pytest.mark.parametrize("name", sorted(EDGES))
def test_the_worker_never_sees_a_request_that_hides_in_another(name, tmp_path):
    """Whatever the lengths say, no hidden request arrives; sent to the worker itself it would be noticed."""
    with origin(tmp_path) as worker, EDGES[name](tmp_path, worker) as edge:
        await_(lambda: edge.get("/counter.json")[0] == 200)
        send_all(edge, pairs(HIDDEN).values())
        hidden = worker.status()["by_reason"].get("not_found", 0)
        raw(worker.address, HIDDEN)
        noticed = worker.status()["by_reason"]["not_found"]
        answered = edge.send(sender(1), "salut", message_id(1))

    assert (0, 1) == (hidden, noticed)
    assert (200, True) == (answered[0], "<Message>" in answered[1])


@pytest.mark.parametrize("name", sorted(EDGES))
def test_a_genuine_message_hidden_in_another_request_costs_nothing(name, tmp_path):
    """A signed message smuggled behind any of them is either seen by the edge as its own request, or never arrives."""
    headers, body = request(sender(1), "salut", message_id(1))
    lines = b"".join(f"{key}: {value}\r\n".encode() for key, value in headers.items())
    hidden = b"POST /sms HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), lines, body)
    with origin(tmp_path) as worker, EDGES[name](tmp_path, worker) as edge:
        await_(lambda: edge.get("/counter.json")[0] == 200)
        replies = sum(got.count(b"<Message>") for got in send_all(edge, pairs(hidden).values()))
        status = worker.status()

    assert 1 >= status["replies"]
    assert "not_our_edge" not in status["by_reason"]
    assert replies <= 1 + status["by_reason"].get("duplicate", 0)


def test_the_worker_alone_reads_one_length_only(tmp_path):
    """Without an edge, too, two lengths, and a length beside chunks, never make two requests of one."""
    with origin(tmp_path) as worker:
        odd = ("CL.TE", "TE.CL", "CL twice", "CL list", "TE odd", "TE twice", "TE space", "CL space")
        send_all(worker, [pairs(HIDDEN)[name] for name in odd])
        seen = worker.status()["by_reason"].get("not_found", 0)

    assert 0 == seen
