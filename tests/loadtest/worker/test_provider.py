"""Facts about the provider that a flooded worker asks for something: it checks who calls, and does it after a while."""

import base64

import pytest

from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.api.twilio import Twilio
from edge.api.webhook import Access, Webhook
from loadtest.provider.line import Line
from loadtest.worker.provider import Credentials, Provider, serving
from tests.loadtest.floods import message
from tests.parts import play
from tests.worker import PHONE, URL, await_

WHO = Credentials("an-account", "a-key", "a-secret")


@pytest.fixture(name="line")
def _line(tmp_path):
    return Line.make(tmp_path / "line")


def test_the_worker_finds_its_number_and_sets_its_address(line):
    """By the calls that it makes at Twilio; a change counts once, and what was on its way still arrives."""
    provider = Provider(line, PHONE, URL, WHO, 0.2)

    async def scene(url):
        client, twilio = Client(), Twilio(Access(*WHO, url), PHONE)
        found = await client.converse(twilio.look())
        written = [twilio.written(await client.call(twilio.write(found, address)), address) for address in ("", "")]
        return found, written, await client.converse(twilio.look())

    with serving(provider) as url:
        before, written, after = play(lambda: scene(url))
        at_once = line.delivers(message(1))
        await_(lambda: not line.delivers(message(2)))

    assert (URL, "") == (before.address, after.address)
    assert [Reached.DONE] * 2 == [fate.reached for fate in written]
    assert (True, 1) == (at_once, provider.changes)


def test_strangers_and_other_numbers_get_nothing(line):
    """Nor is anything else of the number changed."""
    provider = Provider(line, PHONE, URL, WHO, 0)

    async def scene(url):
        client = Client()
        looks = [Twilio(Access(*who, url), phone) for who, phone in ((WHO._replace(secret="no"), PHONE), (WHO, "+33"))]
        lost = Twilio(Access(*WHO, url), PHONE)
        unknown = await client.call(lost.write(Webhook("PN", URL), ""))
        return [await client.converse(twilio.look()) for twilio in looks], unknown

    with serving(provider) as url:
        looks, unknown = play(lambda: scene(url))

    assert all(isinstance(found, Fate) for found in looks)
    assert 404 == unknown.status
    assert (400, 0) == (_set(provider, "VoiceUrl=x")[0], provider.changes)


def _set(provider, body):
    """Return the answer to a call that sets something, made by hand."""
    given = "Basic " + base64.b64encode(f"{WHO.key}:{WHO.secret}".encode()).decode()
    path = f"/2010-04-01/Accounts/{WHO.account}/IncomingPhoneNumbers/PN{'0' * 32}.json"
    return provider.answer("POST", path, "", body, given)
