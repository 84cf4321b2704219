"""The place of a number's ledger, and what was found there. Values only: :mod:`edge.ledger.opening` knows what to do with them."""

from pathlib import Path

import msgspec

from edge.ledger.known import Known


class Place(msgspec.Struct, frozen=True):
    """The place of a number's ledger, and what it takes to get in."""

    url: str
    base: Path
    """The folder at which a relative path starts."""
    phone: str
    """The number whose ledger it is: of several the first."""
    key: bytes = b""
    """Hashes the senders where no file can lie beside the ledger: `ledger.key-env`, the same on all machines."""
    password: str = ""
    """The password of a server: `ledger.password-env`."""
    currency: str = ""
    """The currency of the money that is counted."""
    name: str = ""
    """The name of a ledger on a server: `ledger.name`."""
    known: Known = Known()
    """What the server saw of the ledger when it read the static file: a worker takes no other one, and none that is older."""

    others: tuple[str, ...] = ()
    """The other numbers that it is for."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers that it is for."""
        return self.phone, *self.others

    @property
    def known_as(self) -> str:
        """The name by which a server knows the ledger: that of the first number that it was begun with, if none is given."""
        return self.name or self.phone


class Found(msgspec.Struct, frozen=True):
    """A ledger that is there, and may be used."""

    hash_key: bytes
    """Hashes the senders."""
    id: str
    """Tells it from every other ledger, also from one that is put in its place."""
    where: str
    """For people."""
    is_new: bool = False
    """Whether it was begun just now."""
    owner: str = ""
    """Tells what a machine keeps for it from what the machine keeps for others; the same wherever its file is moved to."""
    first: str = ""
    """The first of the numbers that it is for, in whichever order a static file has them; blank where nobody has looked."""
