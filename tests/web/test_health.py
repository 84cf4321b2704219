"""The pages beside the webhook: who may see what, and what they say when the ledger is away."""

import json

import pytest

from edge.errors import LedgerDown
from edge.web.health import PATHS, pages
from tests.parts import call, play

STATUS = {"messages": 3}


async def _status():
    return STATUS


async def _down():
    raise LedgerDown("unplugged")


def _get(path, *, status=_status, key=None, host="127.0.0.1", **headers):
    return play(lambda: call(pages(status, status, key), method="GET", path=path, headers=headers, host=host))


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


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.9", 403), ("", 403)])
def test_without_a_key_only_this_machine_sees_the_status(host, status):
    """No key: a direct connection from this machine may look, another one may not."""
    assert status == _get("/status.json", host=host).status


def test_what_a_proxy_forwards_is_not_local():
    """A request that a proxy on this machine forwards comes from somewhere else."""
    assert 403 == _get("/status.json", **{"X-Forwarded-For": "127.0.0.1"}).status


def test_a_key_with_odd_characters_is_compared_not_crashed_on():
    """A header that is not ASCII is refused like any other wrong key."""
    assert 403 == _get("/status.json", key="cl\u00e9", Authorization="Bearer cl\u00e8").status
