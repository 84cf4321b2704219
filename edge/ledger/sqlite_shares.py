"""The shares of our numbers in an SQLite ledger: a row of the table `about`, which a worker of an earlier version passes over."""

from collections.abc import Mapping

import apsw

from edge.core.charging import shares as core
from edge.core.charging.shares import Share
from edge.ledger import sqlite_later

_NAME = "shares"
_READ = "SELECT value FROM about WHERE name = ?"


def read(connection: apsw.Connection) -> Mapping[str, Share]:
    """Return what is used of the share of each number; nothing where there never were several."""
    found = sqlite_later.rows(connection, _READ, _NAME)
    return core.read(found[0][0]) if found else {}


def write(connection: apsw.Connection, shares: Mapping[str, Share]) -> None:
    """Write what is used of them now."""
    sqlite_later.keep(connection, _NAME, core.written(shares))
