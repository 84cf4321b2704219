"""A number's webhook at Twilio: what is asked is what Twilio's own library asks; what comes back is understood, however it fails."""

import asyncio
import json

import pytest
from twilio.rest import Client as Sdk

from edge.api.call import Returned
from edge.api.client import Client
from edge.api.fate import Fate, Reached, fate_of
from edge.api.twilio import Twilio
from edge.api.webhook import Access, Webhook
from tests.api.twilioserver import ACCOUNT, FAULTS, KEY, PHONE, PHONE_ID, SECRET, SERVICE, query_of, standing_in

ADDRESS = "https://sms.example.org/sms"


@pytest.fixture(name="twilio")
def _twilio():
    with standing_in() as twilio:
        yield twilio


def api(url, **changes):
    """Return the webhook of our number at a server."""
    given = {"account": ACCOUNT, "key": KEY, "secret": SECRET, "url": url} | changes
    return Twilio(Access(**given), PHONE)


def look(twilio, **changes):
    """Return what is found there."""

    async def scene():
        client = Client(answer_s=0.3)
        try:
            return await client.converse(api(twilio.url, **changes).look())
        finally:
            await client.close()

    return asyncio.run(scene())


def write(twilio, address):
    """Return what becomes of writing an address."""

    async def scene():
        client, webhook = Client(answer_s=0.3), api(twilio.url)
        try:
            return webhook.written(await client.call(webhook.write(Webhook(PHONE_ID, "x"), address)), address)
        finally:
            await client.close()

    return asyncio.run(scene())


def test_the_address_is_found_and_set(twilio):
    """As Twilio has it, blank where there is none; nothing else of the number is touched."""
    before = dict(twilio.number)
    found = [look(twilio)]
    fates = []
    for address in ("", ADDRESS):
        fates.append(write(twilio, address))
        found.append(look(twilio))

    assert [Webhook(PHONE_ID, ADDRESS), Webhook(PHONE_ID, ""), Webhook(PHONE_ID, ADDRESS)] == found
    assert [Fate(Reached.DONE, "answered 200")] * 2 == fates
    assert before == twilio.number
    assert ["", ADDRESS] == twilio.written


def test_the_requests_are_those_of_twilios_own_library(twilio):
    """Method, path, fields and authorization, for the look and for both of what is written; and it reads the answers."""
    look(twilio)
    write(twilio, "")
    write(twilio, ADDRESS)
    ours, twilio.requests = twilio.requests, []
    sdk = Sdk(KEY, SECRET, ACCOUNT, region=None, edge=None)
    sdk.api.base_url = sdk.messaging.base_url = twilio.url
    [number] = sdk.incoming_phone_numbers.list(phone_number=PHONE, page_size=50)
    sdk.messaging.v1.services.list(page_size=20)
    blank = sdk.incoming_phone_numbers(number.sid).update(sms_url="")
    back = sdk.incoming_phone_numbers(number.sid).update(sms_url=ADDRESS)

    assert (ADDRESS, "", ADDRESS) == (number.sms_url, blank.sms_url, back.sms_url)
    assert [essence(request) for request in twilio.requests] == [essence(request) for request in ours]


def essence(request):
    """Return what Twilio goes by."""
    kind = request.headers.get("content-type") if request.method == "POST" else None
    return request.method, request.path, sorted(request.form), request.headers["authorization"], kind


@pytest.mark.parametrize(
    ("change", "overrides"),
    [
        ({"sms_application_sid": "AP1"}, ("the application in SmsApplicationSid",)),
        ({"sms_fallback_url": "https://x.example.org"}, ("the fallback address in SmsFallbackUrl",)),
        ({"sms_application_sid": None, "sms_fallback_url": None}, ()),
    ],
)
def test_what_stands_in_the_way_is_found(twilio, change, overrides):
    """An application and a fallback address."""
    twilio.number |= change

    assert overrides == look(twilio).overrides


