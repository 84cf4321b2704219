"""The beginning of a ledger in a file: it and the key beside it, both whole and once, or neither.

1. Whoever begins holds a lock on the file that becomes the key; who comes second finds the work done. No hard link is needed,
   and no lock on a folder: some file systems have neither.
2. The ledger is made in memory and written as one file. What fails, on a full disk say, leaves nothing behind; what is killed
   leaves two files at most, which the next start takes over.
3. The key comes after the ledger. So a key without a ledger means that money was counted and the count is gone
   (:mod:`edge.ledger.sqlite_look`), and never that a start was cut short.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from edge.errors import LedgerError
from edge.ledger.sqlite_file import KEY_BYTES, key_path
from edge.ledger.sqlite_look import look
from edge.ledger.sqlite_tables import ADDITIONS, APPLICATION_ID, SCHEMA, VERSION


def begin(path: Path) -> bool:
    """Make what there is none of, the ledger or its key; return whether it was the ledger. Raises LedgerError."""
    unfinished, unfinished_key = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.key.new")
    try:
        with _alone(unfinished_key) as descriptor:
            try:
                found = look(path)
                if found.key is None:
                    _write(descriptor, secrets.token_bytes(KEY_BYTES))
                    if not found.is_begun:
                        _write_new(unfinished, _image())
                        unfinished.replace(path)
                    _finish(unfinished_key, path, was_begun=found.is_begun)
            finally:
                unfinished.unlink(missing_ok=True)
                if _is_at(unfinished_key, descriptor):
                    unfinished_key.unlink()
    except OSError as error:
        raise LedgerError(f"{path}: no ledger can be begun there: {error.strerror}; nothing was made") from None
    return found.key is None and not found.is_begun


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Make a file, readable by its owner only, and hold its lock while no other process does."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(path, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether an open file still has its name: who held the lock before may have moved or removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _finish(unfinished_key: Path, path: Path, *, was_begun: bool) -> None:
    """Give the key its name, after the ledger has got its own, and see that both stay after a power cut."""
    try:
        unfinished_key.replace(key_path(path))
    except OSError:
        if not was_begun:
            path.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems sync no folder
            os.fsync(folder)
    finally:
        os.close(folder)


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        _write(descriptor, data)
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    os.ftruncate(descriptor, 0)
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)


def _image() -> bytes:
    """Return the file of a ledger with nothing spent, which does not say yet whose it is: so its key may be made later."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(SCHEMA + ADDITIONS)
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", VERSION)
        return connection.serialize("main")
    finally:
        connection.close()
