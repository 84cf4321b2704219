"""What is answered before its body was read ends its connection, and says so."""

import http.client

import pytest

from tests.parts import Clock, app_of, call, play, running, setup_of
from tests.worker import config, free_port, message_id, request, sender, serving

CLOSE = (b"connection", b"close")


def answered(*chunks, **options):
    """Return the answer of an application."""

    async def scene():
        app = app_of(setup_of(), Clock())
        async with running(app):
            return await call(app, *chunks, **options)

    return play(scene)


@pytest.mark.parametrize(
    ("status", "chunks", "options"),
    [
        (413, [b"x" * 100_000], {}),
        (413, [b"x" * 100_000], {"told": False, "headers": {"Transfer-Encoding": "chunked"}}),
        (405, [b"x"], {"method": "PUT", "headers": {"Content-Length": "1"}}),
        (404, [b"x"], {"path": "/elsewhere"}),
        (404, [b"x"], {"path": "/elsewhere", "told": False, "headers": {"Transfer-Encoding": "chunked"}}),
    ],
)
def test_a_body_that_was_not_read_ends_the_connection(status, chunks, options):
    """Whatever the reason, however the body is announced."""
    answer = answered(*chunks, **options)

    assert (status, True) == (answer.status, CLOSE in answer.messages[0]["headers"])


@pytest.mark.parametrize(
    ("status", "options"),
    [(405, {"method": "PUT"}), (404, {"path": "/elsewhere", "method": "GET"}), (403, {"method": "POST"})],
)
def test_where_nothing_is_left_unread_the_connection_stays(status, options):
    """No body, or one that was read."""
    answer = answered(
        *([b"x=1"] if status == 403 else []), headers={"Content-Type": "application/x-www-form-urlencoded"}, **options
    )

    assert (status, False) == (answer.status, CLOSE in answer.messages[0]["headers"])


def test_a_stranger_takes_no_message_of_others_along(tmp_path):
    """A client that uses its connections again as it is told to loses nothing, whatever came before over them."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        client = http.client.HTTPConnection(*worker.address, timeout=10)
        statuses = []
        for n in range(20):
            for method, path in (("POST", "/sms"), ("POST", "/healthz"), ("PUT", "/sms"), ("POST", "/elsewhere")):
                client.request(method, path, b"x" * 100_000)
                response = client.getresponse()
                response.read()
                assert response.will_close
                headers, body = request(sender(n), "salut", message_id(n))
                client.request("POST", "/sms", body, headers)
                response = client.getresponse()
                response.read()
                statuses.append(response.status)
        client.close()

    assert [200] * 80 == statuses
