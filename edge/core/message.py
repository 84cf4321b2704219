"""One message as it comes out of a provider's request: all that the gate needs, and nothing that it must not keep."""

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """An inbound message whose origin is proven, as far as its provider can prove it.

    `sender` is as the provider wrote it (it may be a short code or a word, which the gate refuses); `text` is what was
    sent; `id` is the provider's own identifier, the same for every retry.
    """

    sender: str
    text: str
    id: str
