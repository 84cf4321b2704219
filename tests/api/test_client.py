"""The client: one request for each call, whatever the server does; how far it got is known, and no address is told."""

import asyncio
import logging
import socket
import ssl
import subprocess
import sys

import pytest

from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.errors import ConfigError
from tests.needs import need
from tests.watch.receiver import nobody, receiving, status


@pytest.fixture(name="receiver")
def _receiver():
    with receiving() as receiver:
        yield receiver


def post(url, **options):
    """Return what becomes of one call."""

    async def scene():
        client = Client(**options)
        try:
            return await client.post(url, b"{}", {"authorization": "Bearer secret"})
        finally:
            await client.close()

    return asyncio.run(scene())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (status(200), Fate(Reached.DONE, "answered 200")),
        (status(204), Fate(Reached.DONE, "answered 204")),
        (status(401), Fate(Reached.REFUSED, "answered 401")),
        (status(404), Fate(Reached.REFUSED, "answered 404")),
        (status(408), Fate(Reached.BUSY, "answered 408")),
        (status(429, "Retry-After: 1"), Fate(Reached.BUSY, "answered 429")),
        (status(500), Fate(Reached.UNKNOWN, "answered 500")),
        (status(503, "Retry-After: 0"), Fate(Reached.UNKNOWN, "answered 503")),
        (None, Fate(Reached.UNKNOWN, "broke off (RemoteProtocolError)")),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha",
            Fate(Reached.UNKNOWN, "broke off (RemoteProtocolError)"),
        ),
        (b"SSH-2.0-OpenSSH\r\n", Fate(Reached.UNKNOWN, "broke off (RemoteProtocolError)")),
    ],
    ids=lambda value: value.said if isinstance(value, Fate) else "",
)
def test_a_call_is_one_request_and_its_end_is_told(receiver, answer, expected):
    """Answered well, refused, put off, broken or cut off: nothing is repeated."""
    receiver.answer = answer

    assert expected == post(f"{receiver.url}/secret-topic?token=secret")
    assert 1 == len(receiver.requests)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, code):
    """A loop of them is one request: what is sent holds secrets, and goes where the operator wrote, or nowhere."""
    receiver.answer = status(code, f"Location: {receiver.url}/again")
    fate = post(f"{receiver.url}/")

    assert (Reached.REFUSED, 1) == (fate.reached, len(receiver.requests))
    assert f"answered {code}, a redirect, which is not followed: write the address that it leads to" == fate.said


def test_silence_after_taking_it_has_an_end(receiver):
    """Nobody knows whether it was done."""
    receiver.answer = "hang"

    assert Fate(Reached.UNKNOWN, "no answer within 0.2 s") == post(receiver.url, answer_s=0.2)
    assert 1 == len(receiver.requests)


def test_the_whole_has_an_end_too(receiver):
    """However busily somebody keeps a connection alive."""
    receiver.answer = "hang"

    assert Fate(Reached.UNKNOWN, "no whole answer within 0.2 s") == post(receiver.url, whole_s=0.2)


def test_of_an_answer_no_more_is_read_than_is_needed(receiver):
    """One that does not end is one all the same."""
    receiver.answer = "endless"

    assert Fate(Reached.DONE, "answered 200") == post(receiver.url)


def test_what_nobody_heard_is_known_not_to_be_sent():
    """A port on which nobody listens, and a name that nobody has."""
    with nobody() as url:
        assert Fate(Reached.NOT_SENT, "cannot be reached") == post(url)


def test_a_connection_that_does_not_come_about_is_known_not_to_be_sent(monkeypatch):
    """The time for that phase is told."""
    monkeypatch.setattr("edge.api.client.CONNECT_S", 0.05)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for taker in (first, second):
            taker.settimeout(0)
            taker.connect_ex(full.getsockname())
        fate = post(f"http://127.0.0.1:{full.getsockname()[1]}")

    assert Fate(Reached.NOT_SENT, "no connection within 0.05 s") == fate


@pytest.fixture(name="untrusted")
def _untrusted(tmp_path):
    need("openssl")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(untrusted):
    """Nothing is sent to a server that anybody could have put there."""

    async def scene():
        server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0, ssl=untrusted)
        async with server:
            client = Client()
            fate = await client.post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", b"", {})
            await client.close()
        return fate

    assert Fate(Reached.NOT_SENT, "its certificate is not trusted") == asyncio.run(scene())


def test_no_address_is_logged(receiver, caplog):
    """Not even where everything is logged: topics, tokens and passwords stand in addresses."""
    caplog.set_level(logging.DEBUG)
    post(f"{receiver.url}/secret-topic?token=secret")
    receiver.answer = None
    post(f"{receiver.url}/secret-topic?token=secret")

    assert "secret" not in caplog.text


def test_an_address_can_be_asked_for(receiver):
    """As a heartbeat does."""

    async def scene():
        client = Client()
        first, second = await client.get(f"{receiver.url}/beat"), await client.get(f"{receiver.url}/beat")
        await client.close()
        await client.close()
        return first, second

    assert (Fate(Reached.DONE, "answered 200"),) * 2 == asyncio.run(scene())
    assert ["GET /beat HTTP/1.1"] * 2 == [request.line for request in receiver.requests]
    assert ["close"] * 2 == [request.headers["connection"] for request in receiver.requests]


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    """It is an extra: most workers never call anybody."""
    monkeypatch.setitem(sys.modules, "httpx2", None)

    with pytest.raises(ConfigError, match=r"calls to others need a client \(.*\); .*requirements/run\.txt$"):
        post("http://127.0.0.1:1")
