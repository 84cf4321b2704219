"""What a provider bills for receiving: each segment of a text, or a message with a picture as one, whatever its text."""

from typing import Self

import msgspec

from loadtest.provider.segments import received


class Billed(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """What is billed for one message, or for several."""

    segments: int = 0
    pictures: int = 0
    """Messages with a picture, whose segments are not counted."""

    @classmethod
    def of(cls, text: str, *, picture: bool) -> Self:
        """Return what is billed for one message."""
        return cls(0, 1) if picture else cls(received(text), 0)

    def __add__(self, other: Self) -> "Billed":
        """Return what is billed for both."""
        return Billed(self.segments + other.segments, self.pictures + other.pictures)
