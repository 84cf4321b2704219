"""The steps from bytes to a prepared answer, for a form as Twilio sends it; and the provider's own validator beside ours."""

import hashlib
from itertools import cycle
from urllib.parse import parse_qsl

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bench import number
from bench.stand import Call
from edge.core.answering.replies import Replies
from edge.core.text import segments
from edge.core.wire.message import Message
from edge.core.wire.provider import Provider
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from edge.providers.forms import parse
from edge.providers.signing import Mac, signed_in_base64
from edge.providers.twilio import each_once

SIGNATURE = b"x-twilio-signature"


@pytest.fixture(scope="module")
def provider() -> Provider:
    """Return the provider, ready to verify."""
    return PROVIDERS["twilio"](phone=number.PHONE, url=number.URL, secrets=[number.SECRET])


@pytest.mark.benchmark(group="body parse")
def test_parse_ours(benchmark: BenchmarkFixture, messages: list[Call]) -> None:
    """A form is split, decoded and put into the order in which it is signed."""
    following = cycle([call.body["body"] for call in messages]).__next__

    benchmark(lambda: parse(following(), each_once))


@pytest.mark.benchmark(group="body parse")
def test_parse_urllib(benchmark: BenchmarkFixture, messages: list[Call]) -> None:
    """The standard library decodes the same form, and leaves it in the order in which it came."""
    following = cycle([call.body["body"].decode() for call in messages]).__next__

    benchmark(lambda: parse_qsl(following(), keep_blank_values=True))


@pytest.mark.benchmark(group="signature")
def test_signature_ours(benchmark: BenchmarkFixture, messages: list[Call]) -> None:
    """A form that is in order is signed and compared."""
    macs = [Mac(hashlib.sha1, number.SECRET, number.URL)]
    following = cycle(
        [(parse(call.body["body"], each_once).signed, dict(call.scope["headers"])[SIGNATURE]) for call in messages]
    ).__next__

    benchmark(lambda: signed_in_base64(macs, *following()))


@pytest.mark.benchmark(group="read: parse, verify, decode")
def test_read_ours(benchmark: BenchmarkFixture, messages: list[Call], provider: Provider) -> None:
    """A request becomes a message."""
    following = cycle([(dict(call.scope["headers"]), call.body["body"]) for call in messages]).__next__

    found = benchmark(lambda: provider.read("POST", b"", *following()))

    assert isinstance(found, Message)


@pytest.mark.benchmark(group="read: parse, verify, decode")
def test_read_forged_ours(benchmark: BenchmarkFixture, forgeries: list[Call], provider: Provider) -> None:
    """A forged request is found out."""
    following = cycle([(dict(call.scope["headers"]), call.body["body"]) for call in forgeries]).__next__

    found = benchmark(lambda: provider.read("POST", b"", *following()))

    assert found == Reason.BAD_SIGNATURE


@pytest.mark.benchmark(group="read: parse, verify, decode")
def test_read_sdk(benchmark: BenchmarkFixture, messages: list[Call]) -> None:
    """The provider's SDK verifies a form that the standard library has decoded."""
    validator = RequestValidator(number.SECRET)
    following = cycle(
        [(call.body["body"].decode(), dict(call.scope["headers"])[SIGNATURE].decode()) for call in messages]
    ).__next__

    def read() -> bool:
        body, signature = following()
        return bool(validator.validate(number.URL, dict(parse_qsl(body, keep_blank_values=True)), signature))

    assert benchmark(read)


@pytest.mark.benchmark(group="segments")
@pytest.mark.parametrize("text", [number.REPLY, number.REPLY + " ✓"], ids=["GSM-7", "UCS-2"])
def test_segments(benchmark: BenchmarkFixture, text: str) -> None:
    """The segments of a text are counted: once, at the start."""
    assert benchmark(segments.count, text).segments


@pytest.mark.benchmark(group="reply")
def test_reply_ours(benchmark: BenchmarkFixture, provider: Provider) -> None:
    """A prepared reply is looked up."""
    replies = Replies(provider, [number.REPLY])

    benchmark(replies.reply, Reason.ANSWERED, 0, "+33612345678")


@pytest.mark.benchmark(group="reply")
def test_reply_sdk(benchmark: BenchmarkFixture) -> None:
    """The provider's SDK builds a reply."""

    def build() -> str:
        response = MessagingResponse()
        response.message(number.REPLY)
        return str(response)

    benchmark(build)
