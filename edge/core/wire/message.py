"""One message as it comes out of a provider's request: all that the gate needs, and nothing that it must not keep."""

import msgspec

from edge.core.text.optout import Word


class Message(msgspec.Struct, frozen=True, gc=False):
    """An inbound message whose origin is proven, as far as its provider can prove it.

    `sender` is as the provider wrote it (it may be a short code, a word, or blank, which the gate refuses); `text` is what
    was sent; `id` is the provider's own identifier, the same for every retry.
    """

    sender: str
    text: str
    id: str
    to: str = ""
    """The number that it was written to; blank where the provider does not say."""
    word: Word | None = None
    """What the provider itself says that it asks for, in whatever language."""
    segments: int = 1
    """As many as its provider bills for receiving it."""
    has_media: bool = False
    """Whether it holds pictures, which are billed by the message, whatever its text."""
