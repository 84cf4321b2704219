"""Forms as providers send and sign them: `application/x-www-form-urlencoded`, read at C speed and to the byte.

1. What is signed is every field, decoded: unknown and blank ones too, nothing trimmed, names in byte order.
2. How repeated names are arranged is the provider's rule, and its only say here.
3. A field without ``=`` has a blank value, an empty one is none, a stray ``%`` stands for itself: as in urllib.
4. A form that no provider would send, of more than a hundred fields or stray ``%``, is read as an empty one, in which
   there is no message: a stranger must not make us work for milliseconds.

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

from edge.providers.form import Form, Pick

Pair = tuple[bytes, bytes]
Arrange = Callable[[Iterable[Pair]], list[Pair]]
"""Puts decoded pairs into the order in which they are signed."""

_FIELDS_MAX = 128
"""Twilio's largest form, with ten pictures, has about 50."""
_STRAYS_MAX = 128
_LAYOUTS_MAX = 32
"""A provider needs a handful. A stranger who crowds them out makes us work a layout out again, and nothing else."""

_AS_QUOTED_PRINTABLE = bytes.maketrans(b"%+=&", b"= \0\0")
"""Quoted-printable differs from percent-encoding in its escape character only, and binascii decodes it in C.

It also gives a meaning to the ends of lines. NUL separates what ``=`` and ``&`` did.
"""
_BETWEEN = bytes(byte for byte in range(256) if byte not in b"=&")
"""All bytes that separate nothing."""
_PERCENT, _LINE_FEED, _RETURN = b"%\n\r"
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTRADICTORY = -1


def parse(body: bytes, arrange: Arrange) -> Form:
    """Return a form. Never fails: any bytes are some form."""
    decoded = a2b_qp(body.translate(_AS_QUOTED_PRINTABLE))
    parts = decoded.split(b"\0")  # name, value, name, value ...; anything else in odd forms only
    layout = _layout(b"\0".join(parts[::2])) if len(parts) <= 2 * _FIELDS_MAX else None
    exact = (
        layout is not None
        # Each name ends with "=", each value with "&", and no escape stands for either: there would be more parts.
        and layout.separators == body.translate(None, _BETWEEN)
        # No escape is malformed, which saves less, and none swallows the end of a line, which may save as much.
        and len(body) - len(decoded) == 2 * body.count(_PERCENT)
        and _LINE_FEED not in body
        and _RETURN not in body
    )
    if layout is None or not exact:
        return _parse_carefully(body, arrange)
    return Form(b"".join(layout.in_order(parts)), parts, layout.places, layout.picks)


def pairs(body: bytes) -> list[Pair]:
    """Return the names and values of a form, decoded, as submitted."""
    mended, strays = _STRAY_PERCENT.subn(b"%25", body, count=_STRAYS_MAX)
    if strays == _STRAYS_MAX or body.count(b"&") >= _FIELDS_MAX:
        return []
    split = (field.partition(b"=") for field in mended.split(b"&") if field)
    return [(_unescape(name), _unescape(value)) for name, _, value in split]


class _Layout(msgspec.Struct, frozen=True, gc=False):
    """The layout that all forms with the same names have in common."""

    separators: bytes
    """What stands between the parts."""
    in_order: Pick
    """Picks names and values out of the parts, in the order in which they are signed."""
    places: dict[bytes, int]
    picks: dict[tuple[bytes, ...], Pick]


@functools.lru_cache(maxsize=_LAYOUTS_MAX)
def _layout(joined: bytes) -> _Layout | None:
    """Return the layout of forms with these names, joined by NUL; None if a name is repeated."""
    names = joined.split(b"\0")
    places = {name: 2 * nth + 1 for nth, name in enumerate(names)}
    if len(places) < len(names):
        return None
    in_order = [place for name in sorted(places) for place in (places[name] - 1, places[name])]
    return _Layout((b"=&" * len(names))[:-1], itemgetter(*in_order), places, {})


def _parse_carefully(body: bytes, arrange: Arrange) -> Form:
    decoded = pairs(body)
    places: dict[bytes, int] = {}
    values: dict[bytes, bytes] = {}
    for nth, (name, value) in enumerate(decoded):
        places.setdefault(name, nth)
        if values.setdefault(name, value) != value:
            places[name] = _CONTRADICTORY
    signed = b"".join(name + value for name, value in arrange(decoded))
    return Form(signed, [value for _, value in decoded], places)


def _unescape(raw: bytes) -> bytes:
    """Return a name or value as it was before it was encoded; what stands in it must be well-formed."""
    return a2b_qp(raw.replace(b"=", b"%3D").translate(_AS_QUOTED_PRINTABLE))
