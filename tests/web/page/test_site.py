"""Facts about the page at `/status`: who gets in, what is shown, and what its button does."""

import asyncio
import datetime as dt
import json
import re
from urllib.parse import urlencode

import msgspec
import pytest

from edge import wiring
from edge.core.kept.attachment import Attachment
from edge.core.showing.overview import Onlooker, Overview, overview_of
from edge.core.showing.shareleft import ShareLeft
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks
from edge.units import HOUR_MS, MINUTE_MS, SECOND_MS
from edge.web.page import PATHS
from edge.web.page.site import FORM_BYTES_MAX, Site, form_of
from edge.web.visitors import COOKIE, Visitors
from tests.core.showing.test_overview import PURSE, flooded, statement
from tests.parts import NOW_MS, Clock, Pipe, app_of, call, deliver, play, running, setup_of
from tests.worker import config, sender

KEY = "s3cret"
PAGE, LIVE = PATHS
VISITORS = Visitors(KEY, b"secret")
CLOCK = Clock(NOW_MS)
SHARES = [ShareLeft(f"number[{index}]", 0, 0, 0) for index in range(2)]
ATTACHED, DETACHED = Attachment(), Attachment(attached=False, since_ms=NOW_MS, trouble="no key")


def seen(silence="", *, alerts_are_set=True, purse=PURSE, attachments=(ATTACHED,), shares=(), senders=None, **what):
    """Return an overview."""
    return overview_of(
        statement(**what),
        purse,
        Onlooker(),
        currency="EUR",
        price_micros=76_300,
        silence=silence,
        alerts_are_set=alerts_are_set,
        attachments=attachments,
        shares=shares,
        count_senders=lambda _: senders,
    )


class Desk:
    """What stands behind the page: an overview, and what its buttons do. Looks are counted."""

    def __init__(self, shown=None):
        self.shown = shown or seen()
        self.done = []
        self.looks = 0

    async def look(self):
        """Return what there is."""
        self.looks += 1
        if isinstance(self.shown, Overview):
            return self.shown
        raise LedgerDown("unplugged")

    async def pause(self, for_ms):
        """Note it."""
        self.done.append(for_ms)
        if not isinstance(self.shown, Overview):
            raise LedgerDown("unplugged")

    async def resume(self):
        """Note it."""
        self.done.append("resume")

    def site(self, visitors=VISITORS, clock=CLOCK):
        """Return the page in front of it."""
        return Site(
            look=self.look, pause=self.pause, resume=self.resume, clock=clock, visitors=visitors, zone=dt.UTC
        ).pages


def cookie():
    """Return the headers of a browser that was let in."""
    return {"Host": "sms.example.org", "Cookie": f"{COOKIE}={VISITORS.cookie(NOW_MS)}"}


def get(site, path=PAGE, query=b"", host="203.0.113.9", **headers):
    """Return the answer to somebody who was let in."""
    return play(lambda: call(site, method="GET", path=path, query=query, headers=cookie() | headers, host=host))


def post(site, headers=None, **form):
    """Return the answer to a form."""
    given = (cookie() if headers is None else headers) | {"Content-Type": "application/x-www-form-urlencoded"}
    return play(lambda: call(site, urlencode(form).encode(), path=PAGE, headers=given, host="203.0.113.9"))


def token(answer):
    """Return what the form in a page carries."""
    return re.search(rb'name="token" value="(\w+)"', answer.body)[1].decode()


def text(answer):
    """Return what a page says, without its marks."""
    body = answer.body.decode().partition("<body>")[2]
    return " ".join(re.sub(r"<script>.*</script>|<[^>]+>", " ", body, flags=re.DOTALL).split())


def test_who_has_no_key_is_asked_for_it():
    """On the page with a form, and with no word about the number; on the small JSON with a plain refusal."""
    site = Desk().site()
    door, live = (play(lambda path=path: call(site, method="GET", path=path, host="203.0.113.9")) for path in PATHS)

    assert (403, 403) == (door.status, live.status)
    assert 'type="password"' in door.body.decode()
    assert "€" not in text(door) + live.body.decode()


def test_the_key_is_exchanged_for_a_cookie():
    """By a form, never in an address; the cookie is for this page, for TLS, and for no script and no other site."""
    site = Desk().site()
    refused = post(site, {"Host": "sms.example.org"}, do="enter", key="s3cre")
    entered = post(site, {"Host": "sms.example.org"}, do="enter", key=KEY)
    given = entered.headers[b"set-cookie"].decode()

    assert (403, "That is not the key.") == (refused.status, re.search(r"That is not the key\.", text(refused))[0])
    assert (303, PAGE) == (entered.status, entered.headers[b"location"].decode())
    assert {"HttpOnly", "Path=/status", "SameSite=strict", "Secure"} <= set(given.split("; "))
    assert 200 == get(site, Cookie=given.partition(";")[0]).status
    assert "Secure" not in post(site, {"Host": "localhost:8000"}, do="enter", key=KEY).headers[b"set-cookie"].decode()


