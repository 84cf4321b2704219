"""Counts the segments that a text costs: the harness's own count, written without looking at the worker's.

1. A text whose characters all stand in the GSM 03.38 alphabet travels in septets: 160 alone, 153 a part when several.
   Any other character makes the whole text travel in 16-bit units: 70 alone, 67 a part.
2. The extension characters take two septets, characters beyond U+FFFF two units; a pair is never cut in two.
3. Nothing is replaced or normalised: a provider that does so makes it cheaper, never dearer.

Source: 3GPP TS 23.038 (alphabet), 3GPP TS 23.040 (the header of parts).
"""

from collections.abc import Iterable
from functools import lru_cache

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_SEPTETS_ALONE, _SEPTETS_PART = 160, 153
_UNITS_ALONE, _UNITS_PART = 70, 67


@lru_cache(maxsize=4096)
def segments(text: str) -> int:
    """Return how many segments a text is billed as; an empty one is none."""
    if not text:
        return 0
    if _BASIC.union(_EXTENSION).issuperset(text):
        return _parts([2 if character in _EXTENSION else 1 for character in text], _SEPTETS_ALONE, _SEPTETS_PART)
    return _parts([2 if ord(character) > 0xFFFF else 1 for character in text], _UNITS_ALONE, _UNITS_PART)  # noqa: PLR2004  the last character of one unit


def received(text: str) -> int:
    """Return how many segments a message is billed as: an empty one costs as much as one segment."""
    return max(1, segments(text))


def _parts(widths: Iterable[int], alone: int, part: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return 1
    parts, free = 1, part
    for width in widths:
        if width > free:
            parts, free = parts + 1, part
        free -= width
    return parts
