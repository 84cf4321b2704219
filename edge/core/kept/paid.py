"""A reply that was paid, as a ledger keeps it for as long as the kitty: to be held against the provider's bill."""

import msgspec


class Paid(msgspec.Struct, frozen=True, gc=False):
    """One reply."""

    at_ms: int
    """By the ledger's time."""
    sender: bytes
    """A keyed hash."""
    segments: int
    """0 where that was not kept: the reply was paid by an earlier version of the program."""
    micros: int
    number: str = ""
    """The one of several numbers that was written to; blank where there was one, or an earlier version paid."""
