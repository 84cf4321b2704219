"""Twilio: the vectors that its documentation and SDKs publish, and the SDK itself on requests that nobody published."""

from itertools import product
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers.twilio import Twilio
from tests.providers.test_samples import number, request
from tests.providers.wire import FORM_TYPE, JSON_TYPE, body_hash, decoded, form, sha1_base64

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
SECRET = "12345"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
TEST_CALL = {**CALL, "ReasonConferenceEnded": "test", "Reason": "Participant"}
DOCUMENTED = {**CALL, "Caller": "+14158675310", "From": "+14158675310"}
REPEATED = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
BINDING = [("MessagingBinding.Address", "+1325xxxxxxx"), ("MessagingBinding.Address", "+1415xxxxxxx")]
JSON_BODY = b'{"property": "value", "boolean": true}'

# Nothing in the vectors is a message to us: a signature that holds leads to a call, an event, or nothing that Twilio sends.
VERIFIED = {Reason.NOT_A_MESSAGE, Reason.MALFORMED}

MESSAGE = {"From": "+33639980001", "Body": "Salut", "MessageSid": "SM1"}


def read(url, headers, body, *, query=None, method="POST", secrets=(SECRET,)):
    """Return what becomes of a request to a number with this address."""
    sent = url.partition("?")[2].encode() if query is None else query
    return Twilio(phone="+33937000000", url=url, secrets=secrets).read(method, sent, headers, body)


def post(url, fields, signature, **options):
    """Return what becomes of a form with a signature."""
    return read(url, {**FORM_TYPE, b"x-twilio-signature": signature}, form(fields), **options)


def with_port(url, port):
    """Return an address with another port."""
    return url.replace(".com", f".com:{port}")


def over_http(url):
    """Return an address without encryption."""
    return url.replace("https", "http")


