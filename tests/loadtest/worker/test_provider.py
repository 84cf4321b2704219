"""Facts about the provider that a flooded worker asks for something: it checks who calls, and does it after a while."""

import base64

import pytest

from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.api.twilio import Twilio
from edge.api.webhook import Access, Webhook
from loadtest.provider.line import Line
from loadtest.worker.provider import Credentials, Owned, Provider, serving
from tests.loadtest.floods import message
from tests.parts import play
from tests.web.test_numbers import OTHER, OTHER_URL
from tests.worker import PHONE, URL, await_

WHO, SOMEBODY = Credentials("an-account", "a-key", "a-secret"), Credentials("another", "other-key", "other-secret")
THIRD, FOURTH = "+33937000002", "+33937000003"
NUMBERS = [Owned(0, PHONE, URL, WHO), Owned(1, OTHER, OTHER_URL, WHO), Owned(3, FOURTH, URL, SOMEBODY)]
"""The third of the file has nobody who asks for anything."""


@pytest.fixture(name="line")
def _line(tmp_path):
    return Line.make(tmp_path / "line", 4)


def delivers(line):
    """Return to which of the numbers it delivers."""
    return [line.delivers(message(number, number=number)) for number in range(4)]


def test_the_worker_finds_its_number_and_sets_its_address(line):
    """By the calls that it makes at Twilio; a change counts once, and what was on its way still arrives."""
    provider = Provider(line, NUMBERS, 0.2)

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


def test_of_several_numbers_it_holds_back_what_comes_to_those_that_are_detached(line):
    """One at a time, of one account or another; the others' addresses stay."""
    provider = Provider(line, NUMBERS, 0)

    async def scene(url):
        client, all_addresses = Client(), []
        webhooks = [Twilio(Access(*number.owner, url), number.phone) for number in NUMBERS]
        for detached in webhooks[1:]:
            found = await client.converse(detached.look())
            await client.call(detached.write(found, ""))
            all_addresses.append([(await client.converse(each.look())).address for each in webhooks])
        return all_addresses

    with serving(provider) as url:
        addresses = play(lambda: scene(url))
        await_(lambda: delivers(line) == [True, False, True, False])

    assert [[URL, "", URL], [URL, "", ""]] == addresses
    assert 2 == provider.changes


def test_strangers_and_other_numbers_get_nothing(line):
    """Nor one number's owner another's; nor is anything else of a number changed."""
    provider = Provider(line, NUMBERS, 0)

    async def scene(url):
        client = Client()
        asked = ((WHO._replace(secret="no"), PHONE), (WHO, THIRD), (WHO, FOURTH), (SOMEBODY, PHONE))
        lost = Twilio(Access(*WHO, url), PHONE)
        unknown = [await client.call(lost.write(Webhook(sid, URL), "")) for sid in ("PN", NUMBERS[2].sid)]
        return [await client.converse(Twilio(Access(*who, url), phone).look()) for who, phone in asked], unknown

    with serving(provider) as url:
        looks, unknown = play(lambda: scene(url))

    assert all(isinstance(found, Fate) for found in looks)
    assert [404, 404] == [returned.status for returned in unknown]
    assert (400, 0) == (_set(provider, "VoiceUrl=x")[0], provider.changes)
    assert [True] * 4 == delivers(line)


def _set(provider, body):
    """Return the answer to a call that sets something, made by hand."""
    given = "Basic " + base64.b64encode(f"{WHO.key}:{WHO.secret}".encode()).decode()
    path = f"/2010-04-01/Accounts/{WHO.account}/IncomingPhoneNumbers/PN{'0' * 32}.json"
    return provider.answer("POST", path, "", body, given)
