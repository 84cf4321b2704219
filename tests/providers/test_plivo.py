"""Plivo: its published vectors, both versions of its signature, and numbers without their plus sign."""

import xml.etree.ElementTree as ET

import pytest

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers.plivo import Plivo
from tests.providers.test_samples import number, request
from tests.providers.wire import FORM_TYPE, form, sha256_base64

TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
NONCE = b"31627761595286130198"
URL = "https://plivobin.non-prod.plivops.com/api/v1/validate_signature03.xml"
UUID = "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36"
CALL = {
    "Direction": "outbound",
    "From": "19792014278",
    "ALegUUID": UUID,
    "CallStatus": "in-progress",
    "BillRate": "0.002",
    "ParentAuthID": "MANWVLYTK4ZWU1YTY4QA",
    "To": "sip:PlivoSignature382029104058171078704104@phone-qa.voice.plivodev.com",
    "ALegRequestUUID": UUID,
    "CallUUID": UUID,
    "RequestUUID": UUID,
    "SIP-H-To": "<sip:PlivoSignature382029104058171078704104@52.9.11.55;transport=udp>;tag=1",
    "SessionStart": "2020-04-08 11:34:33.238707",
    "Event": "StartApp",
}
MESSAGE = {"From": "33639980001", "Text": "Salut", "MessageUUID": "1"}

# The vectors are calls, or nothing at all.
VERIFIED = Reason.NOT_A_MESSAGE


def read(url, method, fields, headers, *, secrets=(TOKEN,)):
    """Return what becomes of a request."""
    query, body = url.partition("?")[2].encode(), form(fields)
    if method == "GET":
        query, body = b"&".join(filter(None, [query, body])), b""
    return Plivo(phone="+33937000000", url=url, secrets=secrets).read(method, query, {**FORM_TYPE, **headers}, body)


def v3(signature, nonce=NONCE, *, name=b"x-plivo-signature-v3"):
    """Return the headers of version 3."""
    return {name: signature, b"x-plivo-signature-v3-nonce": nonce}


def v2(signature, nonce=b"12345", *, name=b"x-plivo-signature-v2"):
    """Return the headers of version 2."""
    return {name: signature, b"x-plivo-signature-v2-nonce": nonce}


PUBLISHED = [
    (URL + "/?a=b&c=d", "POST", b"k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="),
    (URL + "/?a=b&c=d", "GET", b"UBq8jAtd32wR8EK9VgxbBn4n5rpI/l1H9iN4WfSEHFQ="),
    (URL, "POST", b"iAjE5QqI37mbkYe4w3jTMudqEzbDufdqi7sYwTu64e0="),
    (URL, "GET", b"i/MQsaQSAd6fiKhOh2qeeeLHZ9faldADSb3/7+Akfbc="),
]


@pytest.mark.parametrize(("url", "method", "signature"), PUBLISHED)
@pytest.mark.parametrize("name", [b"x-plivo-signature-v3", b"x-plivo-signature-ma-v3"])
def test_a_published_v3_signature_is_verified(url, method, signature, name):
    """The published signatures hold, under the main account's name as well."""
    assert VERIFIED == read(url, method, CALL, v3(signature, name=name))


@pytest.mark.parametrize(("url", "method", "signature"), PUBLISHED)
def test_a_published_v3_signature_holds_for_nothing_else(url, method, signature):
    """Another field, nonce, address or method is a forgery."""
    other = "POST" if method == "GET" else "GET"

    decisions = {
        read(url, method, {**CALL, "From": "19792014279"}, v3(signature)),
        read(url, method, {**CALL, "Blank": ""}, v3(signature)),
        read(url, method, CALL, v3(signature, NONCE + b"0")),
        read(url.replace("03", "04"), method, CALL, v3(signature)),
        read(url, other, CALL, v3(signature)),
        read(url, method, CALL, v3(signature), secrets=("another",)),
    }

    assert {Reason.BAD_SIGNATURE} == decisions


@pytest.mark.parametrize(
    "header", [b"%s,AAAA", b"AAAA,%s", b"AAAA, %s ,BBBB", b",,%s"], ids=["first", "last", "blanks", "commas"]
)
def test_one_of_several_v3_signatures_is_enough(header):
    """A header may hold one for each token while they rotate."""
    _, _, signature = PUBLISHED[2]

    assert VERIFIED == read(URL, "POST", CALL, v3(header % signature))


def test_only_so_many_signatures_are_compared():
    """A stranger cannot make us compare thousands."""
    _, _, signature = PUBLISHED[2]

    assert Reason.BAD_SIGNATURE == read(URL, "POST", CALL, v3(b"AAAA," * 50 + signature))


