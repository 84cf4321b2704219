"""Which ledger stands behind `ledger.url`: one line per scheme.

`prepare` makes or checks it once, in the parent, before any worker starts; `open_ledger` connects one worker to it.
"""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from edge.configfile import suggest
from edge.errors import ConfigError
from edge.ledger.contract import Hear, Ledger
from edge.ledger.memory import MemoryLedger
from edge.ledger.sqlite import SqliteLedger
from edge.ledger.sqlite_file import prepare as prepare_sqlite
from edge.rules import Rules

Clock = Callable[[], int]


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


class Kind(NamedTuple):
    """How one kind of ledger is come by."""

    prepare: Callable[[Place], bytes]
    open: Callable[[Place, Rules, Clock, Hear], Ledger]


def prepare(place: Place) -> bytes:
    """Make or check the ledger, and return the key that hashes its numbers. Raises ConfigError or LedgerError."""
    return _kind(place).prepare(place)


def open_ledger(place: Place, rules: Rules, clock: Clock, hear: Hear) -> Ledger:
    """Return one worker's ledger, after `prepare`; call it in the worker's event loop."""
    return _kind(place).open(place, rules, clock, hear)


def _kind(place: Place) -> Kind:
    scheme = place.url.partition(":")[0]
    if scheme not in KINDS:
        raise ConfigError(f"ledger.url: found {place.url!r}; unknown kind {scheme!r}; {suggest(scheme, KINDS)}")
    return KINDS[scheme]


def _path(place: Place) -> Path:
    name = place.url.partition(":")[2]
    if not name or (name.startswith("//") and not name.startswith("///")):
        raise ConfigError(f'ledger.url: found {place.url!r}; write a file, such as "sqlite:antirelou.db"')
    return place.base / name


KINDS: Mapping[str, Kind] = {
    "sqlite": Kind(
        lambda place: prepare_sqlite(_path(place)),
        lambda place, rules, clock, hear: SqliteLedger(_path(place), rules, clock, hear),
    ),
    "memory": Kind(
        lambda _: secrets.token_bytes(32),
        lambda _, rules, clock, hear: MemoryLedger(rules, clock, hear),
    ),
}
