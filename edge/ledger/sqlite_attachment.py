"""What is wanted of our numbers, in an SQLite ledger: rows of the table `about`, which a worker of an earlier version passes over."""

import apsw

from edge.core.kept.attachment import Attachment, decoded, encoded
from edge.ledger import sqlite_later

_NAME = "attachment "
_READ = "SELECT name, value FROM about WHERE name >= 'attachment ' AND name < 'attachment!'"


def read(connection: apsw.Connection) -> dict[str, Attachment]:
    """Return what is wanted of each number of which anything was ever kept."""
    return {str(name).removeprefix(_NAME): decoded(str(value)) for name, value in sqlite_later.rows(connection, _READ)}


def write(connection: apsw.Connection, phone: str, attachment: Attachment) -> None:
    """Keep what is wanted of a number."""
    sqlite_later.keep(connection, f"{_NAME}{phone}", encoded(attachment))


def detached(connection: apsw.Connection) -> set[str]:
    """Return those of our numbers that are not to be delivered to."""
    return {phone for phone, attachment in read(connection).items() if not attachment.attached}