@pytest.mark.parametrize(
    ("url", "fields", "signature"),
    [
        (URL, CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (with_port(URL, 1234), CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (with_port(over_http(URL), 1234), CALL, b"Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (URL, CALL, b"kvajT1Ptam85bY51eRf/AJRuM3w="),
        (with_port(URL, 443), CALL, b"kvajT1Ptam85bY51eRf/AJRuM3w="),
        (over_http(URL), CALL, b"0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (URL, REPEATED, b"IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (URL, BINDING, b"83O6e2vORAoJHUNzJjDWN1jz+BA="),
        (URL, reversed(BINDING), b"83O6e2vORAoJHUNzJjDWN1jz+BA="),
        (URL, TEST_CALL, b"vOEb5UThFn24KEfnOFLQY2AE5FY="),
        (over_http(URL), TEST_CALL, b"n2xBNyzSW7rfYStDtOFiFMv7qNo="),
        (with_port(over_http(URL), 1234), TEST_CALL, b"n2xBNyzSW7rfYStDtOFiFMv7qNo="),
        (URL, {"property": "value", "boolean": "true"}, b"NBdBDr/T/lgjI+tlgpXjKZQZs/k="),
        (URL + "&Body=It's+amazing", CALL, b"dsq4Ehbj6cs+KdTkpF5sSSplOWw="),
        (URL + "&Body=It%27s+amazing", CALL, b"TfZzewPq8wqrGlMfyAud8+/IvJ0="),
        (URL.replace("://", "://user:pass@"), CALL, b"CukzLTc1tT5dXEDIHm/tKBanW10="),
        (URL.replace("://", "://user@"), CALL, b"2YRLlVAflCqxaNicjMpJcSTgzSs="),
        (URL.replace("://", "://user:pass@"), CALL, b"ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="),
        (URL.replace("://", "://user@"), CALL, b"aZfj4hyX1MLZhSS6QIL18Vn2/RA="),
        (URL.replace("://", "://user:pass@"), CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL + "#rc=2&rp=all", CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL.replace("mycompany", "example"), DOCUMENTED, b"L/OH5YylLD5NRKLltdqwSvS0BnU="),
        (URL, DOCUMENTED, b"GvWf1cFY/Q7PnoempGyD5oXAezc="),
    ],
)
def test_a_published_form_is_verified(url, fields, signature):
    """The published signatures hold, as do their ports, credentials and repeated names."""
    assert post(url, fields, signature) in VERIFIED


@pytest.mark.parametrize(
    ("url", "fields", "signature"),
    [
        (URL, TEST_CALL, b"95+Bu0JVPi0r/SsESZCVf0dWAjw="),  # ReasonConferenceEnded before Reason
        (URL + "&Body=It's+amazing", CALL, b"TfZzewPq8wqrGlMfyAud8+/IvJ0="),
        (URL + "&Body=It%27s+amazing", CALL, b"dsq4Ehbj6cs+KdTkpF5sSSplOWw="),
        (URL, CALL, b"CukzLTc1tT5dXEDIHm/tKBanW10="),
        (URL, CALL, b"WRONG SIGNATURE"),
        (URL, CALL, b""),
        (URL, CALL, b"\xff"),
        (URL, CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8"),
        (URL, CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B9="),  # the same bytes to a lenient decoder
        (URL, {**CALL, "Blank": ""}, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL + "/", CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (over_http(URL), CALL, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ],
)
def test_a_form_that_twilio_did_not_sign_so_is_refused(url, fields, signature, shows):
    """Another order, another address, another field or another signature is a forgery."""
    shows("P7", rounds=1, requests=1)

    assert Reason.BAD_SIGNATURE == post(url, fields, signature)


@pytest.mark.parametrize(
    ("query", "body", "signature"),
    [
        ("foo=1&bar=2&", JSON_BODY, b"a9nBmqA0ju/hNViExpshrM61xv4="),
        ("", JSON_BODY, b"y77kIzt2vzLz71DgmJGsen2scGs="),
        ("foo=1&bar=2&", b"{}", b"Ldidvp12m26NI7eqEvxnEpkd9Hc="),
    ],
)
def test_a_published_json_body_is_verified_by_its_hash(query, body, signature):
    """The query vouches for the body, and the signature for the query."""
    headers = {**JSON_TYPE, b"x-twilio-signature": signature}
    signed_query = f"{query}bodySHA256={body_hash(body)}".encode()

    assert read(URL, headers, body, query=signed_query) in VERIFIED
    assert Reason.BAD_SIGNATURE == read(URL, headers, body + b" ", query=signed_query)
    assert Reason.BAD_SIGNATURE == read(URL, headers, body, query=signed_query[:-1])


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        (b"foo=1&bar=2", sha1_base64(SECRET, URL)),
        (b"foo=1&bar=2", b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (b"bodySHA256=%C3%A9", sha1_base64(SECRET, "https://mycompany.com/myapp.php?bodySHA256=%C3%A9")),
    ],
)
def test_a_json_body_without_its_hash_is_refused(query, signature):
    """A signature over the address alone says nothing about a body."""
    headers = {**JSON_TYPE, b"x-twilio-signature": signature}

    assert Reason.BAD_SIGNATURE == read(URL, headers, JSON_BODY, query=query)


@pytest.mark.parametrize("secret", ["old", "new"])
def test_either_secret_is_accepted_while_they_rotate(secret):
    """A message signed with the token of yesterday is not lost."""
    signature = sha1_base64(secret, "https://h/BodySalutFrom+33639980001MessageSidSM1")

    decision = post("https://h/", MESSAGE, signature, secrets=("old", "new"))

    assert Message("+33639980001", "Salut", "SM1") == decision


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "+33639980001", "Body": "Salut"},
        {**MESSAGE, "MessageSid": ""},
        [*MESSAGE.items(), ("From", "+33639980002")],
        [*MESSAGE.items(), ("Body", "Ciao")],
        [*MESSAGE.items(), ("MessageSid", "SM2")],
        {},
    ],
)
def test_a_form_without_an_id_or_with_two_of_anything_is_malformed(fields):
    """What is signed is still nothing that Twilio sends if it has no id, or says something twice and differently."""
    pairs = sorted(set(decoded(form(fields))))
    signature = sha1_base64(SECRET, b"https://h/" + b"".join(name + value for name, value in pairs))

    assert Reason.MALFORMED == post("https://h/", fields, signature)


def test_a_field_that_is_given_twice_alike_is_given_once():
    """A repetition that says nothing new contradicts nothing."""
    signature = sha1_base64(SECRET, "https://h/BodySalutFrom+33639980001MessageSidSM1")

    decision = post("https://h/", [*MESSAGE.items(), *MESSAGE.items()], signature)

    assert Message("+33639980001", "Salut", "SM1") == decision


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"1", b"{", b'{"From": 1, "MessageSid": "SM1"}', b'{"a":"\xff"}', b'{"a":' * 5000]
)
def test_a_json_body_that_is_no_message_is_malformed(body):
    """Whatever Twilio signs, nothing raises."""
    query = f"bodySHA256={body_hash(body)}"
    headers = {**JSON_TYPE, b"x-twilio-signature": sha1_base64(SECRET, f"https://h/?{query}")}

    assert Reason.MALFORMED == read("https://h/", headers, body, query=query.encode())


@pytest.mark.parametrize("content_type", [None, b"", b"text/plain", b"multipart/form-data; boundary=x"])
def test_another_type_is_refused_unread(content_type):
    """Twilio sends forms and JSON, and nothing else is signed in a way that we know."""
    headers = {} if content_type is None else {b"content-type": content_type}

    assert Reason.WRONG_TYPE == read(URL, headers, form(CALL))


def test_a_reply_is_one_piece_of_twiml():
    """The answer names nobody: Twilio sends it to whom it came from."""
    twilio, _ = number("twilio")

    assert (b"<Response><Message>Non &amp; non</Message></Response>",) == twilio.compile("Non & non")


class ManyValued(dict):
    """Fields as Django gives them, which the SDK reads."""

    def getlist(self, name):
        """Return all values of a name."""
        return self[name]


def many_valued(body):
    """Return a form for the SDK."""
    fields = ManyValued()
    for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="utf-8", max_num_fields=None):
        fields.setdefault(name, []).append(value)
    return fields


def escape_all(text, *_):
    """Return a text with every byte of it escaped, in lower case."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


NAMES = st.sampled_from(["From", "Body", "MessageSid", "MediaUrl1", "MediaUrl10", ""]) | st.text(
    "=&+%10aA\0é", max_size=4
)
VALUES = (
    st.sampled_from(["", "1", "+33639980001", "Ça va ? 😀"])
    | st.text("=&+%;#/ \r\n\0é€4b", max_size=9)
    | st.text(max_size=9)
)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=9)
ENCODERS = [
    urlencode,
    lambda pairs: urlencode(pairs, quote_via=quote),
    lambda pairs: urlencode(pairs, quote_via=escape_all),
    lambda pairs: urlencode(pairs, safe="=/:@'\n"),
]
PORTS = ["", ":80", ":443", ":8443"]
# No credentials and no IPv6 literals: the SDK cuts such hosts at their first colon when it removes a port
# (https://user:pass@h:1234/ becomes https://user/). No fragment, which it signs and Twilio does not, no port 0, which it
# takes for none, and no blank query, whose question mark it drops.
SCHEMES = st.sampled_from(["http", "https"])
RESTS = st.sampled_from(["", "/", "/sms", "/a/b%20c;d", "/sms?a=b", "/sms?a=%C3%A9&From=x&a"])


@settings(max_examples=150, deadline=None)
@given(SCHEMES, st.sampled_from(PORTS), RESTS, FIELDS)
def test_the_sdk_and_we_agree_on_forms(scheme, port, rest, fields):
    """Whatever Twilio sends, however it encodes it and spells the address, its SDK and we accept the same."""
    sdk, stranger = RequestValidator(SECRET), RequestValidator("stranger")
    url = f"{scheme}://sms.example.org{port}{rest}"

    for encode, signed_port in product(ENCODERS, PORTS):
        body = encode(fields).encode()
        signed_url = f"{scheme}://sms.example.org{signed_port}{rest}"
        for signer in (sdk, stranger):
            signature = signer.compute_signature(signed_url, many_valued(body))
            ours = read(url, {**FORM_TYPE, b"x-twilio-signature": signature.encode()}, body)
            assert sdk.validate(url, many_valued(body), signature) == (ours is not Reason.BAD_SIGNATURE)


@settings(max_examples=120, deadline=None)
@given(SCHEMES, st.sampled_from(PORTS), RESTS, FIELDS, st.text(max_size=9))
def test_the_sdk_and_we_agree_on_queries_and_json(scheme, port, rest, fields, body):
    """With GET the query holds the fields, with JSON the body's hash; nothing else is signed."""
    sdk = RequestValidator(SECRET)
    url = f"{scheme}://sms.example.org{port}{rest}"

    for hashed, signed_port in product([body, body + "!"], PORTS):
        query = form([*fields, ("bodySHA256", body_hash(hashed.encode()))])
        received = f"{url.partition('?')[0]}?{query.decode()}"
        signature = sdk.compute_signature(received.replace(f"org{port}", f"org{signed_port}"), {})
        headers = {**JSON_TYPE, b"x-twilio-signature": signature.encode()}
        get = read(url, headers, b"", query=query, method="GET")
        json = read(url, headers, body.encode(), query=query)
        assert sdk.validate(received, {}, signature) == (get is not Reason.BAD_SIGNATURE)
        assert sdk.validate(received, body, signature) == (json is not Reason.BAD_SIGNATURE)


@given(st.data())
def test_any_changed_byte_is_refused(data):
    """A form with another byte is a forgery, unless it says the same (`%2b` for `%2B`)."""
    twilio, _ = number("twilio")
    method, query, headers, body = request(
        "twilio", data.draw(st.sampled_from(["message", "accents-and-emoji", "picture"]))
    )
    place = data.draw(st.integers(0, len(body) - 1))
    changed = body[:place] + bytes([data.draw(st.integers(0, 255))]) + body[place + 1 :]

    same = sorted(set(decoded(changed))) == sorted(set(decoded(body)))

    assert same == (Reason.BAD_SIGNATURE is not twilio.read(method, query, headers, changed))


@pytest.mark.parametrize("name", ["message", "get", "json"])
def test_any_changed_byte_of_a_signature_is_refused(name, shows):
    """There is one way to write a signature."""
    twilio, _ = number("twilio")
    method, query, headers, body = request("twilio", name)
    signature = headers[b"x-twilio-signature"]
    others = b"Aa0+/=-_ \xff"
    shows("P7", rounds=1, requests=len(signature) * len(others))

    for place in range(len(signature)):
        for byte in others:
            changed = signature[:place] + bytes([byte]) + signature[place + 1 :]
            decision = twilio.read(method, query, {**headers, b"x-twilio-signature": changed}, body)
            assert (changed == signature) == (decision is not Reason.BAD_SIGNATURE)


def test_any_changed_byte_of_a_query_is_refused():
    """With GET every byte counts, however it decodes."""
    twilio, _ = number("twilio")
    method, query, headers, body = request("twilio", "get")

    decisions = {
        twilio.read(method, query[:place] + b"?" + query[place + 1 :], headers, body) for place in range(len(query))
    }

    assert {Reason.BAD_SIGNATURE} == decisions


USUAL = {
    "SmsStatus": "received", "To": "+33937000000", "NumMedia": "0", "NumSegments": "1",
    "MessageSid": "SM1", "From": "+33639980001", "Body": "Salut",
}  # fmt: skip
OTHERWISE = st.dictionaries(
    st.sampled_from([*USUAL, "AccountSid", "Direction", "MessageStatus", "OptOutType"]),
    st.sampled_from(
        ["", "0", "1", "3", "sent", "received", "inbound", "STOP", "+33937000000", "\N{PILE OF POO}" * 99, None]
    ),
    max_size=3,
)


@given(OTHERWISE)
def test_a_usual_form_is_read_as_one_that_needs_a_second_look(otherwise):
    """Whatever is different in a form or missing: with a field given twice, which is read in another way, the message is the same."""
    fields = [(name, value) for name, value in {**USUAL, **otherwise}.items() if value is not None]
    once, twice = [*fields, ("Zip", "1")], [*fields, ("Zip", "1"), ("Zip", "1")]
    signed = sha1_base64(
        SECRET, URL.encode() + b"".join(name.encode() + value.encode() for name, value in sorted(once))
    )

    usual, other = (post(URL, given, signed) for given in (once, twice))

    assert usual == other
    assert Reason.BAD_SIGNATURE != usual
