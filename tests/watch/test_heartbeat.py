"""The heartbeat: called at once, then every five minutes; a failure is logged once, and no address."""

import asyncio
import sys

from edge.api.client import Client
from edge.watch.heartbeat import Heartbeat
from tests.parts import play_in_leaps
from tests.watch.receiver import status


class Calls:
    """What stands for a client: it counts."""

    def __init__(self):
        self.at_s = []

    async def get(self, _url):
        """Count."""
        self.at_s.append(asyncio.get_running_loop().time())
        raise asyncio.CancelledError


def test_it_beats_every_five_minutes():
    """However often it is asked to."""

    async def scene(_):
        calls = Calls()
        heartbeat = Heartbeat("https://h/secret", calls)
        for _ in range(900):
            heartbeat.beat()
            await asyncio.sleep(1)
        return calls.at_s

    assert [0, 300, 600] == play_in_leaps(scene)


def test_a_failure_is_logged_once_until_it_works_again(receiver, caplog):
    """With why, and without where."""
    receiver.answers = [status(500), status(500), status(200), status(404)]

    async def scene():
        client = Client()
        heartbeat = Heartbeat(f"{receiver.url}/secret", client, beat_s=0)
        for _ in range(4):
            heartbeat.beat()
            await heartbeat._call
        await client.close()

    asyncio.run(scene())

    assert ["alert: the heartbeat fails: answered 500", "alert: the heartbeat fails: answered 404"] == caplog.messages
    assert ["GET /secret HTTP/1.1"] * 4 == [request.line for request in receiver.requests]


def test_without_the_library_it_says_what_to_install(monkeypatch, caplog):
    """And goes on."""
    monkeypatch.setitem(sys.modules, "httpx2", None)

    async def scene():
        heartbeat = Heartbeat("https://h/secret", Client())
        heartbeat.beat()
        await heartbeat._call

    asyncio.run(scene())

    assert "alert: heartbeat: calls to others need a client" in caplog.text