def test_without_a_key_it_is_open_on_this_machine_only():
    """Elsewhere the page says how to open it, and there is no form."""
    site = Desk().site(Visitors(None, b"secret"))
    near = play(lambda: call(site, method="GET", path=PAGE, headers={"Host": "127.0.0.1:8000"}))
    far = play(lambda: call(site, method="GET", path=PAGE, host="203.0.113.9"))

    assert (200, 403) == (near.status, far.status)
    assert "server.status-key-env" in text(far)
    assert b"password" not in far.body
    assert b'value="leave"' not in near.body


def test_nobody_else_gets_it_from_a_cache():
    """Private, asked for anew each time; by whom, and in which language, is part of what it depends on."""
    for path in PATHS:
        answer = get(Desk().site(), path)
        assert (200, b"private, no-cache") == (answer.status, answer.headers[b"cache-control"])
        assert b"cookie, authorization, accept-language" == answer.headers[b"vary"]


def test_it_asks_for_nothing_elsewhere():
    """No address of another host is in it, and the policy allows none; its one script and one style are known by their hash."""
    answer = get(Desk().site())
    policy = answer.headers[b"content-security-policy"].decode()

    assert [] == re.findall(rb"(?:https?:)?//[a-z]", answer.body.replace(b"// Asks", b""))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_small_json_is_sent_once():
    """Who holds it already gets 304, and nothing of it."""
    site = Desk().site()
    first = get(site, LIVE)
    again = get(site, LIVE, **{"If-None-Match": first.headers[b"etag"].decode()})

    assert {"state", "flood", "kitty", "silence", "history", "reasons", "health"} == set(
        json.loads(first.body)["parts"]
    )
    assert (304, b"") == (again.status, again.body)


def test_the_parts_of_both_are_the_same():
    """What is put anew is what the page has."""
    site = Desk(seen(minutes=flooded(30, 0))).site()
    page, parts = get(site).body.decode(), json.loads(get(site, LIVE).body)["parts"]

    assert [] == [name for name, html in parts.items() if html not in page]


def test_a_crowd_costs_one_look_a_second():
    """However many ask, for either of both."""
    desk, clock = Desk(), Clock(NOW_MS)
    site = desk.site(clock=clock)

    async def crowd():
        await asyncio.gather(*(call(site, method="GET", path=LIVE, headers=cookie()) for _ in range(50)))

    play(crowd)
    first = desk.looks
    clock.now_ms += SECOND_MS
    play(crowd)

    assert (1, 2) == (first, desk.looks)


def test_silence_for_an_hour_and_back():
    """Each by its button; afterwards the page shows what holds now, not what was seen a moment ago, whichever worker it comes from."""
    desk = Desk()
    site, other = desk.site(), desk.site()
    mark = token(get(site))
    get(other)
    pressed = post(site, token=mark, do="silence")
    desk.shown = seen(paused_until_ms=NOW_MS + HOUR_MS)
    given = pressed.headers[b"set-cookie"].decode()
    browser = {"Cookie": f"{cookie()['Cookie']}; {given.partition(';')[0]}"}
    silent = [text(get(one, **browser)) for one in (site, other)]
    live = [get(one, LIVE, **browser).body.decode() for one in (site, other)]
    post(site, token=mark, do="resume")

    assert (303, [HOUR_MS, "resume"]) == (pressed.status, desk.done)
    assert "Max-Age=1;" in given
    assert [True] * 4 == ["Silence until 09:00" in said and "Answer again" in said for said in silent + live]


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, {"token": "x"}),
        ({}, {}),
        ({"Origin": "https://evil.example"}, None),
        ({"Sec-Fetch-Site": "cross-site"}, None),
        ({"Cookie": ""}, None),
    ],
)
def test_a_button_of_somebody_else_does_nothing(headers, form):
    """Without the token, from another site, or without the cookie."""
    desk = Desk()
    site = desk.site()
    mark = {"token": token(get(site))} if form is None else form
    answer = post(site, cookie() | headers, do="silence", **mark)

    assert (403, []) == (answer.status, desk.done)


def test_an_unknown_button_is_refused():
    """It is named as what it is."""
    site = Desk().site()

    assert (400, b"status: no such button\n") == (
        (answer := post(site, token=token(get(site)), do="spend")).status,
        answer.body,
    )


