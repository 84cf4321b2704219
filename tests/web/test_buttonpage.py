"""A button of an alert as a page: a look does nothing, a press counts once, and whoever has none of ours learns nothing."""

import asyncio
import re

import pytest

from edge.core.kept.attachment import Attachment, Why
from edge.core.kept.button import FOR_MS, Act, Signer
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.wire.origin import Origin
from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.watch.pressing import detach, silence
from edge.web import buttonpage
from edge.web.buttonpage import Page
from tests.ledger.parts import RULES
from tests.parts import NOW_MS, Clock, call, play
from tests.web.test_numbers import OTHER
from tests.worker import PHONE

KEY = b"k" * 32
SIGNER = Signer(KEY, Act.SILENCE)
DETACHER = Signer(KEY, Act.DETACH)
GOOD = SIGNER.query_of("flood_began", NOW_MS).encode()
OLD = SIGNER.query_of("flood_began", 0).encode()
FORGED = Signer(b"j" * 32, Act.SILENCE).query_of("flood_began", NOW_MS).encode()


class House:
    """A ledger that may be away, and workers with the button of its alerts."""

    def __init__(self, language="en", secrets=(), signer=SIGNER):
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(RULES, Clock(), lambda _: None, self.books)
        self.asked = 0
        self.away = False
        self.language = language
        self.secrets = secrets
        self.signer = signer

    def worker(self):
        """Return the page of one more worker."""

        async def press(button, _number):
            self.asked += 1
            await asyncio.sleep(0)
            if self.away:
                raise LedgerDown("away")
            does = detach(self.ledger, button, PHONE) if self.signer is DETACHER else silence(self.ledger, button)
            return await does

        return Page(
            {"": self.signer},
            press,
            lambda until_ms: None if until_ms == WITHOUT_END_MS else f"<{until_ms}>",
            self.language,
            Origin(list(self.secrets)),
        )


def ask(page, method="POST", query=GOOD, **headers):
    """Return the answer to one request."""
    return play(lambda: call(page, method=method, path="/silence", query=query, headers=headers))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_look_does_nothing(method):
    """A preview, a scanner, a browser that asks whether it may: the ledger hears of none of them."""
    house = House()
    for _ in range(3):
        ask(house.worker(), method)

    assert (0, 0, []) == (house.asked, house.books.paused_until_ms, house.books.used)


def test_a_press_is_silence_for_an_hour_and_counts_once():
    """The page says until when; again, from this worker or another one, nothing is done."""
    house = House()
    worker = house.worker()
    first, again, other = ask(worker), ask(worker), ask(house.worker())

    assert (200, True) == (
        first.status,
        f"<p>Nobody is answered until <{NOW_MS + FOR_MS}>.</p>".encode() in first.body,
    )
    assert NOW_MS + FOR_MS == house.books.paused_until_ms
    assert [404, 404] == [again.status, other.status]


def test_a_press_detaches_for_an_hour_and_counts_once():
    """The page says until when the provider is asked to deliver nothing; nobody is paused by it."""
    house = House(signer=DETACHER)
    query = DETACHER.query_of("flood_began", NOW_MS).encode()
    pressed, again = ask(house.worker(), query=query), ask(house.worker(), query=query)
    kept = house.books.attachments[PHONE]

    assert (200, True, 404) == (
        pressed.status,
        f"deliver nothing until <{NOW_MS + FOR_MS}>.".encode() in pressed.body,
        again.status,
    )
    assert (False, Why.BY_HAND, NOW_MS + FOR_MS) == (kept.attached, kept.why, kept.attach_at_ms)
    assert 0 == house.books.paused_until_ms


@pytest.mark.parametrize(
    ("signer", "said"), [(SIGNER, b"until it is resumed."), (DETACHER, b"until the reason is gone for which")]
)
def test_what_has_no_end_of_its_own_is_said_so(signer, said):
    """A pause without an end, and a kitty that is spent: the button shortens neither."""
    house = House(signer=signer)
    play(lambda: house.ledger.pause(None))
    house.books.attachments[PHONE] = Attachment(attached=False, why=Why.KITTY_SPENT)
    pressed = ask(house.worker(), query=signer.query_of("flood_began", NOW_MS).encode())

    assert (200, True) == (pressed.status, said in pressed.body)
    assert Attachment(attached=False, why=Why.KITTY_SPENT) == house.books.attachments[PHONE]


@pytest.mark.parametrize(("signer", "other"), [(SIGNER, DETACHER), (DETACHER, SIGNER)])
def test_a_button_is_good_for_nothing_else(signer, other):
    """The address of one at the place of the other: nothing is done, and the ledger hears nothing of it."""
    house = House(signer=signer)
    pressed = ask(house.worker(), query=other.query_of("flood_began", NOW_MS).encode())

    assert (404, 0, {}, 0) == (pressed.status, house.asked, house.books.attachments, house.books.paused_until_ms)


def test_whoever_has_no_button_that_counts_is_told_nothing():
    """Used, too old, forged, blank and odd: the same answer to the byte, and nothing is done."""
    house = House()
    ask(house.worker())
    pressed_ms = house.books.paused_until_ms
    answers = [ask(house.worker(), query=query) for query in (GOOD, OLD, FORGED, b"", b"x=1", b"\xff" * 10_000)]

    assert 1 == len({str(answer.messages) for answer in answers})
    assert (404, pressed_ms) == (answers[0].status, house.books.paused_until_ms)