def test_a_messaging_service_that_takes_its_messages_is_found(twilio):
    """On whichever page of whichever pool it is; one that uses the number's own address is none."""
    for other in range(45):
        twilio.services[f"MG{other:032x}"] = {"on_number": other % 2 == 0, "phones": ["+33937000009"]}
    before = look(twilio).overrides
    twilio.services[f"MG{44:032x}"]["phones"].append(PHONE)
    on_number = look(twilio).overrides
    twilio.services = {}
    twilio.services[SERVICE] = {"on_number": False, "phones": [*(f"+33938{n:06}" for n in range(120)), PHONE]}

    assert ((), (), (f"the Messaging Service {SERVICE}",)) == (before, on_number, look(twilio).overrides)


def test_a_next_page_is_asked_for_at_our_own_end(twilio):
    """Whatever address the answer gives: the secret goes nowhere else."""
    steps = api("https://api.twilio.com").look()
    next(steps)
    steps.send(done({"incoming_phone_numbers": [twilio.number]}))
    page = {"services": [], "meta": {"next_page_url": "https://evil.example.org/v1/Else?PageSize=20&Page=1"}}
    call = steps.send(done(page))

    assert "https://messaging.twilio.com/v1/Services?PageSize=20&Page=1" == call.url
    assert {"PageSize": ["20"], "Page": ["1"]} == query_of(call.url)


def test_more_services_than_can_be_looked_through_are_no_reason_to_go_on_for_ever(twilio):
    """It is said, since nobody knows then what takes the messages."""
    steps = api("https://api.twilio.com").look()
    next(steps)
    steps.send(done({"incoming_phone_numbers": [twilio.number]}))
    page = done({"services": [], "meta": {"next_page_url": "https://x?Page=2"}})
    for _ in range(99):
        steps.send(page)
    with pytest.raises(StopIteration) as end:
        steps.send(page)

    assert Fate(Reached.REFUSED, "has more Messaging Services than can be looked through") == end.value.value


def done(body):
    """Return an answer that is well."""
    return Returned(Fate(Reached.DONE, "answered 200"), 200, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("", ["api.twilio.com", "messaging.twilio.com"]),
        ("https://api.dublin.ie1.twilio.com/", ["api.dublin.ie1.twilio.com", "messaging.dublin.ie1.twilio.com"]),
        ("https://api.example.org", ["api.example.org", "api.example.org"]),
        ("http://127.0.0.1:1", ["127.0.0.1:1", "127.0.0.1:1"]),
    ],
)
def test_services_are_at_another_host_of_twilios(twilio, url, hosts):
    """In the same region; a stand-in is one for both."""
    steps = api(url).look()
    calls = [next(steps), steps.send(done({"incoming_phone_numbers": [twilio.number]}))]

    assert hosts == [call.url.split("/")[2] for call in calls]


def test_a_number_that_is_not_the_accounts_is_said(twilio):
    """Not even where another one begins with its digits."""
    twilio.others = [f"{PHONE}1"]
    twilio.number["phone_number"] = "+33937000009"
    steps = api(twilio.url).look()
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(done({"incoming_phone_numbers": [twilio.number]}))

    assert Fate(Reached.REFUSED, "number.api-account-env: this account has no such number") == end.value.value
    assert Webhook(PHONE_ID, ADDRESS) == look(twilio)


