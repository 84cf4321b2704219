"""How many segments a provider bills for receiving a message: as it says itself, or by the text where it says nothing.

A count that no message can have is none: what is signed may be wrong all the same, and one wrong number must not empty the kitty.
"""

from edge.core.text.segments import count_received

SEGMENTS_MAX = 100
"""Ten times the longest text that a provider passes on."""
_DIGITS_MAX = 3


def segments_of(said: object, text: str) -> int:
    """Return the segments of a message: those that its provider says if they are 1 to 100, or else those of its text."""
    if said == "1":
        return 1
    told = number_of(said)
    if told is not None and 1 <= told <= SEGMENTS_MAX:
        return told
    return count_received(text)


def number_of(said: object) -> int | None:
    """Return a count as a provider writes it, in digits or as a number of JSON; None for anything else, or for less than none."""
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said.lstrip("0")) <= _DIGITS_MAX:
        return int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) and said >= 0 else None
