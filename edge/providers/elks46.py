"""46elks: https://46elks.com/docs/receive-sms.

1. **Nothing is signed.** Whoever knows the address can make up a message, so a path or a CDN that only 46elks knows is
   required. 46elks also lists the addresses that it calls from: https://46elks.com/docs/verify-callback-origin.
2. The body of the answer is the reply. A blank one sends nothing: its documentation calls the reply optional and takes
   status 204, which has no body; it does not say so in as many words. JSON in it is an action, so a reply must be none.
3. A message is `incoming` and has an `id`; a report of our own has a `status`, a call a `callid`.
"""

from collections.abc import Sequence
from typing import ClassVar

from edge.core.wire.message import Message
from edge.core.wire.provider import Ceiling, Headers
from edge.core.wire.reason import Reason
from edge.errors import ConfigError
from edge.providers.body import FORM, media_type, message_of
from edge.providers.forms import parse

_INCOMING = frozenset({"", "incoming"})
_OTHERS = (b"status", b"delivered", b"callid")
_READ = (b"direction", b"from", b"message", b"id", b"to", b"image", *_OTHERS)
"""The names of the fields that are read."""


class Elks46:
    """One number at 46elks."""

    needs_secret = False
    needs_secret_path = True
    methods = frozenset({"POST"})
    content_type = b"text/plain; charset=utf-8"
    silence = b""
    signatures: Sequence[bytes] = ()
    ceilings: ClassVar[Sequence[Ceiling]] = (
        Ceiling(
            "a subaccount with a `usagelimit` spends no more than that: give the number one of its own",
            "https://46elks.se/docs/create-subaccount",
        ),
        Ceiling(
            "what was prepaid is the end: with a balance of zero each call that would be charged for fails; its pages do not say "
            "whether a message that is received is such a call",
            "https://46elks.com/faq",
        ),
    )
    note = (
        "sms_replies=no at the number keeps every reply from being sent, which is paid here all the same; leave it out"
    )
    no_detach = "its documentation does not say whether a message is charged for while the number has no address"

    def __init__(self, *, phone: str, url: str, secrets: Sequence[str]) -> None:
        del phone, url, secrets  # nothing is signed, and the reply comes from the number that was written to

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `not_a_message`, `malformed` or `wrong_type`."""
        del method, query  # fields come in the body only
        if media_type(headers) != FORM:
            return Reason.WRONG_TYPE
        form = parse(body, sorted, _READ)
        direction, sender, text, message_id, to, *_others = form.texts()
        if direction not in _INCOMING or any(form.has(name) for name in _OTHERS):
            return Reason.NOT_A_MESSAGE
        return message_of(sender, text, message_id, to, has_media=form.value(b"image", "") != "")

    def explain(self, method: str, query: bytes, headers: Headers, body: bytes, *, guess: bool) -> str:
        """Return nothing: what is not signed cannot be signed wrongly."""
        del method, query, headers, body, guess
        return ""

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer: one piece, as it names nobody. Raises ConfigError for what would be an action."""
        if text.lstrip().startswith("{"):
            raise ConfigError(
                "reply.text: begins with a brace, and 46elks would take it for JSON with actions; write text"
            )
        return (text.encode(),)
