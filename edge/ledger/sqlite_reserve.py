"""The reserve in an SQLite ledger: a row of the table `about`, which a worker of an earlier version passes over."""

import apsw

from edge.core.bucket import UNUSED, Bucket

_READ = "SELECT value FROM about WHERE name = 'reserve'"
_WRITE = "INSERT INTO about VALUES ('reserve', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def read(connection: apsw.Connection) -> Bucket:
    """Return what is used of the reserve."""
    try:
        found = list(connection.execute(_READ))
    except apsw.SQLError:  # a ledger of the first format, at which somebody looks, has no such table
        return UNUSED
    if not found:
        return UNUSED
    used, at_ms = map(int, found[0][0].split())
    return Bucket(used, at_ms)


def write(connection: apsw.Connection, reserve: Bucket) -> None:
    """Write what is used of it now."""
    connection.execute(_WRITE, (f"{reserve.used} {reserve.at_ms}",))
