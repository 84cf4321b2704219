"""Facts about requests: what the providers' own rules accept, and what they must refuse."""

from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from edge.configfile import load
from edge.core.wire.message import Message
from edge.core.wire.origin import Origin
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.signing import Encoder, encode, plivo_signature, twilio_signature
from tests import ROOT

CONFIG = load(ROOT / "edge.toml")
SECRET = "sekrit"
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def arrival(kind=Kind.FRESH, text="C'est qui ? 100 % é€😀", index=3):
    """Return an arrival of a kind."""
    return Arrival(index, 0, "+33612345678", text, "SM" + "0" * 32, kind, genuine=False)


def config_of(provider):
    """Return the example's configuration at another provider."""
    return msgspec.structs.replace(CONFIG, given=msgspec.structs.replace(CONFIG.number, provider=provider))


def parts(request):
    """Return the request line, the headers and the fields of a request."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    return line, dict(header.split(": ", 1) for header in lines), body


def accepted(request):
    """Return whether Twilio's own library takes the request for genuine."""
    _, headers, body = parts(request)
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return RequestValidator(SECRET).validate(CONFIG.number.url, fields, headers.get("X-Twilio-Signature", ""))


@given(_texts)
def test_any_text_is_signed_as_twilio_does(text):
    """The provider's own validator accepts every honest request, whatever is in it."""
    assert accepted(encode(arrival(text=text), CONFIG, SECRET))


@pytest.mark.parametrize("text", ["", "Regarde"])
@pytest.mark.parametrize("provider", ["twilio", "signalwire", "plivo", "46elks"])
def test_a_picture_is_one_to_every_provider(provider, text):
    """The worker's own reading of a form sees it, and none where none is; the text is what it was."""
    config = config_of(provider)
    number = config.number
    reader = PROVIDERS[provider](phone=number.phone, url=number.url, secrets=[SECRET])
    found = []
    for picture in (True, False):
        sent = msgspec.structs.replace(arrival(text=text), picture=picture)
        _, headers, body = parts(encode(sent, config, SECRET))
        wire = {name.lower().encode(): value.encode() for name, value in headers.items()}
        message = reader.read("POST", b"", wire, body)
        found.append((message.has_media, message.text))

    assert [(True, text), (False, text)] == found


@pytest.mark.parametrize("kind", [Kind.REPLAYED, Kind.RETRIED, Kind.OVERSIZE, Kind.MALFORMED])
@pytest.mark.parametrize("index", range(3))
def test_all_but_forgeries_are_rightly_signed(kind, index):
    """What is wrong with them is something else."""
    assert accepted(encode(arrival(kind, index=index), CONFIG, SECRET))


@pytest.mark.parametrize("index", range(6))
def test_no_forgery_is_accepted(index):
    """Whether its author has no signature, another secret, or a signature of another address."""
    assert not accepted(encode(arrival(Kind.FORGED, index=index), CONFIG, SECRET))


def test_a_request_is_whole_and_says_how_long_it_is():
    """Method, path, host and length are as a server expects them."""
    line, headers, body = parts(encode(arrival(), CONFIG, SECRET))

    assert "POST /sms HTTP/1.1" == line
    assert ("sms.example.org", str(len(body))) == (headers["Host"], headers["Content-Length"])


def test_a_query_of_the_address_is_called_and_signed():
    """The address is used as entered at the provider, but for connection overrides, which are neither sent nor signed."""
    url = "https://u:p@sms.example.org:8443/a%20b/sms?key=1&x"
    configs = [
        msgspec.structs.replace(CONFIG, given=msgspec.structs.replace(CONFIG.number, url=entered))
        for entered in (url, f"{url}#rc=2&rp=all")
    ]
    requests = [encode(arrival(), config, SECRET) for config in configs]
    line, headers, _ = parts(requests[0])

    assert "POST /a%20b/sms?key=1&x HTTP/1.1" == line
    assert "sms.example.org:8443" == headers["Host"]
    assert requests[0] == requests[1]


def test_the_fields_are_those_of_the_wire():
    """Twenty fields, blank ones included, in the order of two independent captures."""
    fields = parse_qsl(parts(encode(arrival(), CONFIG, SECRET))[2].decode(), keep_blank_values=True)

    assert (20, "ToCountry", "ApiVersion") == (len(fields), fields[0][0], fields[-1][0])
    assert {"From": "+33612345678", "To": CONFIG.number.phone, "FromCity": ""}.items() <= dict(fields).items()


def test_an_oversize_request_is_larger_than_the_worker_takes():
    """Its body exceeds `body-bytes-max`."""
    assert CONFIG.server.body_bytes_max < len(parts(encode(arrival(Kind.OVERSIZE), CONFIG, SECRET))[2])


def test_a_malformed_request_lacks_its_id_or_everything():
    """What makes a form a message, or anything else of its provider's, is left out, in turn."""
    fields = [
        dict(parse_qsl(parts(encode(arrival(Kind.MALFORMED, index=i), CONFIG, SECRET))[2].decode())) for i in range(2)
    ]

    assert [(True, False, True, False), (False, False, False, False)] == [
        tuple(name in found for name in ("From", "MessageSid", "Body", "AccountSid")) for found in fields
    ]


def test_a_slow_loris_lacks_its_last_byte():
    """The server waits for it for ever."""
    whole, slow = (encode(arrival(kind), CONFIG, SECRET) for kind in (Kind.FRESH, Kind.SLOW_LORIS))

    assert whole[:-1] == slow


