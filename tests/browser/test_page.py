"""The status page in a real browser, of a real number with two workers: let in by the key, live, and readable by everybody.

Headless Chromium, both themes, both languages, as a phone and as a desktop; axe-core looks for what would keep somebody out.
"""

import itertools
import json

import pytest

from tests.needs import AXE, need
from tests.worker import await_, config, free_port, message_id, sender, serving
from tools.browser import browsing

KEY = "a-key-of-the-tests"
LOOKS = [
    {"width": width, "height": 800, "dark": dark, "language": language}
    for width, dark, language in itertools.product((390, 1280), (False, True), ("en", "fr"))
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def number(tmp_path_factory):
    """Return a worker of a number that has answered twice."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2) + 'status-key-env = "STATUS_KEY"\n'
    with serving(tmp_path_factory.mktemp("number"), text, environ={"STATUS_KEY": KEY}) as worker:
        for one in range(2):
            worker.send(sender(one), "hello", message_id(one))
        yield worker


@pytest.fixture(scope="module")
def tab():
    """Return a tab of a browser."""
    need("chromium")
    with browsing() as tab:
        yield tab


@pytest.fixture
def page(number, tab):
    """Return a tab that shows the page, let in by the key, and is an English desktop."""
    tab.look_like(width=1280, height=800, dark=False, language="en")
    tab.go("http://{}:{}/status".format(*number.address))
    if tab.run("!!document.getElementById('key')"):
        enter(tab, KEY)
    return tab


def enter(tab, key):
    """Give a key at the door."""
    tab.run(f"document.getElementById('key').value = {json.dumps(key)}")
    tab.press("button")


def status_of(worker):
    """Return what programs with the key are told."""
    return json.loads(worker.get("/status.json", Authorization=f"Bearer {KEY}")[1])


def says(tab, text):
    """Return whether a page shows a text."""
    return text in tab.run("document.body.innerText")


def test_a_wrong_key_is_refused_and_the_right_one_is_let_in(number, tab):
    """By the form; the key is in no address, and no script can read the cookie."""
    address = "http://{}:{}/status".format(*number.address)
    tab.do("Network.clearBrowserCookies")
    tab.go(address)
    enter(tab, "wrong")
    refused = says(tab, "That is not the key") or says(tab, "Ce n'est pas la clé")
    enter(tab, KEY)

    assert refused
    assert (address, "") == (tab.run("location.href"), tab.run("document.cookie"))
    assert tab.run("!!document.querySelector('[data-part=kitty] .figure')")


def test_it_is_live(number, page):
    """What any of two workers answers is on the page within six seconds, without anybody doing anything; an open table stays open."""
    page.run("document.getElementById('table-hour').open = true")
    before = status_of(number)["replies"]
    number.send(sender(before), "hello", message_id(before))
    await_(lambda: says(page, f"{before + 1} were answered") or says(page, f", {before + 1} answered"), timeout_s=6)

    assert page.run("document.getElementById('table-hour').open")


def test_silence_for_an_hour_and_back_by_its_button(number, page):
    """The button pauses the ledger, and the page says until when; then it answers again."""
    page.press("#silence")
    silent, paused = says(page, "Silence until"), status_of(number)["paused"]
    page.press("#resume")

    assert (True, True, False) == (silent, paused, status_of(number)["paused"])
    assert says(page, "It answers")


def test_the_language_is_switched_by_a_link(page):
    """And stays, whatever the browser prefers."""
    page.press("a[hreflang=fr]")
    french = page.run("document.documentElement.lang")
    page.press("a[hreflang=en]")

    assert ("fr", "en") == (french, page.run("document.documentElement.lang"))


def faults(tab):
    """Return what axe-core finds in a page."""
    tab.run(AXE.read_text(encoding="utf-8") + "; 0")
    asked = json.dumps({"runOnly": AXE_TAGS})
    return tab.run(f"axe.run(document, {asked}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")


@pytest.mark.parametrize("like", LOOKS, ids=lambda like: "-".join(map(str, like.values())))
def test_nobody_is_kept_out(page, like):
    """axe-core finds nothing, nothing runs off the side, and the browser has blocked nothing and complains of nothing."""
    need("axe-core")
    page.look_like(**like)
    page.do("Network.setCookie", url=page.run("location.href"), name="antirelou_language", value=like["language"])
    page.reload()
    for details in ("hour", "day", "month"):
        page.run(f"document.getElementById('table-{details}').open = true")

    assert [] == faults(page)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert like["language"] == page.run("document.documentElement.lang")
    assert [] == [said for said in page.said if "status of 403" not in said]


@pytest.mark.parametrize("dark", [False, True])
def test_nobody_is_kept_out_at_the_door(page, dark):
    """Where the key is asked for, and after a wrong one."""
    need("axe-core")
    page.look_like(width=390, height=800, dark=dark, language="fr")
    page.press("nav button")
    closed = faults(page)
    enter(page, "wrong")

    assert ([], []) == (closed, faults(page))
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