DONT_KNOW = Reached.UNKNOWN
EXPECTED = {
    "500 before": Fate(DONT_KNOW, "answered 500 (error 20500)"),
    "500 after": Fate(DONT_KNOW, "answered 500 (error 20500)"),
    "503 before": Fate(DONT_KNOW, "answered 503 (error 20500)"),
    "429": Fate(Reached.BUSY, "answered 429 (error 20500)"),
    "401": Fate(
        Reached.REFUSED, "answered 401 (error 20500); the key in number.api-key-env is wrong, or may not do this"
    ),
    "301": Fate(
        Reached.REFUSED,
        "answered 301, a redirect, which is not followed: write the address that it leads to (error 20500)",
    ),
    "close before": Fate(DONT_KNOW, "broke off (RemoteProtocolError)"),
    "close after": Fate(DONT_KNOW, "broke off (RemoteProtocolError)"),
    "hang before": Fate(DONT_KNOW, "no answer within 0.3 s"),
    "hang after": Fate(DONT_KNOW, "no answer within 0.3 s"),
    "nonsense after": Fate(DONT_KNOW, "answered 200 with what cannot be read"),
    "half after": Fate(DONT_KNOW, "broke off (RemoteProtocolError)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_is_one_request_and_its_end_is_known(twilio, fault):
    """Looking and writing alike: what may have been done is unknown, and nothing is repeated."""
    twilio.faults = [fault, fault]
    found = look(twilio), write(twilio, "")

    assert (EXPECTED[fault], EXPECTED[fault]) == found
    assert 2 == len(twilio.requests)


@pytest.mark.parametrize("place", [1, 2])
def test_a_look_that_fails_half_way_finds_nothing(twilio, place):
    """A service that could not be looked into might take the messages."""
    twilio.serve_in(on_number=False)
    twilio.faults = [""] * place + ["401"]

    assert EXPECTED["401"] == look(twilio)


def test_wrong_credentials_are_refused_and_said(twilio):
    """With Twilio's own code for it, and where to look."""
    expected = "answered 401 (error 20003); the key in number.api-key-env is wrong, or may not do this"

    assert Fate(Reached.REFUSED, expected) == look(twilio, secret="wrong")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, '{"sms_url": null}', Fate(Reached.DONE, "answered 200")),
        (200, '{"sms_url": "https://else"}', Fate(DONT_KNOW, "answered 200, and has not done it")),
        (200, "{}", Fate(DONT_KNOW, "answered 200 with what cannot be read")),
        (200, "", Fate(DONT_KNOW, "answered 200 with what cannot be read")),
    ],
)
def test_what_twilio_shows_afterwards_decides_whether_it_was_done(status, body, expected):
    """A number that it calls nothing for is blank or null."""
    answer = Returned(Fate(Reached.DONE, "answered 200"), status, body.encode())

    assert expected == api("").written(answer, "")


@pytest.mark.parametrize(
    "body", [b'{"sms_url": "\xff"}', b'{"code": "\xff"}', b'{"incoming_phone_numbers": "\xff"}', b"[" * 60_000]
)
@pytest.mark.parametrize("status", [200, 401])
def test_an_answer_that_is_no_text_is_one_that_cannot_be_read(status, body):
    """Or that is nested without an end, from whatever stands between: nothing is raised, looking and writing alike."""
    returned = Returned(fate_of(status), status, body)
    steps = api("").look()
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(returned)

    expected = Reached.UNKNOWN if status == 200 else Reached.REFUSED
    assert [expected, expected] == [end.value.value.reached, api("").written(returned, "").reached]


@pytest.mark.parametrize("page", ["http://[", "?", "#?a=b"])
def test_a_next_page_that_is_no_address_is_none(page):
    """What was read until there is all."""
    steps = api("").look()
    next(steps)
    steps.send(done({"incoming_phone_numbers": [{"sid": "PN1", "phone_number": PHONE, "sms_url": ""}]}))
    with pytest.raises(StopIteration) as end:
        steps.send(done({"services": [], "meta": {"next_page_url": page}}))

    assert Webhook("PN1", "") == end.value.value


def test_a_status_that_is_no_answer_to_a_look_finds_nothing():
    """202 says that somebody has taken something: no number."""
    steps = api("").look()
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(Returned(Fate(Reached.DONE, "answered 202"), 202, b"{}"))

    assert Fate(DONT_KNOW, "answered 202 with what cannot be read") == end.value.value


def test_secrets_are_in_no_text():
    """Neither a call nor what it takes to make one shows them."""
    access = Access(ACCOUNT, KEY, SECRET)
    shown = f"{access!r} {next(Twilio(access, PHONE).look())!r}"

    assert "Access() Call(GET)" == shown
