"""A character that makes a text dear, and a wording without it. Values only."""

import unicodedata

import msgspec

from edge.core.text.encoding import Segments


class Misfit(msgspec.Struct, frozen=True):
    """A character that forces UCS-2, where it stands in the NFC text (from 0), and what to write instead.

    The replacement is empty for a character that may simply go, and None for one that GSM-7 has nothing for.
    """

    character: str
    positions: tuple[int, ...]
    replacement: str | None

    @property
    def name(self) -> str:
        """Its Unicode name, such as ``U+00A0 NO-BREAK SPACE``: many misfits cannot be seen."""
        return f"U+{ord(self.character):04X} {unicodedata.name(self.character, '')}".rstrip()


class Suggestion(msgspec.Struct, frozen=True):
    """A cheaper wording; it is always GSM-7. What it saves in money is `segments_saved` times the price of one."""

    text: str
    segments: Segments
    segments_saved: int