def test_the_published_v2_signature_is_verified():
    """It covers the address and the nonce."""
    headers = v2(b"ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=")

    assert Reason.MALFORMED == read("https://answer.url", "POST", {}, headers, secrets=("my_auth_token",))
    assert Reason.BAD_SIGNATURE == read("https://answer.url", "POST", {}, headers, secrets=("my_auth_tokens",))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", [b"x-plivo-signature-v2", b"x-plivo-signature-ma-v2"])
def test_a_v2_signature_holds_for_any_sender_and_text(method, name):
    """That is why a path or a CDN that only Plivo knows is required: whoever saw one request can forge others."""
    headers = v2(sha256_base64("t", "https://h/sms12345"), name=name)

    decisions = [
        read("https://h/sms?a=b", method, {**MESSAGE, "Text": text}, headers, secrets=("t",)) for text in ("a", "b")
    ]

    assert [Message("+33639980001", "a", "1"), Message("+33639980001", "b", "1")] == decisions
    assert Plivo.needs_secret_path


def test_v3_alone_decides_where_it_is_given():
    """A signature of version 2 beside a forged one of version 3, or a blank one, proves nothing."""
    genuine_v2 = v2(sha256_base64("t", "https://h/sms12345"))

    decisions = {
        read("https://h/sms", "POST", MESSAGE, {**genuine_v2, **v3(signature)}, secrets=("t",))
        for signature in (b"", b"AAAA", genuine_v2[b"x-plivo-signature-v2"])
    }

    assert {Reason.BAD_SIGNATURE} == decisions


def test_a_request_without_a_signature_is_refused():
    """Neither version is there."""
    assert Reason.BAD_SIGNATURE == read("https://h/", "POST", MESSAGE, {})


def test_repeated_values_are_sorted_and_kept():
    """As in Plivo's SDKs, and unlike at Twilio, twins are signed twice."""
    signed = "https://h/?BB1BB2BB2From33639980001MessageUUID1TextSalut.n"
    fields = [("B", "B2"), ("B", "B1"), ("B", "B2"), *MESSAGE.items()]

    decision = read("https://h/", "POST", fields, v3(sha256_base64("t", signed), b"n"), secrets=("t",))

    assert Message("+33639980001", "Salut", "1") == decision


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("33639980001", "+33639980001"),
        ("+33639980001", "+33639980001"),
        ("36111", "+36111"),
        ("LaBanque", "LaBanque"),
        ("²", "²"),
    ],
)
def test_a_sender_of_digits_gets_its_plus_sign(written, sender):
    """Plivo writes numbers without; a short code stays too short for a person's number."""
    headers = v2(sha256_base64("t", "https://h/12345"))

    assert Message(sender, "Salut", "1") == read(
        "https://h/", "POST", {**MESSAGE, "From": written}, headers, secrets=("t",)
    )


def test_somebody_who_withholds_a_number_has_written_all_the_same():
    """It is received and paid for; the gate takes nobody for a person."""
    headers = v2(sha256_base64("t", "https://h/12345"))

    assert Message("", "Salut", "1") == read(
        "https://h/", "POST", {"Text": "Salut", "MessageUUID": "1"}, headers, secrets=("t",)
    )


def test_another_type_is_refused_unread():
    """Plivo sends forms."""
    plivo, _ = number("plivo")

    assert Reason.WRONG_TYPE == plivo.read("POST", b"", {b"content-type": b"application/json"}, b"{}")


def test_a_reply_says_from_whom_and_to_whom():
    """Joined by the sender's digits, the pieces are one message between the two numbers, without plus signs."""
    plivo, _ = number("plivo")

    message = ET.fromstring(b"33639980001".join(plivo.compile("Non & non"))).find("Message")

    assert {"src": "33937000000", "dst": "33639980001"} == message.attrib
    assert "Non & non" == message.text


@pytest.mark.parametrize("name", ["message", "get"])
def test_any_changed_byte_is_refused(name, shows):
    """Under version 3 every field counts."""
    plivo, _ = number("plivo")
    method, query, headers, body = request("plivo", name)
    shows("P7", rounds=1, requests=len(query + body))

    for place in range(len(query + body)):
        changed = (query + body)[:place] + b"!" + (query + body)[place + 1 :]
        decision = plivo.read(method, changed if method == "GET" else query, headers, changed[len(query) :])
        assert (place < len(query) and method == "POST") or decision == Reason.BAD_SIGNATURE
