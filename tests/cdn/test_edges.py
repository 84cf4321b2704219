"""Facts about a worker behind the shipped Varnish and nginx files: what comes through, what is cached, what ends there."""

import contextlib
import json
import os
import signal
import time
from collections import Counter
from urllib.parse import urlencode

import pytest

from edge.core.kept.button import Act, Signer
from tests.cdn.edges import CACHING, EDGES, ORIGIN_SECRET, origin
from tests.worker import SECRET, URL, await_, fields, message_id, request, sender, sign


@contextlib.contextmanager
def behind(name, folder):
    """Yield the worker itself and the worker as seen through an edge."""
    with origin(folder) as worker, EDGES[name](folder, worker) as outside:
        await_(lambda: outside.get("/counter.json")[0] == 200)
        yield worker, outside


@pytest.fixture(params=sorted(EDGES))
def edge(request, tmp_path):
    """Yield an edge of this test's own, which it may change and stop."""
    with behind(request.param, tmp_path) as both:
        yield both


@pytest.fixture(scope="module", params=sorted(EDGES))
def standing(request, tmp_path_factory):
    """Yield an edge that tests share, and leave as it was."""
    with behind(request.param, tmp_path_factory.mktemp(request.param)) as both:
        yield both


def key_of(worker):
    """Return the key of a worker's ledger."""
    return (worker.log.parent / "antirelou.db.key").read_bytes()


def ask(edge, path, method="GET", headers=None):
    """Return status, headers and body of one request through an edge."""
    with contextlib.closing(edge.connect()) as connection:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def test_the_webhook_passes_untouched_and_verifies(standing):
    """Signed for the public address, sent through the edge under another name and port: it verifies and is answered."""
    worker, outside = standing
    before = Counter(worker.status()["by_reason"])
    first = outside.send(sender(60), "salut, ça va ? +33 & 100 % ", message_id(60))
    again = outside.send(sender(60), "salut, ça va ? +33 & 100 % ", message_id(60))
    forged = outside.send(sender(61), "salut", message_id(61), secret="forged")
    counted = Counter(worker.status()["by_reason"]) - before

    assert (200, True) == (first[0], "<Message>" in first[1])
    assert first == again
    assert 403 == forged[0]
    assert {"answered": 1, "duplicate": 1, "bad_signature": 1} == counted


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_longest_message_passes(standing, method):
    """1,600 emoji and the other fields are some twenty thousand bytes, with GET in the request line."""
    _, outside = standing
    who = {"POST": 50, "GET": 51}[method]
    form = fields(sender(who), "\N{GRINNING FACE}" * 1600, message_id(who))
    body = urlencode(form)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": sign(form)}
    if method == "GET":
        headers = {"X-Twilio-Signature": sign({}, url=f"{URL}?{body}")}
    target, sent = {"POST": ("/sms", body), "GET": (f"/sms?{body}", None)}[method]
    with contextlib.closing(outside.connect()) as connection:
        connection.request(method, target, sent, headers)
        response = connection.getresponse()
        answer = response.read()

    assert 19_000 < len(body)
    assert (200, True) == (response.status, b"<Message>" in answer)


def test_what_is_too_large_is_counted_by_the_worker(standing):
    """The edge takes a little more than the worker, which refuses it under its reason and books nothing."""
    worker, outside = standing
    before = worker.status()
    statuses = []
    for method, target, body in (("POST", "/sms", b"x" * 40_000), ("GET", "/sms?" + "x" * 40_000, None)):
        with contextlib.closing(outside.connect()) as connection:
            connection.request(method, target, body, {"Content-Type": "application/x-www-form-urlencoded"})
            statuses.append(connection.getresponse().status)
    after = worker.status()

    assert [413, 413] == statuses
    assert 2 == after["by_reason"]["too_large"] - before["by_reason"].get("too_large", 0)
    assert before["spent"] == after["spent"]


