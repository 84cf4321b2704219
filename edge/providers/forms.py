"""Forms as providers send and sign them: `application/x-www-form-urlencoded`, read at C speed and to the byte.

1. What is signed is every field, decoded: unknown and blank ones too, nothing trimmed, names in byte order.
2. How repeated names are arranged is the provider's rule, and its only say here.
3. A field without ``=`` has a blank value, an empty one is none, a stray ``%`` stands for itself: as in urllib.
4. A form that no provider would send, of more than a hundred fields or stray ``%``, is read as an empty one, in which
   there is no message: a stranger must not make us work for milliseconds.
5. Values are decoded when asked for, so that a forged form costs no more than its signature.

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

from edge.providers.form import Form

Pair = tuple[bytes, bytes]
Arrange = Callable[[Iterable[Pair]], list[Pair]]
"""Puts decoded pairs into the order in which they are signed."""

_FIELDS_MAX = 128
"""Twilio's largest form, with ten pictures, has about 50."""
_STRAYS_MAX = 128
_LAYOUTS_MAX = 32
"""A provider needs a handful. A stranger who crowds them out makes us work a layout out again, and nothing else."""

_AS_QUOTED_PRINTABLE = bytes.maketrans(b"%+=", b"= \0")
"""Quoted-printable differs from percent-encoding in its escape character only, and binascii decodes it in C.

It also gives a meaning to the ends of lines. NUL separates what ``=`` and ``&`` did.
"""
_STRANGE = b"\0\r\n"
_AND = ord("&")
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTRADICTORY = -1


def parse(body: bytes, arrange: Arrange) -> Form:
    """Return a form. Never fails: any bytes are some form."""
    quoted = body.translate(_AS_QUOTED_PRINTABLE, _STRANGE)
    parts = quoted.replace(b"&", b"\0&").split(b"\0")  # name, value, &name, value ...; anything else in odd forms only
    layout = _layout(b"".join(parts[::2])) if len(parts) <= 2 * _FIELDS_MAX else None
    if layout is None or layout.parts != len(parts):
        return _parse_carefully(body, arrange)
    line = layout.line.copy()
    line[1::2] = layout.values(parts)
    in_order = b"\0".join(line)
    decoded = a2b_qp(in_order)
    signed = decoded.translate(None, b"\0")
    exact = (
        len(quoted) == len(body)  # nothing strange was left out,
        and _AND not in in_order  # every field had one "=": as many names as values, and every "&" begins a name,
        and len(in_order) - len(decoded) == 2 * in_order.count(b"=")  # no escape was malformed: that saves less,
        and len(decoded) - len(signed) == len(line) - 1  # and none stood for what separates.
    )
    return Form(signed, parts, layout.places) if exact else _parse_carefully(body, arrange)


def pairs(body: bytes) -> list[Pair]:
    """Return the names and values of a form, decoded, as submitted."""
    mended, strays = _STRAY_PERCENT.subn(b"%25", body, count=_STRAYS_MAX)
    if strays == _STRAYS_MAX or body.count(b"&") >= _FIELDS_MAX:
        return []
    split = (field.partition(b"=") for field in mended.split(b"&") if field)
    return [(_unescape(name), _unescape(value.replace(b"=", b"%3D"))) for name, _, value in split]


class _Layout(msgspec.Struct, frozen=True, gc=False):
    """The layout that all forms with the same names have in common."""

    parts: int
    line: list[bytes]
    """The names in order, each before the place of its value."""
    values: Callable[[list[bytes]], tuple[bytes, ...]]
    """Picks the values out of the parts, in order."""
    places: dict[bytes, int]


@functools.lru_cache(maxsize=_LAYOUTS_MAX)
def _layout(names: bytes) -> _Layout | None:
    """Return the layout of forms with these names, joined by ``&``; None if a name is repeated, or stands alone."""
    quoted = names.split(b"&")
    places = {a2b_qp(name): 2 * nth + 1 for nth, name in enumerate(quoted)}
    if len(places) < len(quoted) or len(quoted) == 1:
        return None
    in_order = [places[name] for name in sorted(places)]
    line = [part for place in in_order for part in (quoted[place // 2], b"")]
    return _Layout(len(line), line, itemgetter(*in_order), places)


def _parse_carefully(body: bytes, arrange: Arrange) -> Form:
    decoded = pairs(body)
    places: dict[bytes, int] = {}
    values: dict[bytes, bytes] = {}
    for nth, (name, value) in enumerate(decoded):
        places.setdefault(name, nth)
        if values.setdefault(name, value) != value:
            places[name] = _CONTRADICTORY
    signed = b"".join(name + value for name, value in arrange(decoded))
    return Form(signed, [value.replace(b"=", b"=3D") for _, value in decoded], places)


def _unescape(raw: bytes) -> bytes:
    """Return a name or value as it was before it was encoded; it must be well-formed."""
    return a2b_qp(raw.translate(_AS_QUOTED_PRINTABLE))