def test_a_button_while_the_ledger_is_away_says_so():
    """Nothing is pretended; it is silent anyway."""
    desk = Desk()
    site = desk.site()
    mark = token(get(site))
    desk.shown = "unplugged"

    assert (503, True) == ((answer := post(site, token=mark, do="silence")).status, b"ledger_down" in answer.body)


def test_leaving_takes_the_cookie_away():
    """The browser forgets it; whoever comes next is asked for the key."""
    site = Desk().site()
    left = post(site, token=token(get(site)), do="leave")

    assert "Max-Age=0" in left.headers[b"set-cookie"].decode()


def test_the_language_is_the_browsers_or_the_one_chosen():
    """Whichever was chosen last stays."""
    site = Desk().site()
    chosen = get(site, query=b"language=fr")
    kept = cookie()["Cookie"] + "; " + chosen.headers[b"set-cookie"].decode().partition(";")[0]

    assert 'lang="en"' in get(site).body.decode()
    assert 'lang="fr"' in get(site, **{"Accept-Language": "fr-FR"}).body.decode()
    assert (303, 'lang="fr"') == (chosen.status, re.search('lang="fr"', get(site, Cookie=kept).body.decode())[0])
    assert 200 == get(site, query=b"language=xx").status


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (seen(), "It answers Whoever writes"),
        (seen(minutes=flooded(30, 0)), "A flood is on"),
        (seen(minutes=flooded(30, 0)), "3,100"),
        (seen(minutes=flooded(30, 0), senders=1_234), "Different numbers at least 1,234 People answered"),
        (seen(minutes=flooded(30, 0)), "of people who had had their answer 1,550 People answered"),
        (seen("paused: nobody is answered until it is false"), "Silence, by the static file paused: nobody"),
        (seen("paused: nobody is answered until it is false"), "a button changes nothing"),
        (seen(paused_until_ms=NOW_MS + HOUR_MS), "Silence until 09:00"),
        (seen(paused_until_ms=2**52), "Silence until somebody ends it"),
        (seen(attachments=[DETACHED]), "The number is detached The provider delivers nothing"),
        (seen(replies_micros=2_000_000_000), "The kitty is empty"),
        (seen(purse=msgspec.structs.replace(PURSE, burst_micros=1)), "The pace is used up"),
        (seen(minutes=flooded(30, 0)), "Provider last message 08:00 (fine)"),
        (seen(), "no message in the last day"),
        (seen(noted={"signature": [NOW_MS]}), "do not verify; the log says why (look at it)"),
        (seen(), "Alerts arrive"),
        (seen(), "Delivery the provider delivers (fine)"),
        (seen(attachments=[DETACHED]), "none since 08:00: the number is detached; no key (look at it)"),
        (
            seen(attachments=[msgspec.structs.replace(DETACHED, attach_at_ms=NOW_MS + HOUR_MS)]),
            "none since 08:00, until 09:00",
        ),
        (
            seen(attachments=[ATTACHED, DETACHED], shares=SHARES),
            "Detached: number[1] The provider delivers nothing there",
        ),
        (seen(attachments=[DETACHED, DETACHED], shares=SHARES), "The number is detached The provider delivers nothing"),
        (seen(attachments=[ATTACHED, DETACHED], shares=SHARES), "Delivery number[0] the provider delivers (fine)"),
        (
            seen(attachments=[ATTACHED, DETACHED], shares=SHARES),
            "Delivery number[1] none since 08:00: the number is detached; no key (look at it)",
        ),
        (seen(alerts_are_set=False), "nobody is told: alert.to-env is not set"),
        (seen(minutes=flooded(60, 50), received_micros=10_000_000), "Lasts until"),
        (seen(), "Nothing is spent at the moment"),
        (msgspec.structs.replace(seen(), day=None), "Replies — 35.00 € a day"),
        (seen(counts={Reason.SENDER_LIMIT: 22_104}), "22,104 from people who had already had their answer"),
        (seen(), "Nobody has met silence yet."),
    ],
)
def test_it_says_in_plain_words_what_is(shown, said):
    """The one thing that must be known first, and each part's state."""
    assert said in text(get(Desk(shown).site()))


def test_channels_that_fail_are_named():
    """By what the file calls them."""
    shown = msgspec.structs.replace(seen(), alerts=msgspec.structs.replace(seen().alerts, failing=["ntfy", "mail"]))

    assert "do not arrive on ntfy, mail" in text(get(Desk(shown).site()))


def test_while_the_ledger_is_away_the_last_one_is_shown():
    """With the time of which it is; and where there never was any, with nothing but that."""
    desk, clock = Desk(), Clock(NOW_MS)
    site = desk.site(clock=clock)
    get(site)
    desk.shown = "unplugged"
    clock.now_ms += 5 * SECOND_MS
    page, never = text(get(site)), text(get(desk.site()))

    assert "The ledger does not answer" in page
    assert "is of 08:00" in page
    assert "does not answer: unplugged" in page
    assert "1,999" in page or "2,000.00" in page
    assert "The ledger does not answer Silence, and nothing is spent" in never
    assert "€" not in never


