"""Copies of a ledger that appear whole or not at all."""

import os
import tempfile
from pathlib import Path

import apsw


def copy(source: apsw.Connection, to: Path, mode: int) -> None:
    """Copy a ledger as a connection sees it; the copy replaces one of the same name. Raises apsw.Error or OSError."""
    descriptor, name = tempfile.mkstemp(dir=to.parent, prefix=f"{to.name}.")
    os.close(descriptor)
    unfinished = Path(name)
    try:
        target = apsw.Connection(name)
        try:
            with target.backup("main", source, "main") as backup:
                backup.step(-1)
        finally:
            target.close()
        unfinished.chmod(mode & 0o7777)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(to)
    finally:
        for left in ("", "-journal", "-wal", "-shm"):
            Path(name + left).unlink(missing_ok=True)
