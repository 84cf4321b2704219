"""One form as its provider sent and signed it."""

from collections.abc import Callable
from operator import itemgetter

import msgspec

Pick = Callable[[list[bytes]], tuple[bytes, ...]]
"""Picks some of the parts of a form."""


class Form(msgspec.Struct, frozen=True, gc=False):
    """One form: what its provider signs of it, and its values, decoded."""

    signed: bytes
    parts: list[bytes]
    places: dict[bytes, int]
    """By name the place in `parts` at which its value stands; negative if it was given twice and differently."""
    picks: dict[tuple[bytes, ...], Pick] | None = None
    """By names what picks their values, for all forms whose values stand at the same places; None where a name may be repeated."""

    def value(self, name: bytes, default: str | None = None) -> str | None:
        """Return the value of a name, the default if it is missing, or None if it is contradictory."""
        place = self.places.get(name)
        if place is None:
            return default
        return text_of(self.parts[place]) if place >= 0 else None

    def raw(self, names: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
        """Return the values of two or more names at once, as bytes; None if one is missing, or any name may be repeated."""
        if self.picks is None:
            return None
        pick = self.picks.get(names)
        if pick is None:
            if not self.places.keys() >= set(names):
                return None
            pick = self.picks[names] = itemgetter(*(self.places[name] for name in names))
        return pick(self.parts)


def text_of(value: bytes) -> str:
    """Return a value as text; what is no UTF-8 in it is replaced."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace")
