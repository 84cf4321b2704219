"""Where the ledger of a number is. A value only: :mod:`edge.ledger.opening` knows what to do with it."""

from pathlib import Path

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Where the ledger of a number is, and what it takes to get in."""

    url: str
    base: Path
    """What a relative path is relative to."""
    phone: str
    """Whose ledger it is: several numbers may share a server."""
    key: bytes = b""
    """Hashes the senders where no file can lie beside the ledger: `ledger.key-env`, the same on all machines."""
    password: str = ""
    """Of a server: `ledger.password-env`."""
