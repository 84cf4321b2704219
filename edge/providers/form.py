"""One form as its provider sent and signed it."""

import msgspec


class Form(msgspec.Struct, frozen=True, gc=False):
    """One form: what its provider signs of it, and the values that are read, decoded."""

    signed: bytes
    names: tuple[bytes, ...]
    """The names that are read, in the order in which they were asked for."""
    values: tuple[bytes | None, ...]
    """Their values; None for one that is missing, or contradictory."""
    contradictory: frozenset[bytes] = frozenset()
    """The names that were given twice and differently."""

    def value(self, name: bytes, default: str | None = None) -> str | None:
        """Return the value of a name that is read, the default if it is missing, or None if it is contradictory."""
        value = self.values[self.names.index(name)]
        if value is None:
            return None if name in self.contradictory else default
        return text_of(value)

    def texts(self) -> list[str | None]:
        """Return all values that are read, in the order of their names: blank if missing, None if contradictory."""
        if self.contradictory:
            return [self.value(name, "") for name in self.names]
        return ["" if value is None else text_of(value) for value in self.values]

    def has(self, name: bytes) -> bool:
        """Return whether a name that is read was given, blank or contradictory as it may be."""
        return self.values[self.names.index(name)] is not None or name in self.contradictory


def text_of(value: bytes) -> str:
    """Return a value as text; what is no UTF-8 in it is replaced."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace")
