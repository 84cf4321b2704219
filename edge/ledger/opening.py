"""Finds the ledger that `ledger.url` names: one line per scheme.

1. `prepare` makes or checks it once, in the parent, before any worker starts; `open_ledger` connects one worker to it.
2. A file begins by itself, because the key beside it tells whether there was one before. A server cannot tell: there,
   `create` begins it, once and by hand.
3. What a server needs is imported only where one is used: it is an extra.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from edge.core.ledger import Hear, Ledger
from edge.core.rules import Rules
from edge.errors import ConfigError, did_you_mean
from edge.ledger import sqlite_about
from edge.ledger.about import About, fingerprint
from edge.ledger.known import Known
from edge.ledger.memory import MemoryLedger
from edge.ledger.place import Place
from edge.ledger.sqlite import SqliteLedger
from edge.ledger.sqlite_file import prepare as prepare_sqlite
from edge.ledger.waiting import WaitingLedger

__all__ = ["Place", "adopt", "create", "open_ledger", "open_when_there", "prepare", "recognised", "warnings"]

Clock = Callable[[], int]


class Kind(NamedTuple):
    """One kind of ledger, as the functions that check it, open it and begin it."""

    prepare: Callable[[Place], bytes]
    open: Callable[[Place, Rules, Clock, Hear], Ledger]
    warnings: Callable[[Place], Awaitable[list[str]]]
    adopt: Callable[[Place], tuple[str, ...]]
    know: Callable[[Place], Known]
    create: Callable[[Place], None] | None = None
    """Given only where it does not begin by itself."""


def prepare(place: Place) -> bytes:
    """Make or check the ledger, and return the key that hashes its numbers. Raises ConfigError or LedgerError."""
    kind = _kind(place)
    if kind.create is None and (place.key or place.password or place.name):
        raise ConfigError(f"ledger: name, key-env and password-env are for a server; leave them out with {place.url!r}")
    return kind.prepare(place)


def create(place: Place) -> None:
    """Begin a ledger on a server, with nothing spent. Raises ConfigError, or LedgerError if it holds one."""
    kind = _kind(place)
    if kind.create is None:
        raise ConfigError(f"ledger.url: {place.url!r} begins by itself, at the first start")
    kind.create(place)


def adopt(place: Place) -> tuple[str, ...]:
    """Have a ledger be for another number, and return those that it was for. Raises ConfigError or LedgerError."""
    return _kind(place).adopt(place)


def open_ledger(place: Place, rules: Rules, clock: Clock, hear: Hear) -> Ledger:
    """Return one worker's ledger, after `prepare`; call it in the worker's event loop."""
    return _kind(place).open(place, rules, clock, hear)


def open_when_there(place: Place, rules: Rules, clock: Clock, hear: Hear) -> Ledger:
    """Return the same at once, whatever is wrong: until it can be opened it is down."""
    return WaitingLedger(lambda: open_ledger(place, rules, clock, hear))


def recognised(place: Place) -> Place:
    """Return the place with what its ledger is known by, after `prepare`. Raises LedgerError."""
    return msgspec.structs.replace(place, known=_kind(place).know(place))


async def warnings(place: Place) -> list[str]:
    """Return what can make this ledger forget, one sentence each. Raises LedgerDown."""
    return await _kind(place).warnings(place)


def _kind(place: Place) -> Kind:
    scheme = place.url.partition(":")[0]
    if scheme not in KINDS:
        raise ConfigError(f"ledger.url: found {place.url!r}; unknown kind {scheme!r}; {did_you_mean(scheme, KINDS)}")
    return KINDS[scheme]


def _path(place: Place) -> Path:
    name = place.url.partition(":")[2]
    if not name or (name.startswith("//") and not name.startswith("///")):
        raise ConfigError(f'ledger.url: found {place.url!r}; write a file, such as "sqlite:antirelou.db"')
    return place.base / name


def _on_server(module: str) -> Any:
    try:
        return import_module(f"edge.ledger.{module}")
    except ImportError as error:
        raise ConfigError(
            f"ledger.url: needs a client ({error}); install this repository's lock, which has it: "
            "pip install --no-deps --require-hashes -r requirements/run.txt"
        ) from None


def _prepare_file(place: Place) -> bytes:
    path = _path(place)
    hash_key = prepare_sqlite(path)
    sqlite_about.update(path, About(place.currency, fingerprint(hash_key), (place.phone,)))
    return hash_key


def _prepare_on_server(place: Place) -> bytes:
    setup = _on_server("valkey_setup")
    hash_key: bytes = setup.look(place)
    setup.update(place)
    return hash_key


def _adopt_file(place: Place) -> tuple[str, ...]:
    path = _path(place)
    return sqlite_about.adopt(path, About(place.currency, fingerprint(prepare_sqlite(path)), (place.phone,)))


def _adopt_nothing(place: Place) -> tuple[str, ...]:
    raise ConfigError(f"ledger.url: {place.url!r} is nobody's before it begins")


async def _no_warnings(_: Place) -> list[str]:
    return []


async def _forgetful(_: Place) -> list[str]:
    return ["a ledger in memory forgets what was spent when the worker ends, and several workers do not share it"]


_SQLITE = Kind(
    prepare=_prepare_file,
    open=lambda place, rules, clock, hear: SqliteLedger(_path(place), rules, clock, hear, place.known),
    know=lambda place: sqlite_about.known(_path(place)),
    warnings=_no_warnings,
    adopt=_adopt_file,
)
_MEMORY = Kind(
    prepare=lambda _: secrets.token_bytes(32),
    open=lambda _, rules, clock, hear: MemoryLedger(rules, clock, hear),
    warnings=_forgetful,
    adopt=_adopt_nothing,
    know=lambda _: Known(),
)
_VALKEY = Kind(
    prepare=_prepare_on_server,
    open=lambda place, rules, _, hear: _on_server("valkey").ValkeyLedger(place, rules, hear),
    warnings=lambda place: _on_server("valkey_setup").warnings(place),
    adopt=lambda place: _on_server("valkey_setup").adopt(place),
    know=lambda place: _on_server("valkey_setup").known(place),
    create=lambda place: _on_server("valkey_setup").create(place),
)
KINDS: Mapping[str, Kind] = {
    "sqlite": _SQLITE,
    "memory": _MEMORY,
    "valkey": _VALKEY,
    "redis": _VALKEY,
    "valkeys": _VALKEY,
    "rediss": _VALKEY,
    "unix": _VALKEY,
    "valkey+sentinel": _VALKEY,
    "redis+sentinel": _VALKEY,
    "valkey+cluster": _VALKEY,
    "redis+cluster": _VALKEY,
}
