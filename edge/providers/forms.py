"""Forms as providers send and sign them: `application/x-www-form-urlencoded`, read at C speed and to the byte.

1. What is signed is every field, decoded: unknown and blank ones too, nothing trimmed, names in byte order.
2. How repeated names are arranged is the provider's rule, and its only say here.
3. A field without ``=`` has a blank value, an empty one is none, a stray ``%`` stands for itself: as in urllib.
4. A form that no provider would send, of more than a hundred fields or stray ``%``, is read as an empty one, in which
   there is no message: a stranger must not make us work for milliseconds.

There are three ways, and nothing is guessed: what one cannot arrange exactly goes the next. The usual form is taken apart
in one pass that is compiled (`edge/compiled/onepass.c`). Where it is not, quick Python leaves the bytes to C; a provider
sends the same names over and over, so their order is worked out once for each layout (:func:`_layout`), and a form is put in
order by picking, not by sorting. Repeated names and malformed escapes go the careful way, field by field.
"""

import functools
import re
from binascii import a2b_qp
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

import msgspec

from edge.compiled import one_pass
from edge.providers.form import Form

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
_MISSING = -1
"""The place of None after the parts."""
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse(body: bytes, arrange: Arrange, names: tuple[bytes, ...] = ()) -> Form:
    """Return a form with the values of these names. Never fails: any bytes are some form."""
    found = None if one_pass is None else one_pass(body, names)
    return parse_in_python(body, arrange, names) if found is None else Form(found[0], names, found[1])


def parse_in_python(body: bytes, arrange: Arrange, names: tuple[bytes, ...] = ()) -> Form:
    """Return the same as `parse`."""
    decoded = a2b_qp(body.translate(_AS_QUOTED_PRINTABLE))
    parts = decoded.split(b"\0")  # name, value, name, value ...; anything else in odd forms only
    layout = _layout(b"\0".join(parts[::2]), names) if len(parts) <= 2 * _FIELDS_MAX else None
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
        return _parse_carefully(body, arrange, names)
    return Form(b"".join(layout.in_order(parts)), names, layout.read([*parts, None]))


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
    in_order: Callable[[list[bytes]], tuple[bytes, ...]]
    """Picks names and values out of the parts, in the order in which they are signed."""
    read: Callable[[list[bytes | None]], tuple[bytes | None, ...]]
    """Picks the values that are read out of the parts and the None after them."""


@functools.lru_cache(maxsize=_LAYOUTS_MAX)
def _layout(joined: bytes, read: tuple[bytes, ...]) -> _Layout | None:
    """Return the layout of forms with these names, joined by NUL, of which some are read; None if a name is repeated."""
    names = joined.split(b"\0")
    places = {name: 2 * nth + 1 for nth, name in enumerate(names)}
    if len(places) < len(names):
        return None
    in_order = [place for name in sorted(places) for place in (places[name] - 1, places[name])]
    return _Layout(
        (b"=&" * len(names))[:-1], itemgetter(*in_order), _picking([places.get(name, _MISSING) for name in read])
    )


def _picking(places: Sequence[int]) -> Callable[[list[bytes | None]], tuple[bytes | None, ...]]:
    """Return what picks the values at these places, however few."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda parts: tuple([parts[place] for place in places])


def _parse_carefully(body: bytes, arrange: Arrange, names: tuple[bytes, ...]) -> Form:
    decoded = pairs(body)
    values: dict[bytes, bytes] = {}
    contradictory = frozenset(name for name, value in decoded if values.setdefault(name, value) != value)
    signed = b"".join(name + value for name, value in arrange(decoded))
    read = tuple(None if name in contradictory else values.get(name) for name in names)
    return Form(signed, names, read, contradictory)


def _unescape(raw: bytes) -> bytes:
    """Return a name or value as it was before it was encoded; what stands in it must be well-formed."""
    return a2b_qp(raw.replace(b"=", b"%3D").translate(_AS_QUOTED_PRINTABLE))
