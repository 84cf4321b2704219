"""A call to somebody else's server before it is made, and what came back. Values only, so that whoever puts a call together needs no network."""

from collections.abc import Generator, Mapping
from typing import TypeVar

import msgspec

from edge.api.fate import Fate

Found = TypeVar("Found")


class Call(msgspec.Struct, frozen=True):
    """One request. It may hold secrets, so it is never shown."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}

    def __repr__(self) -> str:
        """Return what may be said of it."""
        return f"Call({self.method})"


class Returned(msgspec.Struct, frozen=True):
    """What became of a call, and what the server said with it."""

    fate: Fate
    status: int | None = None
    """None where no answer came."""
    body: bytes = b""
    """No more of it than the client reads."""


Calls = Generator[Call, Returned, Found]
"""Calls one after the other, each made with what came back of the one before; at the end what was found."""
