"""Finds the ledger that `ledger.url` names: one line per scheme.

1. `look` finds out whether there is one that may be used, and writes nothing. All commands look; so does a reload.
2. `prepare` is for `serve`, before any worker starts: it brings a ledger up to date, and begins one in a file where there is
   none, because the key beside it tells whether there was one before. A server cannot tell: there, `create` begins it, once
   and by hand. `open_ledger` connects one worker.
3. What a server needs is imported only where one is used: it is an extra.
"""

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from edge.core.charging.charge import Totals
from edge.core.charging.ledger import Hear, Ledger
from edge.core.charging.states import States
from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute
from edge.core.kept.paid import Paid
from edge.core.limits.bucket import UNUSED
from edge.core.limits.rules import Rules
from edge.core.wire.reason import Reason
from edge.errors import ConfigError, did_you_mean
from edge.ledger import sqlite_setup
from edge.ledger.known import Known
from edge.ledger.memory import MemoryLedger
from edge.ledger.place import Found, Place
from edge.ledger.sqlite import SqliteLedger
from edge.ledger.waiting import WaitingLedger

__all__ = [
    "Found",
    "Place",
    "adopt",
    "check_written",
    "create",
    "hours",
    "hours_of_each",
    "look",
    "minutes",
    "minutes_of_each",
    "open_ledger",
    "open_when_there",
    "others",
    "others_said",
    "paid",
    "pinned",
    "prepare",
    "recognised",
    "states",
    "totals",
    "warnings",
]

Clock = Callable[[], int]


class Kind(NamedTuple):
    """One kind of ledger, as the functions that look at it, check it, open it and begin it."""

    look: Callable[[Place], Found | None]
    check_written: Callable[[Place], None]
    prepare: Callable[[Place], Found]
    open: Callable[[Place, Rules, Clock, Hear, str], Ledger]
    totals: Callable[[Place, Rules, int], Totals]
    hours: Callable[[Place, int], list[Hour]]
    minutes: Callable[[Place, int], list[KeptMinute]]
    hours_of_each: Callable[[Place, int], Mapping[str, list[Hour]]]
    minutes_of_each: Callable[[Place, int], Mapping[str, list[KeptMinute]]]
    paid: Callable[[Place], list[Paid]]
    states: Callable[[Place, Rules, bytes, bytes], States]
    warnings: Callable[[Place], Awaitable[list[str]]]
    adopt: Callable[[Place], tuple[str, ...]]
    know: Callable[[Place], Known]
    create: Callable[[Place], None] | None = None
    """Given only where it does not begin by itself."""


def look(place: Place) -> Found | None:
    """Return the ledger, or None where `prepare` would begin one; nothing is written. Raises ConfigError or LedgerError."""
    return _kind(place).look(place)


def check_written(place: Place) -> None:
    """Raise LedgerError for a ledger that a worker could not write to; nothing is written."""
    _kind(place).check_written(place)


def prepare(place: Place) -> Found:
    """Make or check the ledger, and bring it up to date. Raises ConfigError or LedgerError."""
    return _kind(place).prepare(place)


def pinned(place: Place) -> Place:
    """Return the place itself, wherever the links on the way to it lead from now on."""
    return msgspec.structs.replace(place, url=f"sqlite:{_path(place)}") if _kind(place) is _SQLITE else place


def others(place: Place) -> list[Path]:
    """Return the ledgers in files that lie beside this one, or beside the static file."""
    if _kind(place) is not _SQLITE:
        return []
    path = _path(place)
    folders = {path.parent, Path(os.path.realpath(place.base))}
    return sorted(other for folder in folders for other in sqlite_setup.others(folder) if other != path)


def others_said(place: Place) -> str:
    """Return the end of a sentence that names them; blank where there are none."""
    return "".join(f"; another ledger lies at {path}" for path in others(place))


def totals(place: Place, rules: Rules, now_ms: int) -> Totals:
    """Return the sums over all workers of a ledger that was found; nothing is written. Raises LedgerError."""
    return _kind(place).totals(place, rules, now_ms)


def hours(place: Place, since_ms: int) -> list[Hour]:
    """Return the hours of a ledger that was found, from an instant on; nothing is written. Raises LedgerError."""
    return _kind(place).hours(place, since_ms)


def minutes(place: Place, since_ms: int) -> list[KeptMinute]:
    """Return the minutes of a ledger that was found, from an instant on; nothing is written. Raises LedgerError."""
    return _kind(place).minutes(place, since_ms)


def hours_of_each(place: Place, since_ms: int) -> Mapping[str, list[Hour]]:
    """Return the same hours of each of several numbers; nothing is written. Raises LedgerError."""
    return _kind(place).hours_of_each(place, since_ms)


def minutes_of_each(place: Place, since_ms: int) -> Mapping[str, list[KeptMinute]]:
    """Return the same minutes of each of several numbers; nothing is written. Raises LedgerError."""
    return _kind(place).minutes_of_each(place, since_ms)


def paid(place: Place) -> list[Paid]:
    """Return the replies of a ledger that was found, the oldest first; nothing is written. Raises LedgerError."""
    return _kind(place).paid(place)


def states(place: Place, rules: Rules, sender: bytes, block: bytes) -> States:
    """Return what a ledger that was found holds of a sender and of a block; nothing is written. Raises LedgerError."""
    return _kind(place).states(place, rules, sender, block)


