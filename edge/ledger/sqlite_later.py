"""What came to the format after its first version: a ledger may lack it, one of an earlier program or one at which somebody only looks.

Tables of their own are made when their first row is written. Single values are rows of the table `about`, which a worker of an
earlier version passes over.
"""

from typing import Any

import apsw

_KEEP = "INSERT INTO about VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def rows(connection: apsw.Connection, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
    """Return what a statement finds; nothing where its table is not there."""
    try:
        return list(connection.execute(sql, bindings))
    except apsw.SQLError:
        return []


def add(connection: apsw.Connection, sql: str, create: str, row: tuple[Any, ...]) -> None:
    """Write a row, and before it the table if that is not there yet."""
    try:
        connection.execute(sql, row)
    except apsw.SQLError:
        connection.execute(create)
        connection.execute(sql, row)


def keep(connection: apsw.Connection, name: str, value: str) -> None:
    """Write a single value."""
    connection.execute(_KEEP, (name, value))
