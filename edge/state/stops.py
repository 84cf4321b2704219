"""Who said STOP while the ledger was away: kept on the machine, so that it is told though the worker that heard it is gone.

One empty file for each, named after the key by which the ledger knows the sender: made twice or told twice it is the same, so no
worker has to know of another one. They stay until the ledger knows.
"""

import logging
import re
from contextlib import suppress
from pathlib import Path

from edge.system.access import why_not_written

log = logging.getLogger("antirelou")

STOPS_MAX = 10_000
"""How many one worker keeps at once: a file each, however long the ledger is away."""


class Stops:
    """The STOPs of one ledger that are still to be told, in a folder."""

    def __init__(self, folder: Path | None, beginning: str) -> None:
        """Take the folder, None to keep nothing, and how the names of the files begin."""
        self._folder = folder
        self._beginning = beginning
        self._name = re.compile(f"{re.escape(beginning)}((?:[0-9a-f]{{2}})+)")
        self._mine: set[bytes] = set()
        self._is_said = False

    def keep(self, key: bytes) -> None:
        """Keep that a sender said STOP. Where it cannot be kept, the log says so once, and this worker alone remembers."""
        if self._folder is None or len(self._mine) >= STOPS_MAX:
            return
        try:
            self._path(self._folder, key).touch(mode=0o600)
        except OSError as error:
            self._say(f"{self._folder}: {why_not_written(self._folder) or error.strerror}")
        else:
            self._mine.add(key)

    def kept(self) -> list[bytes]:
        """Return the key of each whom the ledger may not know of yet, as far as anybody on this machine has kept it."""
        names: list[str] = []
        if self._folder is not None:
            with suppress(OSError):  # that a folder is none was said at the start
                names = [path.name for path in self._folder.iterdir()]
        found = [match[1] for name in names if (match := self._name.fullmatch(name))]
        keys = [bytes.fromhex(key) for key in sorted(found)]
        self._mine &= set(keys)
        return keys

    def told(self, key: bytes) -> None:
        """Forget a sender of whom the ledger knows. Raises OSError."""
        if self._folder is not None:
            self._path(self._folder, key).unlink(missing_ok=True)
        self._mine.discard(key)

    def _say(self, why: str) -> None:
        if not self._is_said:
            self._is_said = True
            log.warning("state: %s; who says STOP while the ledger is away is forgotten if this worker ends", why)

    def _path(self, folder: Path, key: bytes) -> Path:
        return folder / f"{self._beginning}{key.hex()}"
