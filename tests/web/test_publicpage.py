"""Facts about the public counter: what it shows, to whom, how often it is built, and what caches may do with it."""

import asyncio
import datetime as dt
import http.client
import json
import re

import pytest

from edge import wiring
from edge.core.charging.charge import Totals
from edge.core.limits.bucket import UNUSED
from edge.core.showing.counted import Counted, counted
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.web.etag import is_known
from edge.web.publicpage import PATHS, Counter, as_html, figures, pages_of
from tests.parts import call, deliver, play, running, setup_of
from tests.worker import await_, config, free_port, message_id, sender, serving

COUNTS = {
    Reason.ANSWERED: 1204,
    Reason.DUPLICATE: 7,
    Reason.SENDER_LIMIT: 24_000,
    Reason.PACE_LIMIT: 113,
    Reason.BAD_SIGNATURE: 99,
    Reason.NOT_FOUND: 5,
}
SUMS = counted(Totals(COUNTS, 100_000_000, 201_340_000, UNUSED, 0))


class Books:
    """Sums that count how often they are asked for, and may be away."""

    def __init__(self):
        self.asked = 0
        self.away = False

    async def __call__(self):
        """Return the sums, or be away."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise LedgerDown("away")
        return SUMS


def ask(address, path, method="GET", headers=()):
    """Return status, headers and body of one request."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request(method, path, headers=dict(headers))
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def test_every_message_is_either_answered_or_silent():
    """Retries and what does not come from the provider are no messages, and silences are what is left over."""
    assert {"messages": 25_317, "replies": 1204, "silences": 24_113} == figures(SUMS, None)


def test_money_is_shown_only_with_a_currency():
    """What was spent, on replies and on receiving, is there if the file says so and nowhere else."""
    assert "spent" not in figures(SUMS, None)
    assert {"currency": "EUR", "spent": "301.34"}.items() <= figures(SUMS, "EUR").items()
    assert "301.34" in as_html(figures(SUMS, "EUR"))
    assert "EUR" not in as_html(figures(SUMS, None))


def test_the_page_is_small_and_brings_all_it_needs():
    """Under 3 KB, no script, nothing loaded from anywhere: one request shows it."""
    page = as_html(figures(SUMS, "EUR"))

    assert len(page.encode()) < 3_000
    assert "<script" not in page
    assert "http" not in page
    assert "25\N{NARROW NO-BREAK SPACE}317" in page


def test_a_number_that_nobody_has_written_to_yet_has_a_page():
    """Nothing is divided by the messages that are not there."""
    assert '<rect width="0"' in as_html(figures(Counted(0, 0, 0), None))


def test_the_tag_changes_with_the_figures_and_only_with_them():
    """Two workers with the same totals give the same tag, and one more message gives another."""
    first, again, later = (pages_of({"messages": n, "replies": 0, "silences": n}) for n in (1, 1, 2))

    for path in PATHS:
        assert first[path].etag == again[path].etag
        assert first[path].etag != later[path].etag


@pytest.mark.parametrize("held", ['"a"', 'W/"a"', '"b", "a"', '"b" , W/"a"', "*"])
def test_a_client_that_holds_the_page_is_known(held):
    """A strong tag, one that a cache made weak, one of several, or any at all."""
    assert is_known('"a"', held)


@pytest.mark.parametrize("held", ["", "a", '"b"', 'W/"b"', '"a'])
def test_a_client_that_holds_another_page_gets_this_one(held):
    """No tag, a bare word and another tag are not this page."""
    assert not is_known('"a"', held)


def test_a_crowd_costs_the_ledger_one_look_a_second():
    """A thousand at once and a thousand within the same second ask the ledger once; the next second once more."""
    now_ms, books = [1_000_000], Books()
    counter = Counter(books, lambda: now_ms[0])

    async def crowd():
        await asyncio.gather(*(counter.page("/") for _ in range(1000)))

    async def play():
        await crowd()
        now_ms[0] += 999
        await crowd()
        within = books.asked
        now_ms[0] += 1
        await crowd()
        return within, books.asked

    assert (1, 2) == asyncio.run(play())


def test_a_clock_that_steps_back_does_not_freeze_the_counter():
    """An hour back is more than a second away, so the page is built anew."""
    now_ms, books = [10_000_000], Books()
    counter = Counter(books, lambda: now_ms[0])

    async def play():
        await counter.page("/")
        now_ms[0] -= 3_600_000
        await counter.page("/")

    asyncio.run(play())
    assert 2 == books.asked


