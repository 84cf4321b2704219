"""Responses out of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.engine.response import Broken, Response, read

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nCONTENT-LENGTH:  5\r\n\r\nhello"


@given(st.integers(0, len(WHOLE) - 1))
def test_a_part_is_no_response(cut):
    """Whatever part has come, more is waited for."""
    received = WHOLE[:cut]

    assert read(received) is None


def test_a_whole_response_is_read():
    """Status, body, and whether the connection lives on."""
    response = read(WHOLE)

    assert Response(200, b"hello", keeps_alive=True) == response


@pytest.mark.parametrize(
    "received",
    [
        WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"),
        WHOLE.replace(b"1.1", b"1.0"),
        WHOLE + b"HTTP/1.1 200 OK",
    ],
)
def test_a_connection_may_be_spent(received):
    """It ends when the worker says so, speaks HTTP/1.0, or has said more than it was asked."""
    response = read(received)

    assert Response(200, b"hello", keeps_alive=False) == response


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(status):
    """They need no Content-Length."""
    response = read(b"HTTP/1.1 %d X\r\n\r\n" % status)

    assert Response(status, b"", keeps_alive=True) == response


@pytest.mark.parametrize(
    "received",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"x" * 70_000,
    ],
)
def test_what_has_no_end_is_broken(received):
    """Its outcome cannot be known."""
    with pytest.raises(Broken):
        read(received)
