"""A ledger in a file that can be known again, workers on it, and what people do to its files."""

import asyncio
import shutil

import apsw

from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger.breaker import RETRY_S
from edge.ledger.opening import Place, prepare
from edge.ledger.sqlite import SqliteLedger
from edge.ledger.sqlite_setup import known
from tests.ledger.parts import NOW_MS, RULES, charge


def begin(path):
    """Begin a ledger that can be known again."""
    prepare(Place(f"sqlite:{path.name}", path.parent, "+33937000000", currency="EUR"))


def beside(path, left):
    """Return a file that lies beside a ledger."""
    return path.with_name(path.name + left)


def rows(path):
    """Return the message numbers in a ledger, and what its account says."""
    connection = apsw.Connection(str(path))
    ids = {int(f"0x{row[0][2:]}", 0) for row in connection.execute("SELECT message_id FROM charge")}
    [(replies,)] = connection.execute("SELECT replies FROM account")
    connection.close()
    return ids, replies


def copy_of(path):
    """Return a copy of a ledger, made as the documentation says."""
    copy = path.parent.parent / "copy.db"
    copy.unlink(missing_ok=True)
    connection, target = apsw.Connection(str(path)), apsw.Connection(str(copy))
    with target.backup("main", connection, "main") as backup:
        backup.step(-1)
    target.close()
    connection.close()
    return copy


def execute(path, sql):
    """Do something to the file behind the ledger's back."""
    connection = apsw.Connection(str(path))
    connection.execute(sql).fetchall()
    connection.close()


def worker(path, known_=None):
    """Return a ledger as a worker has it; call it in its event loop."""
    return SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None, known=known_ or known(path))


async def paid(ledger, numbers):
    """Return which of some messages were answered."""
    answered = set()
    for number in numbers:
        try:
            if (await ledger.admit(charge(number))).reason in {Reason.ANSWERED, Reason.DUPLICATE}:
                answered.add(number)
        except LedgerDown:
            await asyncio.sleep(RETRY_S)
    return answered


async def pay(ledger, numbers):
    """Pay for messages, many at once."""
    await asyncio.gather(*(ledger.admit(charge(number)) for number in numbers))


def log_removed(path):
    """Somebody tidies up what looks like a temporary file."""
    beside(path, "-wal").unlink()


def index_removed(path):
    """And another one."""
    beside(path, "-shm").unlink()


def both_removed(path):
    """And both."""
    log_removed(path)
    index_removed(path)


def log_replaced(path):
    """Somebody restores a log that is empty."""
    beside(path, "-new").write_bytes(b"")
    beside(path, "-new").replace(beside(path, "-wal"))


def checkpointed(path):
    """Somebody looks after the file by SQLite's rules."""
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")


def put_in_its_place(path, copy):
    """Somebody replaces the file."""
    shutil.copy(copy, beside(path, "-new"))
    beside(path, "-new").replace(path)


def written_over(path, copy):
    """Somebody copies over it."""
    shutil.copy(copy, path)
