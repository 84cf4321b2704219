"""Hunts in the application: any requests, in any pieces, hung up on at any point, beside genuine ones.

1. Each request is answered once and whole, whether or not somebody is still there to hear it; nothing is raised.
2. The status is one of the table, and an error whenever the provider has not signed.
3. No money without a signature; what was counted is what was sent.
"""

import asyncio
from collections import Counter

from hypothesis import strategies as st

from edge import wiring
from edge.core.wire.origin import Origin
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.ledger.memory import MemoryBooks
from edge.web.health import PATHS as PAGES
from edge.web.health import pages
from edge.web.page import PATHS as STATUS_PATHS
from edge.web.publicpage import PATHS as COUNTER_PATHS
from edge.web.publicpage import Counter as PublicCounter
from edge.web.publicpage import site
from edge.web.visitors import Visitors
from tests.fuzz.corpus import FORMS, PATHS
from tests.fuzz.hunt import hunt
from tests.parts import Clock, app_of, play, running, setup_of
from tests.worker import message_id, request, sender

METHODS = ["POST", "POST", "GET", "HEAD", "PUT", "OPTIONS", "post", "", "\udcff"]
NAMES = [
    *(b"content-type", b"x-twilio-signature", b"x-origin-secret", b"transfer-encoding", b"expect", b"host", b"authorization"),
    *(b"x-forwarded-for", b"if-none-match", b"range", b""),
]  # fmt: skip
PRICE_MICROS = 76_300

tokens = st.sampled_from(
    [
        b"application/x-www-form-urlencoded",
        b"application/json",
        b"multipart/form-data; boundary=x",
        b"*",
        b"Bearer ",
        b"",
    ]
)
headers = st.lists(
    st.tuples(st.sampled_from(NAMES) | st.binary(max_size=8), tokens | st.binary(max_size=20)), max_size=6
)
lengths = st.none() | st.sampled_from([b"0", b"5", b"32768", b"32769", b"99999999999999999999", b"007"])


@st.composite
def strange(draw):
    """A request that nobody has signed; the length that it tells need not be that of its body."""
    told = draw(lengths)
    return {
        "genuine": None,
        "method": draw(st.sampled_from(METHODS)),
        "path": draw(st.sampled_from([*["/sms"] * len(PATHS), *PATHS]) | st.text(max_size=6)),
        "query": draw(st.binary(max_size=20)),
        "headers": draw(headers) + ([] if told is None else [(b"content-length", told)]),
        "chunks": draw(st.lists(st.binary(max_size=30) | st.sampled_from(FORMS), max_size=4)),
        "gone": draw(st.none() | st.integers(0, 4)),
    }


@st.composite
def genuine(draw):
    """A message that the provider has signed, in pieces."""
    number = draw(st.integers(0, 5))
    named, body = request(sender(number), draw(st.sampled_from(["salut", "STOP", "", "a=&%"])), message_id(number))
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=3)))
    told = [(b"content-length", b"%d" % len(body))] if draw(st.booleans()) else []
    return {
        "genuine": number,
        "method": "POST",
        "path": "/sms",
        "query": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()] + told,
        "chunks": [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)],
        "gone": draw(st.none() | st.integers(0, 4)),
    }


def whole():
    """Return an application with all its pages, and its books."""
    setup, books = setup_of(), MemoryBooks()
    app = app_of(setup, Clock(), books)

    async def totals():
        return await app.ledger.totals()

    async def status():
        return {"spent": (await totals()).spent_micros}

    visitors = Visitors("a-key", b"a-secret")
    app.mount(PAGES, pages(status, totals, Clock(), visitors))
    app.mount(STATUS_PATHS, wiring.page_of(setup, app, visitors))
    app.mount(COUNTER_PATHS, site(PublicCounter(totals, Clock()), Origin(["a-secret"])))
    return app, books


async def ask(app, case):
    """Put one request to an application; return what it sent, and whether it had to read beyond where the client hung up."""
    scope = {
        "type": "http", "method": case["method"], "path": case["path"], "raw_path": b"", "query_string": case["query"],
        "headers": case["headers"], "client": ("192.0.2.1", 1), "server": ("127.0.0.1", 1), "scheme": "http",
        "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    chunks = case["chunks"] or [b""]
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": at < len(chunks)} for at, chunk in enumerate(chunks, 1)
    ]
    if case["gone"] is not None:
        waiting[case["gone"] :] = [{"type": "http.disconnect"}]
    sent, gone = [], False

    def receive():
        nonlocal gone
        message = waiting.pop(0) if waiting else {"type": "http.disconnect"}
        gone |= message["type"] == "http.disconnect"
        loop = asyncio.get_running_loop()
        coming = loop.create_future()  # as Granian returns one
        loop.call_soon(coming.set_result, message)
        return coming

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent, gone


def is_whole(case, sent):
    """Return the status of an answer that is whole: one start, one body, as long as it says."""
    start, *body = sent
    assert ["http.response.start", *["http.response.body"] * len(body)] == [message["type"] for message in sent]
    assert [False] == [message.get("more_body", False) for message in body]
    told = dict(start["headers"])
    length = len(body[0].get("body", b""))
    assert case["method"] == "HEAD" or start["status"] == 304 or int(told[b"content-length"]) == length
    assert all(b"\n" not in part and b"\r" not in part for header in start["headers"] for part in header)
    return start["status"]


def every_request_is_answered_once_and_only_the_signed_cost(cases):
    """What each request gets, and what they all come to."""

    async def scene():
        app, books = whole()
        async with running(app):
            answers = [await ask(app, case) for case in cases]
            tally = app._desk.tally()
        return answers, tally, books

    answers, tally, books = play(scene)
    at_desk = Counter()
    for case, (sent, gone) in zip(cases, answers, strict=True):
        if not sent:
            assert gone
            continue
        status = is_whole(case, sent)
        if case["path"] in {*PAGES, *COUNTER_PATHS, *STATUS_PATHS}:
            assert status in {200, 303, 304, 400, 403, 405, 503}
        else:
            at_desk[status] += 1
            assert case["genuine"] is not None or 200 != status
            assert case["genuine"] is None or gone or 200 == status
            assert 200 == status or status in HTTP_STATUS.values()
    counted = Counter({200: 0})
    for reason, count in tally.counts.items():
        counted[HTTP_STATUS.get(reason, 200)] += count
    assert +at_desk == +counted
    replied = sum(b"<Message>" in sent[-1].get("body", b"") for sent, _ in answers if sent)
    assert tally.counts[Reason.ANSWERED] + tally.counts[Reason.DUPLICATE] == replied
    assert tally.counts[Reason.ANSWERED] * PRICE_MICROS == books.replies_micros
    assert books.replies_micros <= PRICE_MICROS * len({case["genuine"] for case in cases} - {None})


def test_any_requests_are_answered_once_and_only_the_signed_ones_cost(shows):
    """Methods, paths, headers, lengths, chunks and hang-ups of any kind, beside genuine messages."""
    requests = 0

    def check(cases):
        nonlocal requests
        requests += len(cases)
        every_request_is_answered_once_and_only_the_signed_cost(cases)

    plain = {
        "genuine": None,
        "query": b"",
        "gone": None,
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
    }
    corpus = [[plain | {"method": "POST", "path": path, "chunks": [form]}] for path in PATHS for form in FORMS[:20]]
    corpus += [[plain | {"method": method, "path": "/sms", "chunks": []}] for method in METHODS]
    tried = hunt(check, st.lists(strange() | genuine(), max_size=8), corpus)
    shows("P7", rounds=tried, requests=requests)

    assert len(corpus) < tried
