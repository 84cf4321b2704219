"""Counts the segments that a text is billed as, and says in which encoding it travels.

1. A text is brought to NFC before anything else, and sent like that: an "é" of two code points is billed as three times as
   many segments as an "é" of one (https://github.com/TwilioDevEd/message-segment-calculator/issues/66, case 2b).
2. Characters of the GSM 7-bit alphabet only: septets, 160 alone, 153 a part. Those of the extension table take two.
3. Any other character: UTF-16 code units for the whole text, 70 alone, 67 a part. Beyond U+FFFF a character takes two.
4. The two septets or units of one character never stand in different parts; what does not fit opens the next part.
5. No text is less than one segment, not even an empty one: nobody sends part of a message, and a reply that costs nothing
   would be one that no budget limits. (Twilio refuses to send it: https://www.twilio.com/docs/api/errors/14103.)

Sources: 3GPP TS 23.038 6.2.1 (alphabet and extension table, without the national ones, which no provider read so far
offers), 3GPP TS 23.040 9.2.3.24.1 (the six octets that number the parts leave 134 of 140). Not covered: a provider that
also keeps several code points of one drawn sign together, such as the parts of a flag, may need a part more.
"""

import unicodedata
from collections.abc import Iterable

import msgspec

from edge.core.text.encoding import Encoding, Segments

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet, in the order of its table. 0x1B, the escape to the extension table, is left out: it is not a character."""

_EXTENSION = frozenset("\f^{}\\[~]|€")
_LAST_OF_ONE_UNIT = "\uffff"

GSM_7 = frozenset(_BASIC) | _EXTENSION
"""Every character that a text in septets can hold; each of them is its own NFC."""


class _Capacity(msgspec.Struct, frozen=True, gc=False):
    """The units that fit in a message that travels alone, and in each part of one that does not."""

    alone: int
    part: int


_SHORT = 70
"""No text of so few ASCII characters takes more than one segment, whichever encoding they need."""
_CAPACITIES = {Encoding.GSM_7: _Capacity(160, 153), Encoding.UCS_2: _Capacity(70, 67)}


def normalise(text: str) -> str:
    """Return the text that is sent and counted: its NFC."""
    return unicodedata.normalize("NFC", text)


def count(text: str) -> Segments:
    """Return the encoding, the units and the segments of a text. Any string will do; nothing is raised."""
    encoding, parts = _split(text)
    return Segments(encoding, sum(parts), len(parts))


def count_received(text: str) -> int:
    """Return the segments of a text that somebody sent: as it stands, since nobody composed it before it travelled."""
    if len(text) <= _SHORT and text.isascii():
        return 1
    return len(_split_as_is(text)[1])


def excess_units(text: str) -> int:
    """Return how many units must go from the end of a text to save one segment; 0 if it is one segment already.

    This is no mere remainder of a division: where characters of two units leave gaps, it is what the last part holds.
    """
    encoding, parts = _split(text)
    match len(parts):
        case 1:
            return 0
        case 2:
            return sum(parts) - _CAPACITIES[encoding].alone
        case _:
            return parts[-1]


def _split(text: str) -> tuple[Encoding, list[int]]:
    """Return the encoding of a text, as we send it, and the units in each of its parts."""
    return _split_as_is(normalise(text))


def _split_as_is(text: str) -> tuple[Encoding, list[int]]:
    if GSM_7.issuperset(text):
        return Encoding.GSM_7, _fill([2 if character in _EXTENSION else 1 for character in text], Encoding.GSM_7)
    return Encoding.UCS_2, _fill([2 if character > _LAST_OF_ONE_UNIT else 1 for character in text], Encoding.UCS_2)


def _fill(widths: Iterable[int], encoding: Encoding) -> list[int]:
    """Return the units in each part of a text whose characters take `widths` units, filling part after part."""
    capacity = _CAPACITIES[encoding]
    parts = [0]
    for width in widths:
        if parts[-1] + width > capacity.part:
            parts.append(0)
        parts[-1] += width
    units = sum(parts)
    return [units] if units <= capacity.alone else parts
