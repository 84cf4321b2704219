"""How far a ledger in a file has come, and whether all of it is of one piece.

A copy that was put beside the log of another state, or pages that somebody wrote over, may still look like a database. So
what has to agree is held against each other: the sums, the replies they are of, and those whom they went to.
"""

import apsw

from edge.errors import LedgerError
from edge.ledger.known import Known

_SUMS = "SELECT replies, replies_micros, received_micros FROM account"
_LAST = "SELECT seq, message_id FROM charge ORDER BY seq DESC LIMIT 1"
_STRANGER = "SELECT 1 FROM charge WHERE sender NOT IN (SELECT key FROM sender) LIMIT 1"
_PAID = "SELECT min(seq), sum(micros) FROM charge"
_ID = "SELECT value FROM about WHERE name = 'id'"
_HAS_ABOUT = "SELECT 1 FROM sqlite_master WHERE name = 'about'"
_RESTORE = "; restore it from a backup, without the -wal and -shm that lie beside it"
_NOT_ONE = (
    "not of one piece: its account and its replies are of different states, as if it was written over, or a -wal of another "
    f"copy lay beside it{_RESTORE}"
)


def read(connection: apsw.Connection) -> Known:
    """Return how far a ledger has come. Raises LedgerError if it is not of one piece."""
    connection.execute("BEGIN")
    try:
        return found(connection)
    finally:
        connection.execute("ROLLBACK")


def recognise(connection: apsw.Connection, known: Known) -> Known:
    """Return how far a ledger has come. Raises LedgerError if it is not the one that is known, or has come less far."""
    now = read(connection)
    there = list(connection.execute("SELECT message_id FROM charge WHERE seq = ?", (known.replies,)))
    refusal = known.refusal(now, there[0][0] if there else None)
    if refusal:
        raise LedgerError(refusal)
    return now


def replies_in(connection: apsw.Connection) -> int:
    """Return how many replies a ledger holds by its account."""
    [(replies,)] = connection.execute("SELECT replies FROM account")
    return int(replies)


def found(connection: apsw.Connection) -> Known:
    """Return how far a ledger has come, within a transaction. Raises LedgerError if it is not of one piece."""
    [(verdict,)] = connection.execute("PRAGMA integrity_check(1)")
    if verdict != "ok":
        raise LedgerError(f"damaged ({verdict.splitlines()[-1]}){_RESTORE}")
    sums, last = list(connection.execute(_SUMS)), list(connection.execute(_LAST))
    if not sums:
        raise LedgerError(f"damaged (no account){_RESTORE}")
    [(replies, replies_micros, received_micros)] = sums
    [(seq, last_id)] = last or [(0, "")]
    [(first, micros)] = connection.execute(_PAID)
    if seq != replies or (first == 1 and micros != replies_micros) or list(connection.execute(_STRANGER)):
        raise LedgerError(_NOT_ONE)
    return Known(_id(connection), replies, received_micros, last_id)


def _id(connection: apsw.Connection) -> str:
    if not list(connection.execute(_HAS_ABOUT)):
        return ""
    said = list(connection.execute(_ID))
    return str(said[0][0]) if said else ""
