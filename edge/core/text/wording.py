"""Advice on a text: which characters make it dear, and the nearest wording that is cheaper.

1. A misfit is a character that GSM-7 does not hold. A single one makes the whole text travel in UCS-2, where less than
   half as much fits in a segment.
2. Its replacement is what a person would type: out of a small table made by hand (œ to oe, curly quotes to straight
   ones), or else its compatibility decomposition without accents (ê to e, … to ..., the no-break spaces to a space).
3. What only decorates or cannot be seen (emoji, joiners, control characters) may go: its replacement is the empty string.
4. Letters and signs that carry meaning (中, ж, ₽, ≠) have none. As one misfit left is enough for UCS-2, there is then nothing
   to gain, and no suggestion: a mangled text would be worse than a dear one.
5. A suggestion touches misfits only, and is made only if the number of segments falls.

Providers replace characters too where asked, but not always and not these letters
(https://github.com/SparkDevNetwork/Rock/issues/6505), so what is sent is better right from the start.
"""

import unicodedata

from edge.core.text.segments import GSM_7, count, normalise
from edge.core.text.suggestion import Misfit, Suggestion

_BY_HAND = {
    **dict.fromkeys("‘’‚‛‹›′´`", "'"),  # noqa: RUF001  that they are easily confused is the point
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‐‒–—―−•", "-"),  # noqa: RUF001  as above
    **dict.fromkeys("·‧", "."),
    **dict.fromkeys("\u2028\u2029", "\n"),
    "\t": " ",
    "⁄": "/",  # noqa: RUF001  as above; the stroke inside ½
    "×": "x",  # noqa: RUF001  as above
    "→": "->",
    "°": "o",
    "µ": "u",
    "©": "(c)",
    "®": "(r)",
    "œ": "oe",
    "Œ": "OE",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "ı": "i",  # noqa: RUF001  as above
    "ł": "l",
    "Ł": "L",
    "þ": "th",
    "Þ": "Th",
}
"""`°` is an o because in French it stands in "n°" more often than in degrees."""

_DISPENSABLE = frozenset({"Mn", "Me", "Cc", "Cf", "So", "Sk"})
"""Unicode categories: marks on other characters, controls, invisible formatting, pictures and modifiers of pictures."""

_OVERLAY = 1
"""Unicode combining class of strokes: without its own, ≠ would say = and a crossed-out word would stand."""


def misfits(text: str) -> list[Misfit]:
    """Return the characters that force UCS-2, in the order in which they first occur; none for a text in GSM-7."""
    positions: dict[str, list[int]] = {}
    for position, character in enumerate(normalise(text)):
        if character not in GSM_7:
            positions.setdefault(character, []).append(position)
    return [Misfit(character, tuple(found), _replacement(character)) for character, found in positions.items()]


def suggest(text: str) -> Suggestion | None:
    """Return the nearest text that fits fewer segments, or None if replacing misfits gains nothing."""
    replacements = {ord(misfit.character): misfit.replacement for misfit in misfits(text)}
    if None in replacements.values():
        return None
    wording = normalise(text).translate(replacements)
    before, after = count(text), count(wording)
    if not wording.strip() or after.segments >= before.segments:
        return None
    return Suggestion(wording, after, before.segments - after.segments)


def _replacement(misfit: str) -> str | None:
    """Return what to write in GSM-7 instead of a misfit: "" for nothing at all, None if there is no way to say it."""
    if misfit in _BY_HAND:
        return _BY_HAND[misfit]
    spelt = ""
    for part in unicodedata.normalize("NFKD", misfit):
        if part in GSM_7:
            spelt += part
        elif part in _BY_HAND:
            spelt += _BY_HAND[part]
        elif not _may_go(part):
            return None
    return spelt


def _may_go(part: str) -> bool:
    """Return whether nothing is lost without it. A stroke across a character is not an accent: it negates."""
    return unicodedata.category(part) in _DISPENSABLE and unicodedata.combining(part) != _OVERLAY
