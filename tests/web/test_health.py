"""The pages beside the webhook: who may see what, and what they say when the ledger is away."""

import asyncio
import json

import pytest

from edge.errors import LedgerDown
from edge.web.health import PATHS, pages
from edge.web.visitors import Visitors
from tests.parts import Clock, call, play

STATUS = {"messages": 3}


async def _status():
    return STATUS


async def _down():
    raise LedgerDown("unplugged")


def _get(path, *, status=_status, key=None, host="127.0.0.1", **headers):
    site = pages(status, status, Clock(), Visitors(key, b"secret"), ["appendonly is no"])
    given = {"Host": "127.0.0.1:8000"} | headers
    return play(lambda: call(site, method="GET", path=path, headers=given, host=host))


def test_every_page_is_served_and_never_cached():
    """Each path answers 200 and forbids caching."""
    answers = [_get(path) for path in PATHS]

    assert {(200, b"no-store")} == {(answer.status, answer.headers[b"cache-control"]) for answer in answers}


@pytest.mark.parametrize("path", ["/readyz", "/status.json"])
def test_without_the_ledger_they_say_so(path):
    """Ready and status answer 503 with the reason while the ledger is down; alive stays alive."""
    answer = _get(path, status=_down)

    assert (503, b"ledger_down: unplugged\n") == (answer.status, answer.body)
    assert 200 == _get("/healthz", status=_down).status


def test_the_key_opens_the_status_from_anywhere():
    """With a key, status wants exactly it, wherever the request comes from."""
    far = {"key": "s3cret", "host": "203.0.113.9"}

    assert 403 == _get("/status.json", **far).status
    assert 403 == _get("/status.json", **far, Authorization="Bearer s3cre").status
    assert STATUS == json.loads(_get("/status.json", **far, Authorization="Bearer s3cret").body)


def test_strangers_hear_whether_the_ledger_answers_and_no_more():
    """Which ledger it is, why it does not answer and what its settings put at risk are for those who may see the status."""
    far = {"host": "203.0.113.9"}

    assert (200, b"ready\n") == (_get("/readyz", **far).status, _get("/readyz", **far).body)
    assert b"ledger_down\n" == _get("/readyz", status=_down, **far).body
    assert b"ready\nwarning: appendonly is no\n" == _get("/readyz").body
    assert b"ready\nwarning: appendonly is no\n" == _get("/readyz", key="k", Authorization="Bearer k", **far).body


def test_a_crowd_at_ready_is_one_look_at_the_ledger():
    """A thousand at once, and a thousand more within the second: the ledger has messages to answer."""
    looks = []

    async def reach():
        looks.append(1)

    async def scene():
        clock = Clock()
        site = pages(_status, reach, clock, Visitors(None, b"secret"))
        for later_ms in (0, 999):
            clock.now_ms += later_ms
            await asyncio.gather(*(call(site, method="GET", path="/readyz") for _ in range(1000)))
        clock.now_ms += 1
        await call(site, method="GET", path="/readyz")

    play(scene)

    assert 2 == len(looks)


def test_a_key_with_odd_characters_is_compared_not_crashed_on():
    """A header that is not ASCII is refused like any other wrong key."""
    assert 403 == _get("/status.json", key="cl\u00e9", Authorization="Bearer cl\u00e8").status
