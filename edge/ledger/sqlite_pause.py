"""The pause in an SQLite ledger: a row of the table `about`, which a worker of an earlier version passes over."""

import apsw

from edge.core.pause import NOT_PAUSED

_READ = "SELECT value FROM about WHERE name = 'paused_until_ms'"
_WRITE = "INSERT INTO about VALUES ('paused_until_ms', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def read(connection: apsw.Connection) -> int:
    """Return until when no reply is paid."""
    try:
        found = list(connection.execute(_READ))
    except apsw.SQLError:  # a ledger of the first format, at which somebody looks, has no such table
        return NOT_PAUSED
    return int(found[0][0]) if found else NOT_PAUSED


def write(connection: apsw.Connection, until_ms: int) -> None:
    """Have no reply paid until then."""
    connection.execute(_WRITE, (str(until_ms),))
