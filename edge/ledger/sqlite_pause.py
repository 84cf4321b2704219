"""The pause in an SQLite ledger, and the buttons that were used: rows of the table `about`, which a worker of an earlier version passes over."""

import apsw

from edge.core.kept.button import Button, used_after
from edge.core.kept.pause import NOT_PAUSED
from edge.ledger import sqlite_later

_READ = "SELECT value FROM about WHERE name = ?"
_UNTIL, _USED = "paused_until_ms", "used_buttons"


def read(connection: apsw.Connection) -> int:
    """Return until when no reply is paid."""
    found = sqlite_later.rows(connection, _READ, _UNTIL)
    return int(found[0][0]) if found else NOT_PAUSED


def write(connection: apsw.Connection, until_ms: int) -> None:
    """Have no reply paid until then."""
    sqlite_later.keep(connection, _UNTIL, str(until_ms))


def press(connection: apsw.Connection, button: Button, now_ms: int) -> bool:
    """Use a button; return whether it counts."""
    found = list(connection.execute(_READ, (_USED,)))
    used = used_after(found[0][0].split() if found else [], button, now_ms)
    if used is not None:
        sqlite_later.keep(connection, _USED, " ".join(used))
    return used is not None
