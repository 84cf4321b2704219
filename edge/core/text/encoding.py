"""The encoding of a text, and its size. Values only."""

from enum import StrEnum

import msgspec


class Encoding(StrEnum):
    """The encoding in which a text travels; the value is the name that providers use."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


class Segments(msgspec.Struct, frozen=True, gc=False):
    """The size of a text. `units` are septets in GSM-7 and UTF-16 code units in UCS-2."""

    encoding: Encoding
    units: int
    segments: int
