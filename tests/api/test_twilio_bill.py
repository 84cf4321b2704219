"""A number's bill at Twilio: what is asked is what Twilio's own library asks; what comes back is understood, however it fails."""

import asyncio
import datetime as dt
import json

import pytest
from twilio.rest import Client as Sdk

from edge.api import twilio_bill
from edge.api.bill import BilledMessage
from edge.api.bills import BILL_APIS
from edge.api.call import Returned
from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.api.twilio_bill import PAGES_MAX
from edge.api.webhook import Access
from tests.api.twilioserver import ACCOUNT, FAULTS, KEY, PHONE, SECRET, standing_in

PAUL, MARC = "+33639000001", "+33639000002"
AT_MS = 1_790_000_000_000
SINCE, UNTIL = "2026-09-21T00:00:00Z", "2026-09-21T23:59:59Z"


@pytest.fixture(name="twilio")
def _twilio():
    with standing_in() as twilio:
        yield twilio


def api(url, **changes):
    """Return the bill of our number at a server."""
    given = {"account": ACCOUNT, "key": KEY, "secret": SECRET, "url": url} | changes
    return BILL_APIS["twilio"](Access(**given), PHONE)


def messages(twilio, **changes):
    """Return what is read there."""

    async def scene():
        client = Client(answer_s=0.3)
        try:
            return await client.converse(api(twilio.url, **changes).messages(SINCE, UNTIL))
        finally:
            await client.close()

    return asyncio.run(scene())


def fill(twilio, people=3):
    """Bill a message of each person, the reply to it, and what is not ours or of another day."""
    for n in range(people):
        twilio.bill(f"+3363900{n:04}", PHONE, AT_MS + n * 1_000, "inbound", "-0.00750")
        twilio.bill(PHONE, f"+3363900{n:04}", AT_MS + n * 1_000 + 500, "outbound-reply", "-0.07630")
    twilio.bill(PAUL, "+33937000001", AT_MS, "inbound", "-0.00750")
    twilio.bill(PAUL, PHONE, AT_MS - 86_400_000, "inbound", "-0.00750")


def test_all_that_came_and_went_is_read_by_whichever_pages(twilio):
    """Of the number and the days that were asked for; as Twilio says it, without the text."""
    fill(twilio)
    whole = messages(twilio)
    twilio.page_most = 2
    paged = messages(twilio)

    assert 6 == len(whole)
    assert whole == paged
    assert BilledMessage(
        id="SM" + "0" * 32,
        from_="+33639000000",
        to=PHONE,
        time="Mon, 21 Sep 2026 14:13:20 +0000",
        direction="inbound",
        segments="1",
        price="-0.00750",
        currency="EUR",
    ) == next(message for message in whole if message.direction == "inbound")
    assert "salut" not in repr(whole)


def test_the_requests_are_those_of_twilios_own_library(twilio):
    """Path, fields and authorization of every page; and it reads the answers."""
    fill(twilio)
    twilio.page_most = 2
    messages(twilio)
    ours, twilio.requests = twilio.requests, []
    sdk = Sdk(KEY, SECRET, ACCOUNT, region=None, edge=None)
    sdk.api.base_url = twilio.url
    span = {
        "date_sent_after": dt.datetime.fromisoformat(SINCE),
        "date_sent_before": dt.datetime.fromisoformat(UNTIL),
        "page_size": 1_000,
    }
    read = [*sdk.messages.list(to=PHONE, **span), *sdk.messages.list(from_=PHONE, **span)]

    assert 6 == len(read)
    assert [essence(request) for request in twilio.requests] == [essence(request) for request in ours]


def essence(request):
    """Return what Twilio goes by."""
    return request.method, request.path, sorted(request.form), request.headers["authorization"]