def test_the_webhook_is_never_cached(standing):
    """Each of twenty deliveries reaches the worker, and its answer says that nobody may keep it."""
    worker, outside = standing
    before = worker.status()["messages"]
    headers, body = request(sender(62), "salut", message_id(62))
    kept = set()
    for _ in range(20):
        with contextlib.closing(outside.connect()) as connection:
            connection.request("POST", "/sms", body, headers)
            response = connection.getresponse()
            response.read()
            kept.add(response.getheader("Cache-Control"))

    assert {"no-store"} == kept
    assert 20 == worker.status()["messages"] - before


def test_messages_are_not_limited_by_address(standing):
    """Three hundred at once, from the one address that a provider may have: they wait for a worker that is held up, and each gets a 200."""
    worker, outside = standing
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(contextlib.closing(outside.connect())) for _ in range(300)]
        for connection in connections:
            connection.connect()
        for child in worker.children():
            os.kill(child, signal.SIGSTOP)
            stack.callback(os.kill, child, signal.SIGCONT)
        for number, connection in enumerate(connections):
            headers, body = request(sender(100 + number), "salut", message_id(100 + number))
            connection.request("POST", "/sms", body, headers)
        for child in worker.children():
            os.kill(child, signal.SIGCONT)
        statuses = [connection.getresponse().status for connection in connections]

    assert [200] * 300 == statuses


@pytest.mark.parametrize("edge", CACHING, indirect=True)
def test_the_counter_stays_while_the_worker_is_gone(edge):
    """With the worker stopped and the page past its time, both pages are still shown; the webhook gets an error."""
    worker, outside = edge
    before = ask(outside, "/")
    assert 0 == worker.stop()
    data = json.loads(ask(outside, "/counter.json")[2])

    def aged():
        status, headers, body = ask(outside, "/")
        if status == 429:  # nginx lets one address ask ten times a second
            return False
        assert (200, before[2]) == (status, body)
        return int(headers.get("age", 0)) > 5 or headers.get("x-cache") == "STALE"

    await_(aged)
    webhook = outside.send(sender(1), "salut", message_id(1))

    assert {"messages", "replies", "silences"} == set(data)
    assert webhook[0] in {502, 503}
    assert "<Message>" not in webhook[1]


def test_a_client_that_holds_the_page_gets_none(standing):
    """The tag that came through the edge is answered with 304 and no body."""
    _, outside = standing
    status, headers, _ = ask(outside, "/")
    held = ask(outside, "/", headers={"If-None-Match": headers["etag"]})

    assert (200, 304, b"") == (status, held[0], held[2])


