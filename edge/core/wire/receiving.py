"""What the provider charges for a message that it delivers, answered or not."""

import msgspec

from edge.core.wire.message import Message


class Receiving(msgspec.Struct, frozen=True, gc=False):
    """The prices of receiving, in micros."""

    segment_micros: int
    media_micros: int
    """For a message with pictures, instead of its segments."""

    def price_micros(self, message: Message) -> int:
        """Return what receiving a message costs."""
        return self.media_micros if message.has_media else message.segments * self.segment_micros
