"""The status page of four numbers in a real browser, with sums of a flood: what it says of each can be read on a telephone without moving it sideways."""

import asyncio
import time

import pytest

from edge.configfile import load
from edge.core.charging.charge import Came, Tally
from edge.core.detaching.webhook import detached_by_hand
from edge.core.kept.attachment import Attachment
from edge.core.wire.reason import Reason
from edge.ledger.opening import open_ledger, prepare
from edge.meaning.terms import rules_of
from edge.setup import place_of
from edge.units import HOUR_MS
from tests.browser.test_page import KEY, enter, faults
from tests.needs import need
from tests.worker import PHONE, config, free_port, serving
from tools.browser import browsing

PHONES = [PHONE, "+33937000001", "+33937000002", "+33937000003"]
FLOOD = 1_234_567
WIDTHS = 280, 320, 360, 480, 560, 768, 1280
"""From a telephone that folds to a desktop."""
OVER = """
[...document.querySelectorAll("html, main, main *:not(.unseen)")].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
    .map(e => e.outerHTML.slice(0, 200))
"""
"""What is wider than its place, and so cut off, on top of something else, or to be moved sideways."""


def four():
    """Return a file with four numbers, which are rich."""
    text = config(bind=f"127.0.0.1:{free_port()}", kitty="2000000", per_day="100000", burst="100000")
    head, _, rest = text.partition("[reply]")
    numbers = [
        head.replace("[number]", "[[number]]").replace(PHONE, phone).replace("/sms", f"/sms{index}")
        for index, phone in enumerate(PHONES)
    ]
    return "".join(numbers) + f"[reply]{rest}" + 'status-key-env = "STATUS_KEY"\n'


def fill(file):
    """Have a flood told of each number, and the last one detached by hand for an hour."""
    config = load(file)
    place = place_of(config, file.parent)
    prepare(place)

    async def told():
        ledger = open_ledger(place, rules_of(config), lambda: time.time_ns() // 1_000_000, lambda _: None)
        came = {phone: Came(FLOOD, FLOOD // 2, FLOOD * 7_500, FLOOD) for phone in PHONES}
        total = FLOOD * len(PHONES)
        await ledger.tell(Tally({Reason.SENDER_LIMIT: total}, total * 7_500, total, came))
        now_ms = (await ledger.totals()).now_ms
        await ledger.keep_attachment(PHONES[-1], Attachment(), detached_by_hand(Attachment(), HOUR_MS, now_ms))
        await ledger.close()

    asyncio.run(told())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return a tab that shows the page, let in by the key."""
    need("chromium")
    folder = tmp_path_factory.mktemp("four")
    (folder / "edge.toml").write_text(text := four())
    fill(folder / "edge.toml")
    with serving(folder, text, environ={"STATUS_KEY": KEY}) as worker, browsing() as tab:
        tab.go("http://{}:{}/status".format(*worker.address))
        enter(tab, KEY)
        yield tab


@pytest.mark.parametrize(("language", "million"), [("en", "1,234,567"), ("fr", "1\u202f234\u202f567")])
@pytest.mark.parametrize("dark", [False, True])
def test_four_numbers_are_read_without_moving_sideways(page, dark, language, million):
    """Neither the page nor anything in it is wider than its place, whatever the window is; on a telephone axe-core finds nothing."""
    need("axe-core")
    page.do("Network.setCookie", url=page.run("location.href"), name="antirelou_language", value=language)
    page.reload()
    over = {}
    for width in WIDTHS:
        page.look_like(width=width, height=800, dark=dark, language=language)
        over[width] = page.run(OVER)
    page.look_like(width=360, height=800, dark=dark, language=language)
    said = page.run("document.querySelector('[data-part=kitty]').innerText")

    assert {} == {width: found for width, found in over.items() if found}
    assert [] == faults(page)
    assert [1] * 4 == [said.count(f"number[{index}]") for index in range(4)]
    assert 8 == said.count(million)


HEAD = "[...document.querySelectorAll('.stacks table:last-child thead th + th')].filter(e => e.offsetParent).map(e => e.innerText)"
ROWS = """
[...document.querySelectorAll(".stacks table:last-child tbody tr")]
    .map(row => [...row.querySelectorAll("td")].map(e => getComputedStyle(e, "::before").content.replaceAll('"', "")))
"""


def test_on_a_telephone_each_figure_stands_beside_what_it_is(page):
    """In the words that the table's head says in a wide window, and only there."""
    page.look_like(width=1280, height=800, dark=False, language="en")
    head, beside = page.run(HEAD), page.run(ROWS)
    page.look_like(width=360, height=800, dark=False, language="en")

    assert (4, [["none"] * 4] * 4) == (len(head), beside)
    assert ([], [head] * 4) == (page.run(HEAD), page.run(ROWS))