def create(place: Place) -> None:
    """Begin a ledger on a server, with nothing spent. Raises ConfigError, or LedgerError if it holds one."""
    kind = _kind(place)
    if kind.create is None:
        raise ConfigError(f"ledger.url: {place.url!r} begins by itself, at the first start")
    kind.create(place)


def adopt(place: Place) -> tuple[str, ...]:
    """Have a ledger be for another number, and return those that it was for. Raises ConfigError or LedgerError."""
    return _kind(place).adopt(place)


def open_ledger(place: Place, rules: Rules, clock: Clock, hear: Hear, teller: str = "") -> Ledger:
    """Return one worker's ledger, after `prepare`; call it in the worker's event loop.

    It tells by the name of `teller`, where its sums outlive it.
    """
    return _kind(place).open(place, rules, clock, hear, teller)


def open_when_there(place: Place, rules: Rules, clock: Clock, hear: Hear, teller: str = "") -> Ledger:
    """Return the same at once, whatever is wrong: until it can be opened it is down."""
    return WaitingLedger(lambda: open_ledger(place, rules, clock, hear, teller))


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
    kind = KINDS[scheme]
    if kind.create is None and (place.key or place.password or place.name):
        raise ConfigError(f"ledger: name, key-env and password-env are for a server; leave them out with {place.url!r}")
    return kind


def _path(place: Place) -> Path:
    name = place.url.partition(":")[2]
    path = Path(
        os.path.realpath(place.base / name)
    )  # links that lead in a circle stay, and are complained of when they are followed
    if not name or not path.name or (name.startswith("//") and not name.startswith("///")):
        raise ConfigError(f'ledger.url: found {place.url!r}; write a file, such as "sqlite:antirelou.db"')
    return path


def _on_server(module: str) -> Any:
    try:
        return import_module(f"edge.ledger.{module}")
    except ImportError as error:
        raise ConfigError(
            f"ledger.url: needs a client ({error}); install this repository's lock, which has it: "
            "pip install --no-deps --require-hashes -r requirements/run.txt"
        ) from None


def _adopt_nothing(place: Place) -> tuple[str, ...]:
    raise ConfigError(f"ledger.url: {place.url!r} is nobody's before it begins")


def _found_in_memory(place: Place) -> Found:
    return Found(secrets.token_bytes(32), "memory", "memory", first=place.phone)


async def _no_warnings(_: Place) -> list[str]:
    return []


async def _forgetful(_: Place) -> list[str]:
    return ["a ledger in memory forgets what was spent when the worker ends, and several workers do not share it"]


_SQLITE = Kind(
    look=lambda place: sqlite_setup.look(_path(place), place),
    check_written=lambda place: sqlite_setup.check_written(_path(place)),
    prepare=lambda place: sqlite_setup.prepare(_path(place), place),
    open=lambda place, rules, clock, hear, teller: SqliteLedger(
        _path(place), rules, clock, hear, known=place.known, teller=teller
    ),
    totals=lambda place, rules, now_ms: sqlite_setup.totals(_path(place), rules, now_ms),
    hours=lambda place, since_ms: sqlite_setup.hours(_path(place), since_ms),
    minutes=lambda place, since_ms: sqlite_setup.minutes(_path(place), since_ms),
    hours_of_each=lambda place, since_ms: sqlite_setup.hours_of_each(_path(place), since_ms),
    minutes_of_each=lambda place, since_ms: sqlite_setup.minutes_of_each(_path(place), since_ms),
    know=lambda place: sqlite_setup.known(_path(place)),
    paid=lambda place: sqlite_setup.paid(_path(place)),
    states=lambda place, rules, sender, block: sqlite_setup.states(_path(place), rules, sender, block),
    warnings=_no_warnings,
    adopt=lambda place: sqlite_setup.adopt(_path(place), place),
)
_MEMORY = Kind(
    look=_found_in_memory,
    check_written=lambda _: None,
    prepare=_found_in_memory,
    open=lambda _, rules, clock, hear, __: MemoryLedger(rules, clock, hear),
    totals=lambda _, __, now_ms: Totals({Reason.ANSWERED: 0}, 0, 0, UNUSED, now_ms),
    hours=lambda _, __: [],
    minutes=lambda _, __: [],
    hours_of_each=lambda _, __: {},
    minutes_of_each=lambda _, __: {},
    paid=lambda _: [],
    states=lambda _, __, ___, ____: States(),
    warnings=_forgetful,
    adopt=_adopt_nothing,
    know=lambda _: Known(),
)
_VALKEY = Kind(
    look=lambda place: _on_server("valkey_setup").look(place),
    check_written=lambda place: _on_server("valkey_setup").check_written(place),
    prepare=lambda place: _on_server("valkey_setup").prepare(place),
    open=lambda place, rules, _, hear, teller: _on_server("valkey").ValkeyLedger(place, rules, hear, teller),
    totals=lambda place, _, __: _on_server("valkey_setup").totals(place),
    hours=lambda place, since_ms: _on_server("valkey_setup").hours(place, since_ms),
    minutes=lambda place, since_ms: _on_server("valkey_setup").minutes(place, since_ms),
    hours_of_each=lambda place, since_ms: _on_server("valkey_setup").hours_of_each(place, since_ms),
    minutes_of_each=lambda place, since_ms: _on_server("valkey_setup").minutes_of_each(place, since_ms),
    paid=lambda place: _on_server("valkey_setup").paid(place),
    states=lambda place, rules, sender, block: _on_server("valkey_setup").states(place, rules, sender, block),
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
