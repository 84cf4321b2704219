"""What is a message to us, and what else a provider sends: the same three answers at each, whatever stands in the fields."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from tests.providers.wire import FORM_TYPE, JSON_TYPE, form, sha1_base64, sha1_hex, sha256_base64

PHONE, URL = "+33937000000", "https://h/sms"
TWILIO = {"From": "+33639980001", "To": PHONE, "Body": "Salut", "MessageSid": "SM1", "AccountSid": "AC1"}
MESSAGES = {
    "twilio": {**TWILIO, "SmsStatus": "received"},
    "signalwire": TWILIO,
    "plivo": {"From": "33639980001", "To": "33937000000", "Text": "Salut", "MessageUUID": "SM1", "Type": "sms"},
    "46elks": {"direction": "incoming", "from": "+33639980001", "to": PHONE, "message": "Salut", "id": "SM1"},
}
NAMES = {
    "twilio": ("From", "Body", "MessageSid", "To"),
    "signalwire": ("From", "Body", "MessageSid", "To"),
    "plivo": ("From", "Text", "MessageUUID", "To"),
    "46elks": ("from", "message", "id", "to"),
}
providers = pytest.mark.parametrize("name", PROVIDERS)
unlike = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=12)


def read(name, fields):
    """Return what becomes of a form that its provider signed, its fields in that order."""
    pairs = list(fields.items()) if isinstance(fields, dict) else fields
    signed = "".join(key + value for key, value in sorted(pairs))
    headers = {
        "twilio": {b"x-twilio-signature": sha1_base64("s", URL + signed)},
        "signalwire": {b"x-signalwire-signature": sha1_base64("s", URL + signed)},
        "plivo": {
            b"x-plivo-signature-v3": sha256_base64("s", f"{URL}?{signed}.n"),
            b"x-plivo-signature-v3-nonce": b"n",
        },
        "46elks": {},
    }[name]
    provider = PROVIDERS[name](phone=PHONE, url=URL, secrets=["s"])
    return provider.read("POST", b"", {**FORM_TYPE, **headers}, form(fields))


@providers
@given(sender=st.sampled_from(["", "36184", "LaBanque", "anonymous"]) | unlike, text=st.just("") | unlike)
def test_a_message_is_one_whoever_sent_it(name, sender, text):
    """From a person, a machine, a word or nobody: it is received, and paid for."""
    from_, body, _, _ = NAMES[name]

    decision = read(name, {**MESSAGES[name], from_: sender, body: text})

    assert isinstance(decision, Message)
    assert (sender, text, "SM1") == (
        decision.sender.removeprefix("+" if sender.isdigit() else ""),
        decision.text,
        decision.id,
    )


@providers
@given(fields=st.dictionaries(st.from_regex(r"New[A-Za-z]{1,9}", fullmatch=True), unlike, max_size=5))
def test_a_message_stays_one_whatever_is_added(name, fields):
    """Providers add parameters without notice."""
    assert read(name, MESSAGES[name]) == read(name, {**fields, **MESSAGES[name]})
    assert isinstance(read(name, {**fields, **MESSAGES[name]}), Message)


@providers
@given(to=st.sampled_from(["+33937000001", "+14155550100", "33937", "MG1"]))
def test_whom_it_was_written_to_is_said(name, to):
    """A number that is none of ours is no reason to refuse it; whoever runs this is told."""
    assert to.removeprefix("+") == read(name, {**MESSAGES[name], NAMES[name][3]: to}).to.removeprefix("+")
    assert PHONE == read(name, MESSAGES[name]).to


STATUSES = ["queued", "accepted", "sending", "sent", "failed", "delivered", "undelivered", "read", "scheduled", "initiated", "Delivered"]  # fmt: skip
OTHERS = {
    "twilio": [("SmsStatus", STATUSES), ("MessageStatus", STATUSES), ("Direction", ["outbound-api", "outbound-reply", "outbound-call"]), ("EventType", ["onMessageAdded", "onMessageAdd"])],
    "signalwire": [("SmsStatus", STATUSES), ("MessageStatus", STATUSES), ("Direction", ["outbound-api", "outbound"])],
    "plivo": [("Status", STATUSES), ("Direction", ["outbound"]), ("ParentMessageUUID", ["SM1"])],
    "46elks": [("direction", ["outgoing", "out"]), ("status", STATUSES), ("delivered", ["2027-10-30T21:57:23"]), ("callid", ["c1"])],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [(name, field, value) for name, others in OTHERS.items() for field, values in others for value in values],
)
def test_a_report_or_a_message_of_our_own_is_none(name, field, value):
    """One field is enough to tell it, whatever else it shares with a message, wherever in the form it stands."""
    rest = {key: kept for key, kept in MESSAGES[name].items() if key != field}

    assert Reason.NOT_A_MESSAGE == read(name, {**rest, field: value})
    assert Reason.NOT_A_MESSAGE == read(name, {field: value, **rest})


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, others in OTHERS.items() for field, _ in others if field.lower() != "parentmessageuuid"]
)  # fmt: skip
@given(value=unlike)
def test_what_no_message_says_of_itself_is_no_message(name, field, value):
    """Statuses that nobody has heard of yet: only those of what was received are a message's."""
    mine = {"received", "receiving", "inbound", "incoming"}

    if value not in mine:
        assert Reason.NOT_A_MESSAGE == read(name, {**MESSAGES[name], field: value})


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        *(
            ("twilio", field, value)
            for field in ("SmsStatus", "MessageStatus")
            for value in ("received", "receiving", "")
        ),
        *(("signalwire", field, value) for field in ("SmsStatus", "MessageStatus") for value in ("received", "")),
        ("twilio", "Direction", "inbound"),
        ("plivo", "Status", "received"),
        ("plivo", "Direction", "inbound"),
    ],
)
def test_what_a_message_says_of_itself_leaves_it_one(name, field, value):
    """It was received, and it came in."""
    assert read(name, MESSAGES[name]) == read(name, {**MESSAGES[name], field: value})


