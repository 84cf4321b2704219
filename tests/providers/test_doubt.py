"""Why a request did not verify: what is said of each mistake that an operator makes, and what is never said."""

import hashlib
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.providers import PROVIDERS
from tests.providers.wire import FORM_TYPE, JSON_TYPE, form, sha1_base64, sha1_hex, sha256_base64

PHONE, TOKEN, PATH = "+33937000000", "5ec2e7a11ab1e5ec2e7a11ab1e5ec2e7", "/sms/7c1f0a9e5b7c1f0a9e5b"
URL = f"https://sms.example.org{PATH}?a=b"
FIELDS = {"From": "+33639980001", "To": PHONE, "Body": "Salut", "MessageSid": "SM1", "MessageUUID": "SM1"}
SIGNED = "".join(name + value for name, value in sorted(FIELDS.items()))
SIGNERS = {
    "twilio": lambda url, secret: {b"x-twilio-signature": sha1_base64(secret, url + SIGNED)},
    "signalwire": lambda url, secret: {b"x-signalwire-signature": sha1_base64(secret, url + SIGNED)},
    "plivo": lambda url, secret: {
        b"x-plivo-signature-ma-v3": sha256_base64(secret, f"{url}{'.' if '?' in url else '?'}{SIGNED}.n"),
        b"x-plivo-signature-v3-nonce": b"n",
    },
    "plivo v2": lambda url, secret: {
        b"x-plivo-signature-v2": sha256_base64(secret, url.partition("?")[0] + "n"),
        b"x-plivo-signature-v2-nonce": b"n",
    },
}
every = pytest.mark.parametrize("name", SIGNERS)


def explain(name, entered, called, *, secrets=(TOKEN,), secret=TOKEN, guess=False, **headers):
    """Return what is said of a number with that address when its provider calls that one; it does not verify."""
    provider = PROVIDERS[name.partition(" ")[0]](phone=PHONE, url=entered, secrets=secrets)
    given_ = {key.replace("_", "-").encode(): value.encode() for key, value in headers.items()}
    request = (
        "POST",
        called.partition("?")[2].encode(),
        {**FORM_TYPE, **SIGNERS[name](called, secret), **given_},
        form(FIELDS),
    )
    assert provider.read(*request) == "bad_signature"
    return provider.explain(*request, guess=guess)


@every
@pytest.mark.parametrize(
    ("called", "said"),
    [
        (URL.replace("https", "http"), "http instead of https"),
        (URL.replace(PATH, PATH + "/"), "a slash at its end"),
        (URL.replace(".org", ".org:8443"), "the port :8443"),
        (URL.replace("sms.", "www."), "the host www.example.org"),
        (URL.replace("https://sms.", "http://www."), "http instead of https and the host www.example.org"),
        (URL.replace(PATH, "/hooks" + PATH), "the path that was called"),
    ],
)
def test_one_spelling_that_is_wrong_is_named(name, called, said):
    """Scheme, host, port, slash, query or path of number.url: the line says which, and how it would be right."""
    host = called.partition("://")[2].partition("/")[0]

    found = explain(name, URL, called, host=host, x_original_uri=called.partition(host)[2])

    assert f"it would verify if number.url had {said}" == found


@pytest.mark.parametrize("name", ["twilio", "signalwire", "plivo"])
def test_another_query_is_found(name):
    """It is part of what was entered; version 2 of Plivo's signature leaves it out."""
    assert "it would verify if number.url had the query that the provider calls" == explain(name, URL, URL + "c")


@every
def test_the_path_before_a_prefix_was_taken_away_is_found(name):
    """Whichever header the proxy tells it in."""
    called = URL.replace(PATH, "/hooks" + PATH)

    assert "it would verify if number.url had the path that was called" == explain(
        name, URL, called, x_forwarded_prefix="/hooks/"
    )


@every
def test_a_slash_too_many_and_a_port_too_many_are_found(name):
    """The other way round."""
    assert "no slash at its end" in explain(name, URL.replace(PATH, PATH + "/"), URL)
    if name in {"signalwire", "plivo", "plivo v2"}:
        assert "no port" in explain(name, URL.replace(".org", ".org:8443"), URL)


@pytest.mark.parametrize("name", ["plivo", "plivo v2"])
def test_a_user_name_that_the_provider_drops_is_found(name):
    """Plivo's signature covers the address as it was called."""
    assert "no user name and no password" in explain(name, URL.replace("://", "://u:p@"), URL)


@every
def test_of_several_secrets_the_one_that_fits_is_counted(name):
    """While they rotate, with the address wrong as well; its value is not shown."""
    found = explain(name, URL, URL.replace("https", "http"), secrets=("0" * 32, TOKEN))

    assert "it would verify if number.url had http instead of https, with secret 2 of 2" == found


