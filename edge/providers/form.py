"""One form as its provider sent and signed it."""

from binascii import a2b_qp

import msgspec


class Form(msgspec.Struct, frozen=True, gc=False):
    """One form: what its provider signs of it, and its values, in quoted-printable still."""

    signed: bytes
    parts: list[bytes]
    places: dict[bytes, int]
    """By name the place in `parts` at which its value stands; negative if it was given twice and differently."""

    def value(self, name: bytes, default: str | None = None) -> str | None:
        """Return the value of a name, the default if it is missing, or None if it is contradictory."""
        place = self.places.get(name)
        if place is None:
            return default
        if place < 0:
            return None
        value = a2b_qp(self.parts[place])
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace")

    def raw(self, name: bytes) -> bytes:
        """Return the value of a name in quoted-printable, to be compared with one that is expected; blank if it has none."""
        place = self.places.get(name, -1)
        return self.parts[place] if place >= 0 else b""
