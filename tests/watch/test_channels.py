"""What arrives on each kind of channel, and what is told of one that fails."""

import asyncio
import logging
import sys
import time

import pytest

from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.core.alerting.alert import Alert, Link
from edge.errors import ConfigError
from edge.watch.address import channels_of
from edge.watch.channels import Channels
from edge.watch.others import Others
from tests.watch.receiver import nobody, status

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise's plugins
ALERT = Alert("flood_began", "12,34 EUR: une inondation", "1 000 messages, 3 réponses.", urgent=True)
CALM = Alert("digest", "A morning", "Nothing.")


def say(text, alert=ALERT):
    """Say an alert on all channels; return what became of it."""

    async def scene():
        client = Client()
        try:
            return await Channels(channels_of(text, "alert.to-env"), client).say_everywhere(alert)
        finally:
            await client.close()

    return asyncio.run(scene())


def test_ntfy_gets_a_message_on_a_topic(receiver):
    """As its page on publishing has it: one POST of JSON to the root, with the token as a header."""
    base = receiver.url.replace("http", "ntfy").replace("127", "tk_1@127", 1)
    fates = say(f"{base}/night"), say(f"{base}/night", CALM)
    [first, second] = receiver.requests

    assert ([Fate(Reached.DONE, "answered 200")],) * 2 == fates
    assert ("POST / HTTP/1.1", "Bearer tk_1", "application/json") == (
        first.line,
        first.headers["authorization"],
        first.headers["content-type"],
    )
    assert {"topic": "night", "title": ALERT.title, "message": ALERT.text, "priority": 5} == first.json
    assert {"topic": "night", "title": "A morning", "message": "Nothing.", "priority": 3} == second.json


def test_a_webhook_gets_json(receiver):
    """With the kind of the event, for programs; its address as it was written, without the secret before the host."""
    say(receiver.url.replace("127", "user:word@127", 1) + "/hook?x=1")
    [request] = receiver.requests

    assert ("POST /hook?x=1 HTTP/1.1", "Basic dXNlcjp3b3Jk") == (request.line, request.headers["authorization"])
    assert {
        "version": 1,
        "event": "flood_began",
        "title": ALERT.title,
        "text": ALERT.text,
        "urgent": True,
    } == request.json


def test_one_channel_that_fails_keeps_no_other_from_it(receiver):
    """All are called at once, and each is told of."""
    receiver.answers = [status(500)]
    with nobody() as dead:
        fates = say(f"{dead}/x {receiver.url}/hook")

    assert [Reached.NOT_SENT, Reached.UNKNOWN] == [fate.reached for fate in fates]


LINKS = [
    Link("silence", "Silence pendant une heure", "https://sms.example.org/silence?x"),
    Link("detach", "Détacher pendant une heure", "https://sms.example.org/detach?y"),
]


def say_with_links(text):
    """Say an alert with its buttons on the first channel."""

    async def scene():
        client = Client()
        try:
            return await Channels(channels_of(text, "alert.to-env"), client).say(0, ALERT, LINKS)
        finally:
            await client.close()

    return asyncio.run(scene())


def test_ntfy_gets_buttons_that_the_telephone_presses(receiver):
    """An action of the kind `http` each, by POST, which clears the message when it has worked."""
    say_with_links(receiver.url.replace("http", "ntfy") + "/night")

    assert [
        {"action": "http", "label": link.label, "url": link.url, "method": "POST", "clear": True} for link in LINKS
    ] == receiver.requests[0].json["actions"]


def test_a_webhook_gets_the_address_of_each_button(receiver):
    """Under a key of its own, which is not there without one."""
    say_with_links(receiver.url + "/hook")

    said = receiver.requests[0].json
    assert [link.url for link in LINKS] == [said["silence_url"], said["detach_url"]]


def test_other_channels_get_a_link_to_the_page(receiver, apprise_url):
    """Each on a line of its own, with the words of the button."""
    say_with_links(apprise_url)

    assert (
        "\n\n".join([ALERT.text, *(f"{link.label}: {link.url}" for link in LINKS)])
        == receiver.requests[0].json["message"]
    )


@pytest.fixture(name="apprise_url")
def _apprise_url(receiver):
    return receiver.url.replace("http", "json").replace("127", "secret:secret@127", 1) + "/hook"


def test_every_other_channel_goes_through_apprise(receiver, apprise_url):
    """Here its own JSON, which needs no account anywhere."""
    fates = say(apprise_url)
    [request] = receiver.requests

    assert [Fate(Reached.DONE, "sent")] == fates
    assert (ALERT.title, ALERT.text) == (request.json["title"], request.json["message"])


@pytest.mark.parametrize("answer", [status(500), status(401), None])
def test_what_apprise_cannot_send_is_told(receiver, apprise_url, answer, caplog):
    """One request, no secret in any log."""
    caplog.set_level(logging.DEBUG)
    receiver.answer = answer

    assert [Fate(Reached.UNKNOWN, "apprise could not send it")] == say(apprise_url)
    assert 1 == len(receiver.requests)
    assert "secret" not in caplog.text


def test_apprise_follows_no_redirect(receiver, apprise_url):
    """A loop of them is one request, since it would carry the secrets along."""
    receiver.answer = status(307, f"Location: {receiver.url}/again")
    say(apprise_url)

    assert 1 == len(receiver.requests)


def test_an_address_that_apprise_does_not_know_is_told(monkeypatch):
    """And so is a plugin that fails in its own way, by the kind of its error: its words may hold the address."""
    unknown = say("nosuchthing://secret")

    def fail(*_, **__):
        raise ValueError("secret")

    monkeypatch.setattr("apprise.Apprise.notify", fail)

    assert [Fate(Reached.REFUSED, "apprise does not understand this address")] == unknown
    assert [Fate(Reached.UNKNOWN, "apprise failed (ValueError)")] == say("json://127.0.0.1:1/secret")


def test_a_plugin_that_hangs_is_given_up(receiver, apprise_url):
    """It goes on in its thread; nobody waits for it."""
    receiver.answer = "hang"

    async def scene():
        begun = time.monotonic()
        fate = await Others(0.3).say(apprise_url, ALERT)
        waited_s = time.monotonic() - begun
        receiver.release.set()
        return fate, waited_s

    fate, waited_s = asyncio.run(scene())

    assert Fate(Reached.UNKNOWN, "not done within 0.3 s") == fate
    assert waited_s < 3


def test_without_apprise_one_line_says_what_to_install(monkeypatch):
    """It is an extra of its own."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ConfigError, match=r"alert: this kind of address needs apprise \(.*\); install it"):
        say("tgram://token/chat")
