"""46elks: https://46elks.com/docs/receive-sms.

1. **Nothing is signed.** Whoever knows the address can make up a message, so a path or a CDN that only 46elks knows is
   required. 46elks also lists the addresses that it calls from: https://46elks.com/docs/verify-callback-origin.
2. The body of the answer is the reply. A blank one sends nothing: its documentation calls the reply optional and takes
   status 204, which has no body; it does not say so in as many words.
"""

from collections.abc import Sequence

from edge.core.message import Message
from edge.core.provider import Headers
from edge.core.reason import Reason
from edge.providers.body import FORM, media_type, message_of
from edge.providers.forms import parse


class Elks46:
    """One number at 46elks."""

    needs_secret = False
    needs_secret_path = True
    methods = frozenset({"POST"})
    content_type = b"text/plain; charset=utf-8"
    silence = b""

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        del phone, url, secrets  # nothing is signed, and the reply comes from the number that was written to

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `malformed` or `wrong_type`."""
        del method, query  # fields come in the body only
        if media_type(headers) != FORM:
            return Reason.WRONG_TYPE
        form = parse(body, sorted)
        return message_of(form.value(b"from"), form.value(b"message", ""), form.value(b"id"))

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer: one piece, as it names nobody."""
        return (text.encode(),)
