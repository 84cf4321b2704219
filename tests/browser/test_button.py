"""The button of an alert in a real browser, as a telephone shows it: opened, pressed once, and pressed once more; in both languages and themes."""

import time

import pytest

from edge.core.kept.button import Act, Signer
from tests.api.twilioserver import standing_in
from tests.browser.test_page import faults
from tests.cdn.test_edges import key_of
from tests.commands.test_number import ENVIRON, with_api
from tests.needs import AXE, need
from tests.worker import URL, await_, config, free_port, serving
from tools.browser import browsing

SAID = {
    "en": ("Silence for an hour", "Nobody is answered until ", "Nothing was done"),
    "fr": ("Silence pendant une heure", "Personne ne reçoit de réponse jusqu'au ", "Rien n'a été fait"),
}


@pytest.mark.parametrize("language", SAID)
def test_the_page_is_one_button_that_works_once(tmp_path, language):
    """Opening it changes nothing; the browser blocks nothing of it, and axe-core finds nothing in any of its pages."""
    need("chromium")
    ask, done, nothing = SAID[language]
    text = config(bind=f"127.0.0.1:{free_port()}") + f'[alert]\nto-env = "ALERT_URLS"\nlanguage = "{language}"\n'
    with serving(tmp_path, text, environ={"ALERT_URLS": "http://127.0.0.1:9/x"}) as worker, browsing() as tab:
        query = Signer(key_of(worker), Act.SILENCE).query_of("flood_began", time.time_ns() // 1_000_000)
        address = "http://{}:{}/silence?{}".format(*worker.address, query)
        tab.look_like(width=390, height=800, dark=language == "fr", language=language)
        tab.go(address)
        opened, before, found = tab.run("document.body.innerText"), worker.status()["paused"], looked_at(tab)
        tab.press("button")
        pressed, after = tab.run("document.body.innerText"), worker.status()["paused"]
        found += looked_at(tab)
        tab.go(address)
        tab.press("button")
        again = tab.run("document.body.innerText")
        found += looked_at(tab)

    assert (ask, False) == (opened.split("\n")[0], before)
    assert (True, True) == (done in pressed, after)
    assert nothing == again.split("\n")[0]
    assert [] == found


DETACHED = {
    "en": ("Detach for an hour", "Nothing was done"),
    "fr": ("Détacher pendant une heure", "Rien n'a été fait"),
}


@pytest.mark.parametrize("language", DETACHED)
def test_the_page_that_detaches_is_one_button_as_well(tmp_path, language):
    """Opened it asks the provider for nothing; pressed, for the number to be detached, once; axe-core finds nothing in any of its pages."""
    need("chromium")
    ask, nothing = DETACHED[language]
    with standing_in() as twilio:
        text = with_api(config(bind=f"127.0.0.1:{free_port()}"), twilio.url)
        text += f'[alert]\nto-env = "ALERT_URLS"\nlanguage = "{language}"\n[receiving]\ndetach = "yes"\n'
        environ = ENVIRON | {"ALERT_URLS": "http://127.0.0.1:9/x"}
        with serving(tmp_path, text, environ=environ) as worker, browsing() as tab:
            query = Signer(key_of(worker), Act.DETACH).query_of("flood_began", time.time_ns() // 1_000_000)
            address = "http://{}:{}/detach?{}".format(*worker.address, query)
            tab.look_like(width=390, height=800, dark=language == "fr", language=language)
            tab.go(address)
            opened, before, found = tab.run("document.body.innerText"), twilio.address, looked_at(tab)
            tab.press("button")
            found += looked_at(tab)
            await_(lambda: twilio.address == "")
            tab.go(address)
            tab.press("button")
            again = tab.run("document.body.innerText")
            found += looked_at(tab)

    assert (ask, URL) == (opened.split("\n")[0], before)
    assert [""] == twilio.written
    assert nothing == again.split("\n")[0]
    assert [] == found


def looked_at(tab):
    """Return what is wrong with a page."""
    wrong = [] if tab.run("document.documentElement.scrollWidth <= innerWidth") else ["it runs off the side"]
    return wrong + (faults(tab) if AXE.exists() else []) + [said for said in tab.said if "status of 404" not in said]