def test_what_we_have_not_signed_does_not_reach_the_ledger():
    """Nor does what this worker knows not to count: the ledger is asked once, however many press at once."""
    house = House()
    worker = house.worker()
    for query in (FORGED, b"", b"x" * 43):
        ask(worker, query=query)
    asked = house.asked

    async def crowd():
        return await asyncio.gather(*(call(worker, path="/silence", query=GOOD) for _ in range(50)))

    statuses = sorted(answer.status for answer in play(crowd))

    assert (0, 1) == (asked, house.asked)
    assert [200] + [404] * 49 == statuses


def test_what_is_known_not_to_count_has_a_fixed_size(monkeypatch):
    """The oldest is forgotten, and asked about again."""
    monkeypatch.setattr(buttonpage, "KNOWN_MAX", 2)
    house = House()
    worker = house.worker()
    for said_ms in (1, 2, 3, 3, 1):
        ask(worker, query=SIGNER.query_of("kitty_low", said_ms).encode())

    assert (4, 2) == (house.asked, len(worker._known))


def test_while_the_ledger_is_away_the_button_stays_good():
    """Whoever has it is told to press it later."""
    house = House()
    worker = house.worker()
    house.away = True
    away = ask(worker)
    house.away = False

    assert (503, True) == (away.status, b"The ledger is away" in away.body)
    assert 200 == ask(worker).status


def test_past_the_edge_there_is_no_button():
    """Whoever finds the origin's address gets the same as for the webhook; with the CDN's secret it works."""
    house = House(secrets=["through-the-edge"])
    refused = [ask(house.worker(), method) for method in ("GET", "POST", "OPTIONS")]
    taken = ask(house.worker(), **{"X-Origin-Secret": "through-the-edge"})

    assert [(403, b"not_our_edge\n")] * 3 == [(answer.status, answer.body) for answer in refused]
    assert 200 == taken.status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_have_no_business_here(method):
    """They get 405, and hear which ones have."""
    answer = ask(House().worker(), method)

    assert (405, b"GET, HEAD, POST, OPTIONS") == (answer.status, answer.headers[b"allow"])


def test_a_page_of_another_site_may_read_what_a_press_came_to():
    """Ntfy's own page in a browser presses it by a script; nothing is kept by any cache, and no cookie is asked for."""
    worker = House().worker()
    asked, pressed, shown = ask(worker, "OPTIONS"), ask(worker), ask(worker, "GET")

    assert (204, b"*", b"POST") == (
        asked.status,
        asked.headers[b"access-control-allow-origin"],
        asked.headers[b"access-control-allow-methods"],
    )
    assert b"*" == pressed.headers[b"access-control-allow-origin"]
    assert b"access-control-allow-origin" not in shown.headers
    assert {b"no-store"} == {answer.headers[b"cache-control"] for answer in (asked, pressed, shown)}


@pytest.mark.parametrize(
    ("language", "signer", "label"),
    [
        ("en", SIGNER, "Silence for an hour"),
        ("fr", SIGNER, "Silence pendant une heure"),
        ("en", DETACHER, "Detach for an hour"),
        ("fr", DETACHER, "Détacher pendant une heure"),
    ],
)
def test_the_page_is_one_button_and_loads_nothing(language, signer, label):
    """The same for every address; in the language of the alerts; no script, no frame, and no address is given on."""
    worker = House(language, signer=signer).worker()
    page, other = ask(worker, "GET"), ask(worker, "GET", query=b"<script>")

    assert page.body == other.body
    assert [label] == re.findall(r"<button>(.*)</button>", page.body.decode())
    assert f'<html lang="{language}">' in page.body.decode()
    assert b'<form method="post">' in page.body
    assert b"http" not in page.body
    assert b"<script" not in page.body
    assert b"no-referrer" == page.headers[b"referrer-policy"]
    assert page.headers[b"content-security-policy"].startswith(b"default-src 'none'; style-src 'sha256-")


def test_the_button_of_one_of_several_numbers_detaches_that_one():
    """The page says which; the look at it is the same for each."""
    house = House(signer=DETACHER)
    signers = {f"number[{index}]": Signer(KEY, Act.DETACH, phone) for index, phone in enumerate((PHONE, OTHER))}
    page = Page(
        signers,
        lambda button, number: detach(house.ledger, button, number),
        lambda until_ms: f"<{until_ms}>",
        "en",
        Origin([]),
    )
    query = signers["number[1]"].query_of("flood_began", NOW_MS).encode()
    pressed, again, forged = (
        ask(page, query=query),
        ask(page, query=query),
        ask(page, query=DETACHER.query_of("x", NOW_MS).encode()),
    )

    assert (200, 404, 404) == (pressed.status, again.status, forged.status)
    assert b"<h1>number[1]: Detached</h1>" in pressed.body
    assert {OTHER: False} == {phone: kept.attached for phone, kept in house.books.attachments.items()}
    assert ask(page, "GET", query).body == ask(page, "GET", b"").body