@providers
@given(st.data())
def test_a_form_that_contradicts_itself_is_no_message(name, data):
    """Two senders, ids, texts or statuses in one signed form: nobody may choose which of them counts."""
    field = data.draw(st.sampled_from(sorted(MESSAGES[name].keys() - {"AccountSid", "Type"})))
    value = data.draw(unlike.filter(lambda value: value != MESSAGES[name][field]))
    twice = [*MESSAGES[name].items(), (field, value)]
    signed = "".join(key + kept for key, kept in sorted(twice))
    by_name = "".join(key + kept for key, kept in sorted(twice, key=lambda pair: pair[0]))
    provider = PROVIDERS[name](phone=PHONE, url=URL, secrets=["s"])
    headers = {
        **FORM_TYPE,
        b"x-twilio-signature": sha1_base64("s", URL + (by_name if name == "signalwire" else signed)),
        b"x-plivo-signature-v3": sha256_base64("s", f"{URL}?{signed}.n"),
        b"x-plivo-signature-v3-nonce": b"n",
    }

    assert provider.read("POST", b"", headers, form(twice)) in {Reason.MALFORMED, Reason.NOT_A_MESSAGE}


@providers
@given(fields=st.dictionaries(st.from_regex(r"New[A-Za-z]{1,9}", fullmatch=True), unlike, max_size=3))
def test_what_is_signed_and_is_nothing_that_a_provider_sends_is_malformed(name, fields):
    """Neither a message nor anything else that we know."""
    assert Reason.MALFORMED == read(name, fields)


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("twilio", "OptOutType", ["STOP", "START", "HELP", "", "LATER"]),
        ("signalwire", "OptOutType", ["STOP", "START", "HELP", "", "LATER"]),
        ("plivo", "MessageIntent", ["optout", "optin", "help", "", "later"]),
    ],
)
def test_the_provider_s_own_word_is_told(name, field, values):
    """In whatever language the text is."""
    words = [read(name, {**MESSAGES[name], field: value}).word for value in values]

    assert [Word.STOP, Word.START, Word.HELP, None, None] == words


_json = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["MessageSid", "From", "To", "Body", "SmsStatus", "Direction", "OptOutType", "event"]), inner, max_size=5), max_leaves=8)  # fmt: skip


@given(_json)
def test_any_signed_json_is_a_message_an_event_or_malformed(value):
    """Whatever its shape, it raises nothing; a list, or an object without a message's id, is an event."""
    body = json.dumps(value).encode()
    provider = PROVIDERS["signalwire"](phone=PHONE, url=URL, secrets=["s"])

    decision = provider.read(
        "POST", b"", {**JSON_TYPE, b"x-signalwire-signature": sha1_hex("s", URL.encode() + body)}, body
    )

    assert isinstance(decision, Message) or decision in {Reason.NOT_A_MESSAGE, Reason.MALFORMED}
    if value and isinstance(value, list | dict) and "MessageSid" not in value:
        assert Reason.NOT_A_MESSAGE == decision


def test_json_says_the_same_as_a_form():
    """Missing and null are blank; the provider's word counts there too."""
    provider = PROVIDERS["signalwire"](phone=PHONE, url=URL, secrets=["s"])

    def of(fields):
        body = json.dumps(fields).encode()
        headers = {**JSON_TYPE, b"x-signalwire-signature": sha1_hex("s", URL.encode() + body)}
        return provider.read("POST", b"", headers, body)

    assert read("signalwire", TWILIO) == of(TWILIO)
    assert Message("", "", "SM1", "") == of({"MessageSid": "SM1", "From": None})
    assert Word.STOP == of({**TWILIO, "OptOutType": "STOP"}).word
    assert Reason.NOT_A_MESSAGE == of({**TWILIO, "SmsStatus": ["received"]})
    assert Reason.MALFORMED == of({**TWILIO, "From": ["+33639980001"]})
