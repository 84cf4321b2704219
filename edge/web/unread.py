"""Answers to a request of which the body was not read.

The server closes such a connection. Whoever was not told sends the next request over it, and loses that: a proxy would lose
somebody's genuine message by a stranger's request (RFC 9112, 9.6: a server that is about to close says so).
"""

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.core.wire.provider import Headers

_CLOSE = (b"connection", b"close")


def has_body(headers: Headers) -> bool:
    """Return whether a body comes with a request."""
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def closing(start: Message) -> Message:
    """Return the start of an answer that says that the connection ends with it."""
    return {**start, "headers": [*start["headers"], _CLOSE]}


def unread(app: ASGIApp) -> Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]:
    """Return an application that reads no body, and says what becomes of the connection where one comes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_closing(message: Message) -> None:
            await send(closing(message) if message["type"] == "http.response.start" else message)

        await app(scope, receive, send_closing if has_body(dict(scope["headers"])) else send)

    return serve