@pytest.mark.parametrize(
    ("change", "price", "time"),
    [
        ({"price": None}, "", "Mon, 21 Sep 2026 14:13:20 +0000"),
        ({"price": None, "status": "failed"}, "0", "Mon, 21 Sep 2026 14:13:20 +0000"),
        ({"price": None, "status": "canceled"}, "0", "Mon, 21 Sep 2026 14:13:20 +0000"),
        ({"date_sent": None, "date_created": "Mon, 21 Sep 2026 14:00:00 +0000"}, "-0.1", "Mon, 21 Sep 2026 14:00:00 +0000"),
        ({"from": None, "num_segments": None, "price_unit": None}, "-0.1", "Mon, 21 Sep 2026 14:13:20 +0000"),
    ],
)  # fmt: skip
def test_what_is_not_there_yet_is_blank(twilio, change, price, time):
    """Twilio knows a price later; what failed or was canceled costs nothing."""
    twilio.bill(PAUL, PHONE, AT_MS, "inbound", "-0.1")
    twilio.messages[-1] |= change
    [found] = messages(twilio)

    assert (price, time) == (found.price, found.time)


def test_a_next_page_is_asked_for_at_our_own_end(twilio):
    """Whatever address the answer gives: the secret goes nowhere else."""
    fill(twilio)
    twilio.page_most, twilio.elsewhere = 2, "https://evil.example.org"

    assert 6 == len(messages(twilio))


def returned(found, uri=None):
    """Return a page."""
    return Returned(
        Fate(Reached.DONE, "answered 200"), 200, json.dumps({"messages": found, "next_page_uri": uri}).encode()
    )


def ending(pages):
    """Return what comes of a list whose pages are all so."""
    steps = api("").messages(SINCE, UNTIL)
    next(steps)
    for page in pages:
        try:
            steps.send(page)
        except StopIteration as end:
            return end.value
    raise AssertionError("it goes on")


def test_a_list_without_an_end_is_not_read_for_ever(twilio, monkeypatch):
    """Neither one that says the same again, nor one that has always something new."""
    fill(twilio, people=1)
    again = returned(twilio.messages[:1], "/x?Page=1")
    monkeypatch.setattr(twilio_bill, "PAGES_MAX", 5)
    anew = (returned([twilio.messages[0] | {"sid": f"SM{n}"}], f"/x?Page={n}") for n in range(9))

    assert Fate(Reached.UNKNOWN, "goes on without anything new, so its list is not read to the end") == ending(
        [again] * 9
    )
    assert Fate(Reached.REFUSED, "has more messages than are read at once; give fewer days") == ending(anew)
    assert PAGES_MAX < 1_000


UNREADABLE = Fate(Reached.UNKNOWN, "answered 200 with what cannot be read")


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "{}", '{"messages": 1}', '{"messages": [{}]}', '{"messages": [{"sid": 1, "to": "", "from": "", "direction": ""}]}',
     '{"messages": [], "next_page_uri": 5}', '{"messages": [{"sid": "a", "to": "", "from": "", "direction": "", "price": 0.1}]}'],
)  # fmt: skip
def test_what_cannot_be_read_is_said(body):
    """Cut off, of another form, or of other types."""
    assert UNREADABLE == ending([Returned(Fate(Reached.DONE, "answered 200"), 200, body.encode())])


KEY_WRONG = "; the key in number.api-key-env is wrong, or may not do this"
EXPECTED = {
    "429": Fate(Reached.BUSY, "answered 429 (error 20500)"),
    "401": Fate(Reached.REFUSED, f"answered 401 (error 20500){KEY_WRONG}"),
    "nonsense after": UNREADABLE,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", [0, 2])
def test_whatever_goes_wrong_no_half_of_a_bill_is_read(twilio, fault, place):
    """At the first page or later: one request more, and what became of it."""
    fill(twilio)
    twilio.page_most = 2
    twilio.faults = [""] * place + [fault]
    found = messages(twilio)

    assert place + 1 == len(twilio.requests)
    assert EXPECTED.get(fault, found) == found
    assert isinstance(found, Fate)
    assert SECRET not in found.said


def test_wrong_credentials_are_refused_and_said(twilio):
    """With Twilio's own code for it, and where to look."""
    assert Fate(Reached.REFUSED, f"answered 401 (error 20003){KEY_WRONG}") == messages(twilio, secret="wrong")