def test_the_secret_of_the_cdn_goes_along():
    """A worker that asks for it gets it, forged or not."""
    _, headers, _ = parts(encode(arrival(Kind.FORGED), CONFIG, SECRET, origin_secret="edge"))

    assert "edge" == headers["X-Origin-Secret"]


@pytest.mark.parametrize("provider", ["twilio", "signalwire", "plivo", "46elks"])
def test_letters_of_any_script_in_address_and_secret_travel_as_the_worker_reads_them(provider):
    """The request line in ASCII, as HTTP has it; the secret of the CDN in UTF-8; the signature over what was entered."""
    number = msgspec.structs.replace(
        config_of(provider).number, url="https://\u0153uf.example/caf\u00e9?x=\u20ac&y=%20z"
    )
    config = msgspec.structs.replace(CONFIG, given=number)
    request = encode(arrival(), config, SECRET, "\u043a\u043b\u044e\u0447")
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    headers = {name.lower(): value for name, _, value in (one.partition(b": ") for one in lines)}
    read = PROVIDERS[provider](phone=number.phone, url=number.url, secrets=[SECRET]).read

    assert b"POST /caf%C3%A9?x=%E2%82%AC&y=%20z HTTP/1.1" == line
    assert Origin(["\u043a\u043b\u044e\u0447"]).admits(headers)
    assert isinstance(read("POST", b"x=%E2%82%AC&y=%20z", headers, body), Message)


def test_signalwire_signs_as_twilio_under_its_own_name():
    """The scheme is the same, the header is not."""
    twilio = parts(encode(arrival(), CONFIG, SECRET))[1]["X-Twilio-Signature"]

    assert twilio == parts(encode(arrival(), config_of("signalwire"), SECRET))[1]["X-SignalWire-Signature"]


def test_plivo_signs_its_address_and_a_nonce():
    """The published vector of V2, and the nonce in the header."""
    _, headers, body = parts(encode(arrival(), config_of("plivo"), SECRET))

    assert "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=" == plivo_signature(
        "my_auth_token", "https://answer.url", "12345"
    )
    assert headers["X-Plivo-Signature-V2"] == plivo_signature(
        SECRET, CONFIG.number.url, headers["X-Plivo-Signature-V2-Nonce"]
    )
    assert "MessageUUID" in dict(parse_qsl(body.decode()))


def test_46elks_signs_nothing_so_a_forger_does_not_know_the_address():
    """An honest request has no signature; a forged one goes elsewhere."""
    config = config_of("46elks")
    honest, forged = (parts(encode(arrival(kind), config, "")) for kind in (Kind.FRESH, Kind.FORGED))

    assert ("POST /sms HTTP/1.1", "POST /forged/sms HTTP/1.1") == (honest[0], forged[0])
    assert not any("Signature" in name for name in honest[1])


@pytest.mark.parametrize("name", PROVIDERS)
def test_whatever_provider_the_worker_knows_the_flood_can_speak_for(name):
    """Its file reads an honest request as the message that was meant, and no forgery, unless nothing is signed."""
    config = config_of(name)
    reader = PROVIDERS[name](phone=config.number.phone, url=config.number.url, secrets=[SECRET])

    def read(kind):
        _, headers, body = parts(encode(arrival(kind), config, SECRET))
        return reader.read("POST", b"", {key.lower().encode(): value.encode() for key, value in headers.items()}, body)

    meant = arrival()
    assert Message(meant.sender, meant.text, meant.message_id, config.number.phone) == read(Kind.FRESH)
    assert Reason.MALFORMED == read(Kind.MALFORMED)
    assert (Reason.BAD_SIGNATURE if reader.needs_secret else read(Kind.FRESH)) == read(Kind.FORGED)


def test_the_vector_of_all_libraries():
    """Key 12345 over the address and sorted fields that every SDK tests."""
    signed = (
        "https://mycompany.com/myapp.php?foo=1&bar=2"
        "CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212"
    )

    assert "RSOYDt4T1cUTdK1PDd93/VVr8B8=" == twilio_signature("12345", signed)


def test_an_unknown_provider_is_a_clear_error():
    """The flood says for whom it cannot speak."""
    with pytest.raises(
        ValueError, match=r"number\.provider: found 'twilo', for which the flood cannot speak; did you mean \"twilio\""
    ):
        Encoder(config_of("twilo"), SECRET)


def test_each_number_has_its_provider_its_address_and_its_name():
    """The one that is written to is at another provider, under another path."""
    second = msgspec.structs.replace(
        CONFIG.number, phone="+33937000001", provider="plivo", url="https://sms.example.org/p", secret_env="B"
    )
    both = msgspec.structs.replace(CONFIG, given=[CONFIG.number, second])
    request = Encoder(both, "other", index=1)(arrival())
    line, headers, body = parts(request)
    fields = dict(parse_qsl(body.decode()))

    assert encode(arrival(), CONFIG, SECRET) == Encoder(both, SECRET)(arrival())
    assert ("POST /p HTTP/1.1", "+33937000001") == (line, fields["To"])
    nonce = headers["X-Plivo-Signature-V2-Nonce"]
    assert plivo_signature("other", "https://sms.example.org/p", nonce) == headers["X-Plivo-Signature-V2"]