def test_what_the_file_says_is_never_markup():
    """Whatever stands in it."""
    shown = msgspec.structs.replace(seen(), currency="<b>", silence="<script>alert(1)</script>")

    assert "&lt;script&gt;" in get(Desk(shown).site()).body.decode()
    assert b"<script>alert" not in get(Desk(shown).site()).body


def test_a_form_that_is_no_form_of_ours_is_read_no_further():
    """Too long, hung up, or slower than anybody types."""
    site = Desk().site()
    far = {"headers": {"Host": "x"}, "path": PAGE, "host": "203.0.113.9"}
    long = play(lambda: call(site, b"key=" + b"x" * FORM_BYTES_MAX, **far))
    gone = play(lambda: call(site, end={"type": "http.disconnect"}, told=False, **far))

    assert (403, 403) == (long.status, gone.status)


def test_a_form_that_never_ends_is_given_up(monkeypatch):
    """The connection is somebody else's by then."""
    from starlette.requests import Request  # noqa: PLC0415 — the one test that makes one by hand

    monkeypatch.setattr("edge.web.page.site.FORM_S", 0.01)

    async def scene():
        return await form_of(Request({"type": "http", "headers": []}, Pipe()))

    assert {} == play(scene)


def test_a_worker_serves_it_from_its_ledger():
    """What it answered is there, on the page of whoever is on this machine; its button is the ledger's pause."""
    setup = setup_of(config())
    clock = Clock()
    app = app_of(setup, clock)
    pages = wiring.page_of(setup, app, Visitors(None, b"secret"))
    near = {"Host": "127.0.0.1:8000"}

    async def scene():
        async with running(app):
            await deliver(app, "+33639000001", "hello", "SM1")
            await deliver(app, "+33639000001", "again", "SM2")
            first = await call(pages, method="GET", path=PAGE, headers=near)
            form = urlencode({"token": token(first), "do": "silence"}).encode()
            pressed = await call(pages, form, path=PAGE, headers=near)
            standing = await app.ledger.totals()
            await call(pages, urlencode({"token": token(first), "do": "resume"}).encode(), path=PAGE, headers=near)
            return first, pressed, standing, await app.ledger.totals()

    first, pressed, paused, resumed = play(scene)

    assert "Of 2 messages since the ledger was begun, 1 were answered" in text(first)
    assert "1 from people who had already had their answer" in text(first)
    assert (303, NOW_MS + HOUR_MS, 0) == (pressed.status, paused.paused_until_ms, resumed.paused_until_ms)


def test_every_worker_shows_the_same():
    """Whoever asks the other one, or one that has just started, sees what both have seen."""
    setup, clock, books = setup_of(config()), Clock(), MemoryBooks()
    visitors, near = Visitors(None, b"secret"), {"Host": "127.0.0.1:8000"}

    async def scene():
        apps = [app_of(setup, clock, books) for _ in range(3)]
        async with running(apps[0]), running(apps[1]):
            for number in range(6):
                await deliver(apps[number % 2], f"+3363900000{number % 4}", "hello", f"SM{number}")
            for app in apps[:2]:
                await app.tell()
            async with running(apps[2]):
                sites = [wiring.page_of(setup, app, visitors) for app in apps]
                return [await call(site, method="GET", path=LIVE, headers=near) for site in sites]

    first, second, fresh = play(scene)

    assert first.body == second.body == fresh.body
    assert b"Of 6 messages since the ledger was begun, 4 were answered" in first.body


@pytest.mark.parametrize(
    ("share", "said"), [("0.25", "Different numbers at least 160 People"), ("0", "answer 20 People answered 160")]
)
def test_a_flood_has_the_senders_that_the_workers_have_noted(monkeypatch, share, said):
    """Each once, answered or not; where nothing is kept for second knocks nobody notes them, and nothing is said."""
    clock = Clock()
    monkeypatch.setattr(wiring, "clock", clock)
    setup = setup_of(f"{config()}[knock]\nshare = {share}\n")

    async def scene():
        app = wiring.application(setup)
        async with running(app):
            for number in [*range(160), *range(20)]:
                await deliver(app, sender(number), "hello", f"SM{number}-{clock.now_ms}")
                clock.now_ms += 10
            await app.tell()
            clock.now_ms += MINUTE_MS
            return await call(app, method="GET", path=PAGE, headers={"Host": "127.0.0.1:8000"})

    assert said in text(play(scene))
