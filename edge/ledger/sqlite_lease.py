"""The lease on the watch in an SQLite ledger: rows of the table `about`, which a worker of an earlier version passes over."""

import apsw
import msgspec

from edge.core.kept.lease import NOTED, Held, Lease, ask, noted
from edge.ledger import sqlite_later

_READ = "SELECT value FROM about WHERE name = ?"


def watch(connection: apsw.Connection, holder: str, length_ms: int, notes: str | None, now_ms: int) -> Lease:
    """Have somebody ask for the lease."""
    held = msgspec.json.decode(_read(connection, "watch", "{}"), type=Held)
    after, is_held, is_new = ask(held, holder, length_ms, notes, now_ms)
    if after != held:
        sqlite_later.keep(connection, "watch", msgspec.json.encode(after).decode())
    found = {what: _instants(connection, what) for what in NOTED}
    return Lease(is_held, is_new, after.notes, found, now_ms)


def note(connection: apsw.Connection, what: str, now_ms: int) -> None:
    """Note that something has happened."""
    after = noted(_instants(connection, what), now_ms)
    sqlite_later.keep(connection, f"noted_{what}", " ".join(map(str, after)))


def _instants(connection: apsw.Connection, what: str) -> list[int]:
    return [int(at_ms) for at_ms in _read(connection, f"noted_{what}", "").split()]


def _read(connection: apsw.Connection, name: str, default: str) -> str:
    found = list(connection.execute(_READ, (name,)))
    return str(found[0][0]) if found else default
