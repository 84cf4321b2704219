"""One HTTP/1.1 response out of the bytes of a connection, as far as they have come.

1. The length is in `Content-Length` (or the status says that there is no body). That is what an ASGI server sends for a
   prepared response; anything else is broken, and its outcome unknown.
2. Responses are remembered: a worker sends the same few, byte for byte, so most are read once.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec

_HEAD_END = b"\r\n\r\n"
_HEAD_BYTES_MAX = 65_536
_STATUS = slice(9, 12)
_BODILESS = frozenset({204, 304})


class Broken(Exception):
    """The bytes are not a response whose end can be found."""


class Head(NamedTuple):
    """A response's head, as far as it concerns the body and the connection."""

    status: int
    body_bytes: int
    keeps_alive: bool


class Response(msgspec.Struct, frozen=True, gc=False):
    """One whole response."""

    status: int
    body: bytes
    keeps_alive: bool


@lru_cache(maxsize=256)
def read(received: bytes) -> Response | None:
    """Return the response, or None if more bytes must come. Raises Broken."""
    end = received.find(_HEAD_END)
    if end < 0:
        if len(received) > _HEAD_BYTES_MAX:
            raise Broken("a head without an end")
        return None
    head = parse_head(received[:end])
    start = end + len(_HEAD_END)
    missing = head.body_bytes - (len(received) - start)
    if missing > 0:
        return None
    # Bytes beyond the end answer nothing that was asked: the connection is not to be trusted with another request.
    return Response(head.status, received[start : start + head.body_bytes], head.keeps_alive and missing == 0)


def parse_head(head: bytes) -> Head:
    """Return what the bytes before the empty line say. Raises Broken."""
    status_line, *lines = head.split(b"\r\n")
    if not status_line.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")) or not status_line[_STATUS].isdigit():
        raise Broken(f"not a status line: {status_line[:80]!r}")
    status = int(status_line[_STATUS])
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    length = b"0" if status in _BODILESS else fields.get(b"content-length", b"")
    if not length.isdigit():
        raise Broken(f"status {status} without a Content-Length")
    persistent = status_line.startswith(b"HTTP/1.1") and fields.get(b"connection", b"").lower() != b"close"
    return Head(status, int(length), persistent)
