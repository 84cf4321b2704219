"""The demo's requests are as the provider sends them."""

from twilio.request_validator import RequestValidator

from edge.samples.message import form, sign
from tests.worker import PHONE, SECRET, URL, message_id, sender


def test_the_signature_is_the_providers():
    """The provider's own library accepts the demo's signature."""
    fields = form(PHONE, sender(1), "Ça va ? & = %", message_id(1))

    assert RequestValidator(SECRET).validate(URL, fields, sign(URL, fields, SECRET))
