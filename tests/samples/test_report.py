"""A report of each provider's is genuine, and no message: by the verifier of the worker, with whatever address."""

import pytest

from edge.configfile import parse
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS, provider_type
from edge.samples.report import report
from tests.worker import URL, config

PLACES = [URL, "https://sms.example.org/sms/7c1f0a9e5b7c1f0a9e5b?b=2&a=1", "https://sms.example.org:8443/sms#rc=2"]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("url", PLACES)
def test_a_report_is_genuine_and_no_message(provider, url):
    """Signed over the address as entered; with another secret it is refused, where anything is signed."""
    file = parse(config().replace('"twilio"', f'"{provider}"').replace(URL, url))
    kind = provider_type(provider)
    reader = kind(phone=file.number.phone, url=url, secrets=["secret"])
    query = url.partition("#")[0].partition("?")[2].encode()

    def read(secret):
        headers, body = report(file.number, secret)
        return reader.read("POST", query, {name.encode(): value.encode() for name, value in headers.items()}, body)

    assert Reason.NOT_A_MESSAGE is read("secret")
    assert (Reason.BAD_SIGNATURE if kind.needs_secret else Reason.NOT_A_MESSAGE) is read("other")
