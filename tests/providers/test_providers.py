"""What all providers have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from tests.providers.wire import FORM_TYPE, JSON_TYPE, body_hash, sha1_base64, sha1_hex, sha256_base64

URL = "https://h/sms"
OUTCOMES = {Reason.NOT_A_MESSAGE, Reason.BAD_SIGNATURE, Reason.MALFORMED, Reason.WRONG_TYPE}
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            b"content-type",
            b"x-twilio-signature",
            b"x-signalwire-signature",
            b"x-plivo-signature-v3",
            b"x-plivo-signature-ma-v3",
            b"x-plivo-signature-v3-nonce",
            b"x-plivo-signature-v2",
            b"x-plivo-signature-v2-nonce",
        ]
    ),
    st.sampled_from([FORM_TYPE[b"content-type"], JSON_TYPE[b"content-type"]]) | st.binary(),
)


@pytest.mark.parametrize("name", PROVIDERS)
@given(method=st.sampled_from(["GET", "POST", "PUT", ""]), query=st.binary(), headers=HEADERS, body=st.binary())
def test_any_request_becomes_a_message_or_a_reason(name, method, query, headers, body):
    """Whatever comes, nothing is raised."""
    provider = PROVIDERS[name](phone="+33937000000", url=URL, secrets=["secret"])

    decision = provider.read(method, query, headers, body)

    assert isinstance(decision, Message) or decision in OUTCOMES


@given(st.binary())
def test_any_signed_bytes_become_a_message_or_a_reason(body):
    """Behind a signature that holds, nothing is raised either."""
    query = f"bodySHA256={body_hash(body)}".encode()
    twilio, signalwire, plivo = (
        PROVIDERS[name](phone="+33937000000", url=URL, secrets=["s"]) for name in ("twilio", "signalwire", "plivo")
    )
    by_query = sha1_base64("s", URL.encode() + b"?" + body)
    by_hash = sha1_base64("s", URL.encode() + b"?" + query)
    by_body = sha1_hex("s", URL.encode() + body)
    by_nonce = sha256_base64("s", URL)

    decisions = [
        twilio.read("GET", body, {b"x-twilio-signature": by_query}, b""),
        twilio.read("POST", query, {**JSON_TYPE, b"x-twilio-signature": by_hash}, body),
        signalwire.read("POST", b"", {**JSON_TYPE, b"x-signalwire-signature": by_body}, body),
        plivo.read("POST", b"", {**FORM_TYPE, b"x-plivo-signature-v2": by_nonce}, body),
    ]

    assert all(
        isinstance(decision, Message) or decision in {Reason.NOT_A_MESSAGE, Reason.MALFORMED} for decision in decisions
    )


@pytest.mark.parametrize(
    ("name", "needs_secret", "needs_secret_path"),
    [("twilio", True, False), ("signalwire", True, False), ("plivo", True, True), ("46elks", False, True)],
)
def test_a_provider_says_what_proves_its_requests(name, needs_secret, needs_secret_path):
    """A secret where it signs; a secret path, or a CDN's secret, where its signature leaves the message out."""
    provider = PROVIDERS[name](phone="+33937000000", url=URL, secrets=["secret"])

    assert (needs_secret, needs_secret_path) == (PROVIDERS[name].needs_secret, provider.needs_secret_path)