def test_the_button_of_the_alerts_is_reached_and_never_cached(edge):
    """A look at its page changes nothing, a press counts once, and the next visitor gets what the worker says, not what another got."""
    worker, outside = edge
    query = Signer(key_of(worker), Act.SILENCE).query_of("flood_began", time.time_ns() // 1_000_000)
    looks = [ask(outside, f"/silence?{query}") for _ in range(3)]
    before = outside.send(sender(1), "salut", message_id(1))
    preflight = ask(outside, "/silence", "OPTIONS", {"Origin": "https://ntfy.example.org"})
    presses = [ask(outside, f"/silence?{query}", "POST", {"Origin": "https://ntfy.example.org"}) for _ in range(3)]
    await_(lambda: worker.status()["paused"])
    after = outside.send(sender(2), "salut", message_id(2))

    assert [(200, "no-store")] * 3 == [(status, headers["cache-control"]) for status, headers, _ in looks]
    assert (204, "*") == (preflight[0], preflight[1]["access-control-allow-origin"])
    assert [200, 404, 404] == [status for status, _, _ in presses]
    assert {"*"} == {headers["access-control-allow-origin"] for _, headers, _ in presses}
    assert (True, False) == ("<Message>" in before[1], "<Message>" in after[1])
    assert 403 == ask(worker, f"/silence?{query}", "POST")[0]


def test_the_button_that_detaches_is_reached_and_never_cached(edge):
    """Like the other one, at its own path only: the address of the one does nothing at the path of the other."""
    worker, outside = edge
    silence, detach = (Signer(key_of(worker), act).query_of("flood_began", time.time_ns() // 1_000_000) for act in Act)
    looks = [ask(outside, f"/detach?{detach}") for _ in range(2)]
    wrong = [ask(outside, path, "POST")[0] for path in (f"/detach?{silence}", f"/silence?{detach}", "/detach")]
    before = worker.status()["attachment"]
    presses = [ask(outside, f"/detach?{detach}", "POST", {"Origin": "https://ntfy.example.org"}) for _ in range(3)]
    after = worker.status()["attachment"]

    assert [(200, "no-store")] * 2 == [(status, headers["cache-control"]) for status, headers, _ in looks]
    assert [404] * 3 == wrong
    assert [200, 404, 404] == [status for status, _, _ in presses]
    assert {"*"} == {headers["access-control-allow-origin"] for _, headers, _ in presses}
    assert ((True, None), (False, "by_hand")) == (
        (before["attached"], before["why"]),
        (after["attached"], after["why"]),
    )
    assert 403 == ask(worker, f"/detach?{detach}", "POST")[0]


def test_past_the_edge_there_is_nothing(standing):
    """Who finds the origin's address gets 403 not_our_edge for a genuine message, and for the counter."""
    worker, _ = standing

    assert (403, "not_our_edge\n") == worker.send(sender(1), "salut", message_id(1))
    assert 403 == worker.get("/")[0]
    assert 403 == worker.get("/", **{"X-Origin-Secret": ORIGIN_SECRET + "x"})[0]


@pytest.mark.parametrize(
    "path",
    [
        "/status.json", "/status", "/metrics", "/healthz", "/readyz", "/%73tatus.json", "//status.json", "/sms/../metrics",
        "/./status.json", "/status.json?x=/sms", "/counter.json/../status.json", "/sms/", "/SMS", "/sms%00", "/silence/", "/silence/x", "//silence", "/Silence",
        "/detach/", "/detach/x", "//detach", "/Detach", "/detach%0a", "/silencedetach",
    ],
)  # fmt: skip
def test_nothing_else_is_reached_from_outside(standing, path):
    """Status, metrics and health, however they are written, and whatever secret a stranger claims, are not found."""
    _, outside = standing
    status, _, body = ask(outside, path, headers={"X-Origin-Secret": ORIGIN_SECRET, "X-Edge-Page": "webhook"})

    assert status in {400, 404}
    assert b"kitty" not in body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "PURGE", "BAN", "PATCH"])
@pytest.mark.parametrize("path", ["/sms", "/counter.json", "/silence?x", "/detach?x"])
def test_other_methods_end_at_the_edge(standing, path, method):
    """Nobody purges a cache or reaches the worker with a method that has no business here."""
    worker, outside = standing
    status = ask(outside, path, method)[0]

    assert status in {400, 403, 405, 501}
    assert "wrong_method" not in worker.status()["by_reason"]


def test_numbers_texts_and_secrets_stay_off_the_edge_s_disk(edge, tmp_path):
    """After messages, one of them by GET and one while the worker is gone, no file of the edge holds any of it."""
    worker, outside = edge
    outside.send(sender(1), "unmistakable", message_id(1))
    ask(outside, "/sms?From=%2B33639980001&Body=unmistakable")
    outside.send(sender(1), "unmistakable" * 900, message_id(3))
    worker.stop()
    outside.send(sender(1), "unmistakable", message_id(2))
    ask(outside, "/sms?From=%2B33639980001&Body=unmistakable")

    folders = [path for path in (tmp_path / name for name in EDGES) if path.exists()]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".conf"]
    held = b"".join(path.read_bytes() for path in files if "_.vsm_child" not in str(path))
    assert files
    for secret in (b"unmistakable", b"63998000", b"63900000", SECRET.encode()):
        assert secret not in held