def test_while_the_ledger_is_down_the_last_page_stays():
    """The page of before is shown, the ledger is asked once a second, and without a page LedgerDown is raised at once."""
    now_ms, books = [1_000_000], Books()
    counter, empty = Counter(books, lambda: now_ms[0]), Counter(books, lambda: now_ms[0])

    async def play():
        before = await counter.page("/")
        books.away = True
        now_ms[0] += 5_000
        after = await counter.page("/")
        asked = books.asked
        for _ in range(100):
            with pytest.raises(LedgerDown):
                await empty.page("/")
        return before, after, books.asked - asked

    before, after, tries = asyncio.run(play())
    assert before is after
    assert 1 == tries


def test_a_number_has_no_counter_unless_its_file_asks_for_one(tmp_path):
    """By default / and /counter.json are not found, so trolls learn nothing."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        answers = [worker.get(path)[0] for path in PATHS]

    assert [404, 404] == answers


def test_a_real_worker_counts_in_public(tmp_path):
    """Both pages show what was sent a second ago, may be cached, and are not sent again to whoever has them."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}") + "counter = true\n") as worker:
        for n in range(3):
            worker.send(sender(1), "salut", message_id(n))
        await_(lambda: json.loads(worker.get("/counter.json")[1])["messages"] == 3)
        status, headers, body = ask(worker.address, "/counter.json")
        held = [("If-None-Match", f"W/{headers['etag']}")]
        unchanged = ask(worker.address, "/counter.json", headers=held)
        page = ask(worker.address, "/")
        head = ask(worker.address, "/", method="HEAD")
        post = ask(worker.address, "/", method="POST")

    assert (200, {"messages": 3, "replies": 1, "silences": 2}) == (status, json.loads(body))
    assert "public, max-age=5, s-maxage=5, stale-while-revalidate=60, stale-if-error=86400" == headers["cache-control"]
    assert (304, b"", headers["etag"]) == (unchanged[0], unchanged[2], unchanged[1]["etag"])
    assert (200, "text/html; charset=utf-8") == (page[0], page[1]["content-type"])
    assert (200, page[1]["etag"], b"") == (head[0], head[1]["etag"], head[2])
    assert 405 == post[0]


def test_behind_an_edge_the_counter_is_for_its_edge_only(tmp_path):
    """With an origin secret, whoever comes past the CDN gets 403 that no cache keeps, and the CDN gets the page."""
    text = config(bind=f"127.0.0.1:{free_port()}") + 'counter = true\norigin-secret-env = "ORIGIN_SECRET"\n'
    with serving(tmp_path, text, environ={"ORIGIN_SECRET": "through-the-edge"}) as worker:
        past = ask(worker.address, "/")
        through = ask(worker.address, "/", headers=[("X-Origin-Secret", "through-the-edge")])

    assert (403, b"not_our_edge\n", "no-store") == (past[0], past[2], past[1]["cache-control"])
    assert 200 == through[0]


def test_a_worker_that_never_met_its_ledger_says_so_to_nobody_s_cache(tmp_path):
    """A ledger that is gone before the first look gives 503 that no cache keeps; the CDN shows what it has."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}") + "counter = true\n") as worker:
        (tmp_path / "antirelou.db").unlink()
        status, headers, body = ask(worker.address, "/counter.json")

    assert (503, "no-store") == (status, headers["cache-control"])
    assert body.startswith(b"ledger_down")


def test_no_figure_is_cut_off_on_a_phone():
    """The longest amount may be broken, and figures are as small as the window asks."""
    style = as_html(figures(SUMS, "EUR")).partition("</style>")[0]
    rule = re.search(r"^dd \{(.*)\}$", style, re.MULTILINE)[1]

    assert ("overflow-wrap: anywhere" in rule, "nowrap" in rule, "clamp(" in rule) == (True, False, True)


@pytest.mark.parametrize(("chosen", "messages"), [("no", 3), ("say", 3), ("yes", 0)])
def test_where_a_number_may_be_detached_everybody_sees_the_sums_of_yesterday(chosen, messages):
    """A counter that stands still would say that it is; a number that began today shows nothing."""
    text = f'{config()}counter = true\ncounter-money = true\n[receiving]\ndetach = "{chosen}"\n'

    async def scene():
        app = wiring.application(setup_of(text))
        async with running(app):
            for n in range(3):
                await deliver(app, sender(1), "salut", message_id(n))
            await app.tell()
            return [(await call(app, method="GET", path=path)).body for path in PATHS]

    day = today()
    html, data = play(scene)
    shown = json.loads(data)

    assert today() != day or (messages, min(messages, 1)) == (shown["messages"], shown["replies"])
    assert today() != day or ("0.0988" if messages else "0.00") == shown["spent"]
    assert shown["spent"] in html.decode()


def today():
    """Return the day, in UTC."""
    return dt.datetime.now(dt.UTC).date()
