"""Pools: what is sent, and what it has to come to."""

from collections import Counter
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from bench import number
from bench.workload import FRAME, forged, genuine, sender_at, strangers, workloads, write_pool
from loadtest.provider.reading import Outcome


def read(raw):
    """Return the form and the signature of a request."""
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert len(body) == int(headers[b"Content-Length"])
    return dict(parse_qsl(body.decode(), keep_blank_values=True)), headers[b"X-Twilio-Signature"].decode()


def test_genuine_verifies():
    """The provider's own validator takes a genuine request for its own."""
    form, signature = read(genuine(3, sender_at(3)))

    assert "+33600000003" == form["From"]
    assert RequestValidator(number.SECRET).validate(number.URL, form, signature)


def test_forged_does_not():
    """It refuses a forged one, whose signature has the right form."""
    form, signature = read(forged(3, sender_at(3)))

    assert 28 == len(signature)
    assert not RequestValidator(number.SECRET).validate(number.URL, form, signature)


@pytest.mark.parametrize("played", workloads(0.01, 100_000), ids=lambda played: played.name)
def test_shares(played):
    """A pool comes to its shares, worked out from who has written before."""
    validator = RequestValidator(number.SECRET)
    answered = {read(raw)[0]["From"] for raw in played.primers()}
    seen = Counter()
    for raw in list(played.pool())[:1000]:
        form, signature = read(raw)
        if not validator.validate(number.URL, form, signature):
            seen[Outcome.REFUSED] += 1
        elif form["From"] in answered:
            seen[Outcome.SILENCE] += 1
        else:
            answered.add(form["From"])
            seen[Outcome.REPLY] += 1

    assert {outcome: int(share * 1000 + 0.5) for outcome, share in played.shares.items()} == seen


def test_pools_share_nothing():
    """No message id occurs in two pools, so that one server can take them one after the other."""
    ids = [
        read(raw)[0]["MessageSid"]
        for played in (*workloads(0.01, 10_000), strangers(100))
        for raw in (*played.primers(), *played.pool())
    ]

    assert len(ids) == len(set(ids))


def test_strangers():
    """In a flood of strangers nobody writes twice before a million have written, and neighbours in time are none in number."""
    senders = [read(raw)[0]["From"] for raw in strangers(1_000).pool()]

    assert 1_000 == len(set(senders))
    assert 50 < len({sender[:-4] for sender in senders})


def test_pool_file(tmp_path):
    """In a pool file each request stands behind its length."""
    path = write_pool(tmp_path / "pool", [b"abc", b"de"])

    assert 6 == FRAME
    assert b"000003abc000002de" == path.read_bytes()
