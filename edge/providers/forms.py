"""Forms as providers send and sign them: `application/x-www-form-urlencoded`, read at C speed and to the byte.

1. What is signed is every field, decoded: unknown and blank ones too, nothing trimmed, names in byte order.
2. How repeated names are arranged is the provider's rule, and its only say here.
3. A field without ``=`` has a blank value, an empty one is none, a stray ``%`` stands for itself: as in urllib.
4. Values are decoded when asked for, so that a forged form costs no more than its signature.

A provider sends the same names over and over, so their order is worked out once for each layout (:func:`_layout`) and
a form is put in order by picking, not by sorting. Nothing is guessed: what the quick way cannot arrange exactly
(repeated names, a raw ``=`` in a value, a field without one, malformed escapes) goes the careful way.
"""

import functools
import re
from binascii import a2b_qp
from collections.abc import Callable, Iterable
from operator import itemgetter

import msgspec

Pair = tuple[bytes, bytes]
Arrange = Callable[[Iterable[Pair]], list[Pair]]
"""Puts decoded pairs into the order in which they are signed."""

_QUICK_PARTS_MAX = 128
"""Twilio's largest form, with ten pictures, has about 50 fields. The bound keeps strangers' layouts small in memory."""
_LAYOUTS_MAX = 32
"""A provider needs a handful. A stranger who crowds them out makes us work a layout out again, and nothing else."""

_AS_QUOTED_PRINTABLE = bytes.maketrans(b"+%", b" =")
"""Percent-encoding and quoted-printable differ in their escape character only, and binascii decodes the latter in C."""
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_LF, _CR = b"\n\r"
_CONTRADICTORY = -1


class Form(msgspec.Struct, frozen=True, gc=False):
    """One form: what its provider signs of it, and its values, still encoded."""

    signed: bytes
    parts: list[bytes]
    places: dict[bytes, int]
    """Where in `parts` the value of a name stands; negative if it was given twice and differently."""

    def value(self, name: bytes, default: str | None = None) -> str | None:
        """Return the value of a name, the default if it is missing, or None if it is contradictory."""
        place = self.places.get(name)
        if place is None:
            return default
        return None if place < 0 else _unescape(self.parts[place]).decode("utf-8", "replace")


def parse(body: bytes, arrange: Arrange) -> Form:
    """Return a form. Never fails: any bytes are some form."""
    parts = body.replace(b"&", b"=&").split(b"=")  # name, value, &name, value ...; other than that only in odd forms
    layout = _layout(b"".join(parts[::2])) if len(parts) <= _QUICK_PARTS_MAX else None
    if layout is None or layout.parts != len(parts):
        return _parse_carefully(body, arrange)
    escaped = b"".join(layout.order(parts)).translate(_AS_QUOTED_PRINTABLE, b"&")
    signed = a2b_qp(escaped)
    # An escape shrinks by two bytes, a malformed one by less, and a soft line break needs the end of a line.
    if len(escaped) - len(signed) != 2 * escaped.count(b"=") or _LF in escaped or _CR in escaped:
        return _parse_carefully(body, arrange)
    return Form(signed, parts, layout.places)


def pairs(body: bytes) -> list[Pair]:
    """Return the names and values of a form, decoded, as submitted."""
    mended = _STRAY_PERCENT.sub(b"%25", body)
    split = (field.partition(b"=") for field in mended.split(b"&") if field)
    return [(_unescape(name), _unescape(value.replace(b"=", b"%3D"))) for name, _, value in split]


class _Layout(msgspec.Struct, frozen=True, gc=False):
    parts: int
    order: Callable[[list[bytes]], tuple[bytes, ...]]
    places: dict[bytes, int]


@functools.lru_cache(maxsize=_LAYOUTS_MAX)
def _layout(names: bytes) -> _Layout | None:
    """Return how to arrange the parts of a form with these names, joined by ``&``; None if a name is repeated.

    In a form with exactly one ``=`` to a field every second part is a name, and each but the first brings its ``&``.
    In any other some ``&`` ends up in a value, so that the names are too few for its number of parts.
    """
    decoded = [_unescape(name) for name in names.split(b"&")]
    places = {name: 2 * nth + 1 for nth, name in enumerate(decoded)}
    if len(places) < len(decoded):
        return None
    order = [part for name in sorted(places) for part in (places[name] - 1, places[name])]
    return _Layout(len(order), itemgetter(*order), places)


def _parse_carefully(body: bytes, arrange: Arrange) -> Form:
    decoded = pairs(body)
    places: dict[bytes, int] = {}
    values: dict[bytes, bytes] = {}
    for nth, (name, value) in enumerate(decoded):
        places.setdefault(name, nth)
        if values.setdefault(name, value) != value:
            places[name] = _CONTRADICTORY
    signed = b"".join(name + value for name, value in arrange(decoded))
    return Form(signed, [_escape(value) for _, value in decoded], places)


def _unescape(raw: bytes) -> bytes:
    """Return a well-formed name or value as it was before it was encoded."""
    return a2b_qp(raw.translate(_AS_QUOTED_PRINTABLE))


def _escape(value: bytes) -> bytes:
    return value.replace(b"%", b"%25").replace(b"+", b"%2B").replace(b"=", b"%3D")