def test_a_get_and_json_are_explained_as_they_are_signed():
    """With the query as received, over the body where SignalWire signs that."""
    twilio = PROVIDERS["twilio"](phone=PHONE, url="https://h/sms", secrets=[TOKEN])
    signalwire = PROVIDERS["signalwire"](phone=PHONE, url="https://h/sms", secrets=[TOKEN])
    plivo = PROVIDERS["plivo"](phone=PHONE, url="https://h/sms", secrets=[TOKEN])
    query, body = form(FIELDS), b'{"MessageSid": "SM1"}'
    hashed = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    joined = "&".join(f"{name}={value}" for name, value in sorted(FIELDS.items()))

    found = [
        twilio.explain("GET", query, {b"x-twilio-signature": sha1_base64(TOKEN, f"http://h/sms?{query.decode()}")}, b"", guess=False),
        twilio.explain("POST", hashed.encode(), {**JSON_TYPE, b"x-twilio-signature": sha1_base64(TOKEN, f"http://h/sms?{hashed}")}, body, guess=False),
        signalwire.explain("POST", b"", {**JSON_TYPE, b"x-signalwire-signature": sha1_hex(TOKEN, b"http://h/sms" + body)}, body, guess=False),
        plivo.explain("GET", query, {b"x-plivo-signature-v3": sha256_base64(TOKEN, f"http://h/sms?{joined}.n"), b"x-plivo-signature-v3-nonce": b"n"}, b"", guess=False),
    ]  # fmt: skip

    assert ["it would verify if number.url had http instead of https"] * 4 == found


@every
def test_a_stranger_s_request_is_worth_a_word_only_where_one_guesses(name):
    """As long as nothing has verified it may be the provider's, under another secret; afterwards it is a stranger's."""
    said = explain(name, URL, URL, secret="another", guess=True)

    assert said.startswith("no other spelling of number.url makes it verify")
    assert "" == explain(name, URL, URL, secret="another")


def test_what_is_no_auth_token_is_said():
    """An API key's secret has more letters, its name begins with SK; a subaccount's token looks like any other."""
    key = explain("twilio", URL, URL, secrets=("kFq2xYwVt0nZ8sRb4uLmPcEoAiHdGjTe",), guess=True)
    other = explain("twilio", URL, URL, secrets=("0" * 32,), guess=True)
    project = explain("signalwire", URL, URL, secrets=("PT0123456789",), guess=True)

    assert "does not look like an Auth Token" in key
    assert "subaccount's Auth Token" in other
    assert "does not look like a Signing Key" in project


def test_nothing_signed_is_nothing_said_but_at_first():
    """A scanner signs nothing; a proxy may take the header away."""
    twilio = PROVIDERS["twilio"](phone=PHONE, url=URL, secrets=[TOKEN])

    assert ["", "it is not signed: a stranger's, or a proxy takes the signature's header away"] == [
        twilio.explain("POST", b"", FORM_TYPE, b"", guess=guess) for guess in (False, True)
    ]
    assert "" == PROVIDERS["46elks"](phone=PHONE, url=URL, secrets=[]).explain("POST", b"", {}, b"", guess=True)


@every
@given(st.data())
def test_no_secret_no_number_and_no_path_is_ever_said(name, data):
    """Whatever is wrong, and whatever headers a stranger makes up."""
    parts = [
        ["http", "https"],
        ["sms.example.org", "www.example.org"],
        ["", ":8443"],
        [PATH, PATH + "/", "/hooks" + PATH],
        ["", "?a=b"],
    ]
    entered, called = (
        "{}://{}{}{}{}".format(*data.draw(st.sampled_from(list(product(*parts))), label=label))
        for label in ("entered", "called")
    )
    provider = PROVIDERS[name.partition(" ")[0]](phone=PHONE, url=entered, secrets=["0" * 32, TOKEN])
    odd = st.sampled_from(["www.example.org:8443", "sms.example.org", "/hooks" + PATH, "/hooks"]) | st.text(max_size=9)
    names = [b"host", b"x-forwarded-host", b"x-original-uri", b"x-forwarded-prefix", b"x-twilio-signature"]
    headers = {key: data.draw(odd).encode() for key in names}

    said = provider.explain(
        "POST", called.partition("?")[2].encode(), {**FORM_TYPE, **headers, **SIGNERS[name](called, TOKEN)}, form(FIELDS),
        guess=data.draw(st.booleans()),
    )  # fmt: skip

    assert said.isprintable()
    assert not re.search(r"7c1f0a9e5b|5ec2e7a1|639980001|93700000|hooks", said)
