"""The reserve in an SQLite ledger: a row of the table `about`, which a worker of an earlier version passes over."""

import apsw

from edge.core.limits.bucket import UNUSED, Bucket
from edge.ledger import sqlite_later

_NAME = "reserve"
_READ = "SELECT value FROM about WHERE name = ?"


def read(connection: apsw.Connection) -> Bucket:
    """Return what is used of the reserve."""
    found = sqlite_later.rows(connection, _READ, _NAME)
    if not found:
        return UNUSED
    used, at_ms = map(int, found[0][0].split())
    return Bucket(used, at_ms)


def write(connection: apsw.Connection, reserve: Bucket) -> None:
    """Write what is used of it now."""
    sqlite_later.keep(connection, _NAME, f"{reserve.used} {reserve.at_ms}")
