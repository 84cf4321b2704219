"""The floor does the least that an answer can take."""

import asyncio

import pytest

from bench.peers.floor import app, unread


def serve(app=app):
    """Return how often the floor receives a body in two pieces, and what it sends."""
    received, sent = [], []

    async def receive():
        received.append(None)
        return {"type": "http.request", "body": b"From=", "more_body": len(received) < 2}

    async def send(message):
        sent.append(message)

    asyncio.run(app({"type": "http"}, receive, send))
    return len(received), sent


@pytest.mark.parametrize(("floor", "pieces"), [(app, 1), (unread, 0)])
def test_receives_once(floor, pieces):
    """It waits for one message, whether or not more of the body is to come; that without the body for none."""
    received, sent = serve(floor)

    assert pieces == received
    assert ["http.response.start", "http.response.body"] == [message["type"] for message in sent]


def test_messages_are_prepared():
    """What it sends is made once, not for each request."""
    (_, first), (_, second) = serve(), serve()

    assert all(one is other for one, other in zip(first, second, strict=True))
