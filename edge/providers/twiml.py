"""The XML in which Twilio and its kin take an answer: a reply, or silence.

1. Never `text/plain`: Twilio has sent such a body to the sender, as a paid message
   (https://www.twilio.com/docs/api/twiml/sms/your_response).
2. The charset stands in the header; without it RFC 3023 reads `text/xml` as ASCII.
"""

import re

from edge.errors import ConfigError

CONTENT_TYPE = b"text/xml; charset=utf-8"
SILENCE = b"<Response/>"

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def reply(text: str) -> bytes:
    """Return the answer that sends a text back."""
    return f"<Response><Message>{escape(text)}</Message></Response>".encode()


def escape(text: str) -> str:
    """Return a text for use in an element or in a quoted attribute.

    Raises ConfigError for a character that XML cannot hold: the provider would refuse an answer that is paid already.
    """
    if stranger := _NOT_IN_XML.search(text):
        raise ConfigError(f"reply.text: found U+{ord(stranger[0]):04X}, which no answer can carry; leave it out")
    return text.translate(_ENTITIES)
