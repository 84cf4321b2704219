"""The public counter in a real browser: the money of a rich number is read whole on a telephone."""

import asyncio
import time

import pytest

from edge.configfile import load
from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason
from edge.ledger.opening import open_ledger, prepare
from edge.meaning.terms import rules_of
from edge.setup import place_of
from tests.needs import need
from tests.worker import config, free_port, serving
from tools.browser import browsing

WIDTHS = 280, 320, 360, 768
"""From a telephone that folds to a small desktop."""
CUT = "[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map(e => e.outerHTML.slice(0, 200))"
"""What is wider than its place, and so cut off or to be moved sideways."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return a tab that shows the counter of a number that received for a million."""
    need("chromium")
    folder = tmp_path_factory.mktemp("counter")
    text = config(bind=f"127.0.0.1:{free_port()}", kitty="2000000") + "counter = true\ncounter-money = true\n"
    (folder / "edge.toml").write_text(text)
    asyncio.run(tell(folder / "edge.toml", received_micros=1_234_567_123_456))
    with serving(folder, text) as worker, browsing() as tab:
        tab.go("http://{}:{}/".format(*worker.address))
        yield tab


async def tell(file, received_micros):
    """Begin the ledger of a file, and have it told what receiving cost."""
    static = load(file)
    place = place_of(static, file.parent)
    prepare(place)
    ledger = open_ledger(place, rules_of(static), lambda: time.time_ns() // 1_000_000, lambda _: None)
    await ledger.tell(Tally({Reason.SENDER_LIMIT: 164_608_949}, received_micros, 164_608_949))
    await ledger.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_figure_is_cut_off_whatever_the_window_is(page, width):
    """Neither the page nor anything in it is wider than its place, and the last digit is there."""
    page.look_like(width=width, height=800, dark=False, language="en")

    assert "1234567.123456" in page.run("document.body.innerText").replace(",", "")
    assert [] == page.run(CUT)
