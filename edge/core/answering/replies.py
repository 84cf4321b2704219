"""Every answer as two ASGI messages that only have to be sent: built once at the start, but for replies that name the sender.

1. Silence is a 200 that makes the provider send nothing; anything else would be retried, and multiply the flood.
2. An HTTP error is only for what does not come from the provider, or is nothing that it sends.
3. Each answer says its length, and that no cache may keep it.
"""

from collections.abc import Sequence

from edge.core.wire.answer import Answer
from edge.core.wire.provider import Provider
from edge.core.wire.reason import HTTP_STATUS, Reason


def answer(reason: Reason, status: int, content_type: bytes, body: bytes, *extra: tuple[bytes, bytes]) -> Answer:
    """Build an answer."""
    headers = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *extra,
    ]
    start = {"type": "http.response.start", "status": status, "headers": headers}
    return Answer(reason, start, {"type": "http.response.body", "body": body})


class Replies:
    """The answers of one number: its replies by index, its silences and its errors by reason."""

    def __init__(self, provider: Provider, texts: Sequence[str]) -> None:
        self._content_type = provider.content_type
        self._pieces = [provider.compile(text) for text in texts]
        self._constant = {
            (index, reason): self._render(reason, pieces, "")
            for index, pieces in enumerate(self._pieces)
            if len(pieces) == 1
            for reason in (Reason.ANSWERED, Reason.DUPLICATE)
        }
        allow = (b"allow", ", ".join(sorted(provider.methods)).encode())
        silences = {
            reason: answer(reason, 200, provider.content_type, provider.silence)
            for reason in Reason
            if reason not in HTTP_STATUS
        }
        errors = {
            reason: answer(
                reason,
                status,
                b"text/plain",
                f"{reason}\n".encode(),
                *([allow] if reason is Reason.WRONG_METHOD else []),
            )
            for reason, status in HTTP_STATUS.items()
        }
        self._without = silences | errors

    def without(self, reason: Reason) -> Answer:
        """Return the silence, or the error, for a reason."""
        return self._without[reason]

    def reply(self, reason: Reason, index: int, sender: str) -> Answer:
        """Return a reply; only where it names the sender, by the digits of the number, is anything put together."""
        return self._constant.get((index, reason)) or self._render(reason, self._pieces[index], sender)

    def _render(self, reason: Reason, pieces: Sequence[bytes], sender: str) -> Answer:
        return answer(reason, 200, self._content_type, sender[1:].encode().join(pieces))
