"""SignalWire: its published vectors, and where it differs from Twilio."""

import pytest

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers.signalwire import SignalWire
from tests.providers.test_samples import number
from tests.providers.wire import FORM_TYPE, JSON_TYPE, body_hash, form, sha1_base64, sha1_hex

KEY = "PSKtest1234567890abcdef"
URL = "https://example.ngrok.io/webhook"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
STATE = b'{"event":"call.state","params":{"call_id":"abc-123","state":"answered"}}'
EVENT = b'{"event":"call.state"}'
EVENT_QUERY = b"bodySHA256=69f3cbfc18e386ef8236cb7008cd5a54b7fed637a8cb3373b5a1591d7f0fd5f4"
MESSAGE = {"From": "+33639980001", "Body": "Salut", "MessageSid": "1"}

# Nothing in the vectors is a message to us: they are calls and their events.
VERIFIED = Reason.NOT_A_MESSAGE


def read(headers, body, *, url=URL, query=b"", method="POST", key=KEY, name=b"x-signalwire-signature", signature=b""):
    """Return what becomes of a request."""
    return SignalWire(phone="+33937000000", url=url, secrets=[key]).read(
        method, query, {**headers, name: signature}, body
    )


def test_scheme_a_signs_address_and_body():
    """The published vector of JSON holds, and no other body under it."""
    signature = b"c3c08c1fefaf9ee198a100d5906765a6f394bf0f"

    assert VERIFIED == read(JSON_TYPE, STATE, signature=signature)
    assert Reason.BAD_SIGNATURE == read(JSON_TYPE, STATE.replace(b"answered", b"ringing"), signature=signature)
    assert Reason.BAD_SIGNATURE == read(JSON_TYPE, STATE, signature=signature.upper())


@pytest.mark.parametrize("name", [b"x-signalwire-signature", b"x-twilio-signature"])
def test_scheme_b_signs_forms_as_twilio_does(name):
    """The published vector of forms holds, in SignalWire's header as in Twilio's."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"

    decision = read(FORM_TYPE, form(CALL), url=url, key="12345", name=name, signature=b"RSOYDt4T1cUTdK1PDd93/VVr8B8=")

    assert VERIFIED == decision


def test_scheme_b_signs_json_by_its_hash():
    """The published vector of a body's hash holds, and no other body under it."""
    signature = b"dfO9ek8mxyFtn2nMz24plPmPfIY="

    assert VERIFIED == read(JSON_TYPE, EVENT, query=EVENT_QUERY, signature=signature)
    assert Reason.BAD_SIGNATURE == read(JSON_TYPE, EVENT + b" ", query=EVENT_QUERY, signature=signature)


@pytest.mark.parametrize(("headers", "body"), [(FORM_TYPE, form(MESSAGE)), (JSON_TYPE, EVENT)])
def test_a_signature_over_the_address_alone_proves_nothing(headers, body):
    """The SDK takes it, and so takes a body that nobody signed."""
    assert Reason.BAD_SIGNATURE == read(headers, body, signature=sha1_base64(KEY, URL))


def test_a_repeated_name_keeps_its_values_as_submitted():
    """SignalWire drops no twins and sorts no values, where Twilio does both."""
    fields = [("D", "5"), ("D", "1"), ("D", "1"), *MESSAGE.items()]
    tail = "From+33639980001MessageSid1"

    decisions = [
        read(FORM_TYPE, form(fields), signature=sha1_base64(KEY, f"{URL}BodySalut{digits}{tail}"))
        for digits in ("D5D1D1", "D1D5", "D1D1D5")
    ]

    assert [Message("+33639980001", "Salut", "1"), Reason.BAD_SIGNATURE, Reason.BAD_SIGNATURE] == decisions


@pytest.mark.parametrize(
    ("entered", "signed", "holds"),
    [
        ("https://h/", "https://h:443/", True),
        ("https://h:443/", "https://h/", True),
        ("http://h/", "http://h:80/", True),
        ("https://h:8443/", "https://h:8443/", True),
        ("https://h:8443/", "https://h/", False),
        ("https://h:80/", "https://h/", False),
    ],
)
def test_only_the_default_port_may_come_and_go(entered, signed, holds):
    """Another port belongs to the address."""
    signature = sha1_base64(KEY, f"{signed}BodySalutFrom+33639980001MessageSid1")

    decision = read(FORM_TYPE, form(MESSAGE), url=entered, signature=signature)

    assert holds == (decision == Message("+33639980001", "Salut", "1"))


def test_a_get_is_signed_with_its_query():
    """The fields are in the query, and the query in what is signed."""
    query = form(MESSAGE)
    signature = sha1_base64(KEY, f"{URL}?{query.decode()}")

    assert Message("+33639980001", "Salut", "1") == read({}, b"", method="GET", query=query, signature=signature)
    assert Reason.BAD_SIGNATURE == read({}, b"", method="GET", query=query + b"&", signature=signature)


def test_json_may_be_signed_in_hexadecimal_with_a_query():
    """The address is the whole one, query included."""
    query = f"a=b&bodySHA256={body_hash(EVENT)}"
    signature = sha1_hex(KEY, f"{URL}?{query}".encode() + EVENT)

    assert VERIFIED == read(JSON_TYPE, EVENT, query=query.encode(), signature=signature)


def test_another_type_is_refused_unread():
    """SignalWire sends forms and JSON."""
    assert Reason.WRONG_TYPE == read({b"content-type": b"text/plain"}, b"")


def test_a_reply_is_one_piece():
    """The answer names nobody: SignalWire sends it to whom it came from."""
    signalwire, _ = number("signalwire")

    assert (b"<Response><Message>Non</Message></Response>",) == signalwire.compile("Non")
