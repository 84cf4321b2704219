"""The folder of a machine's state: the running sums of its workers, one file each, and the tables of what they have seen.

1. Each worker begins sums of its own, by a name of their own, and goes on with nobody's: a file that was put back may be older
   than what the ledger was told of it, and whoever went on with it would add nothing until it had come as far again.
2. Sums that stay without a worker are told as they are, by whoever finds them, and then removed: first the file, then the
   ledger's mark of it. What a dead worker had not told is so told once.
3. If its file is gone, a worker puts its sums into another one.
4. Who said STOP while the ledger was away is kept beside them (:mod:`edge.state.stops`).
5. Without a folder that can be written, sums and tables live in this process, and end with it. Nothing else is different.
"""

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from edge.core.charging.charge import Tally
from edge.core.seen import knocks, sightings
from edge.core.seen.sums import Sums, names_of, tally_of
from edge.state.mapped import CELL_BYTES, HEAD_BYTES, VERSION, Head, Mapped, NotWholeError, make, name_of
from edge.state.stops import Stops
from edge.system.access import why_not_read

log = logging.getLogger("antirelou")

FILES_MAX = 4096
"""More workers than a machine has, and than die on it while the ledger is away."""


class Own(NamedTuple):
    """A worker's own sums, and the name by which it tells them; blank if they end with it."""

    teller: str
    sums: Sums


class Left(NamedTuple):
    """Sums that no worker holds: once the ledger knows all that is in it, the file can go."""

    teller: str
    tally: Tally
    path: Path


class State:
    """One ledger's files in a folder."""

    def __init__(self, folder: Path | None, owner: str) -> None:
        """Take the folder, None for memory alone, and what tells the ledger from others."""
        self._folder = folder
        self._owner = owner
        self._held: tuple[Mapped, Sums] | None = None
        self._is_gone = False
        self._unread: set[Path] = set()

    def own(self, numbers: Sequence[str] = ()) -> Own:
        """Return a worker's sums, and keep them in a file; `numbers` are ours, where there are several."""
        if self._folder is not None:
            try:
                file = self._begin(self._folder, names_of(numbers), secrets.token_hex(8))
            except OSError as error:
                log.warning("state: %s: %s; what is not told yet is lost if this worker is killed", self._folder, error)
            else:
                sums = Sums(file.body.cast("q"), numbers)
                self._held = file, sums
                return Own(file.head.teller, sums)
        return Own("", Sums(numbers=numbers))

    def keep(self) -> None:
        """See that a worker's sums are still where others find them when it is gone, and put them into another file if not."""
        if self._folder is None or self._held is None or self._held[0].is_in_place():
            return
        gone, sums = self._held
        try:
            file = self._begin(self._folder, gone.head.names, gone.head.teller)
        except OSError as error:
            self._say_gone(f"{gone.path} is gone: {error}; what is not told yet is lost if this worker is killed")
            return
        self._say_gone(f"{gone.path} was gone; what it held is in {file.path}")
        file.body[:] = gone.body
        sums.move(file.body.cast("q"))
        self._held, self._is_gone = (file, sums), False
        gone.close()

    def seen(self) -> memoryview:
        """Return the table of the messages that the machine's workers have seen."""
        return self._table("seen", sightings.TABLE_BYTES, "a retry at another worker is booked again")

    def knocks(self) -> memoryview:
        """Return the table of the senders whom the machine's workers have not answered."""
        return self._table("knocks", knocks.TABLE_BYTES, "who writes again to another worker has not knocked there")

    def knocks_noted(self) -> memoryview | None:
        """Return what the machine's workers have noted of such senders, for whoever only looks; None where there is nothing."""
        if self._folder is None:
            return None
        try:
            return memoryview(self._path(self._folder, "knocks").read_bytes())[HEAD_BYTES:]
        except OSError:
            return None

    def stops(self) -> Stops:
        """Return where it is kept who said STOP while the ledger was away."""
        return Stops(self._folder, self._name("stop-"))

    def left(self) -> Iterator[Left]:
        """Yield the sums that no worker holds, held meanwhile; none where the folder cannot be looked into. Raises OSError."""
        for path in self._kept():
            file = self._found(path)
            if file is None:
                continue
            with file:
                if file.take():
                    yield Left(file.head.teller, tally_of(file.cells()), path)

    def _kept(self) -> list[Path]:
        """Return the files of all sums; that a folder is none was said at the start."""
        try:
            return sorted(self._folder.glob(self._name("sums-*"))) if self._folder else []
        except OSError:
            return []

    def _found(self, path: Path) -> Mapped | None:
        """Open a file that is whole; of one that may not be read, as root leaves it behind, it is said once."""
        try:
            return Mapped(path)
        except (NotWholeError, FileNotFoundError):
            return None
        except OSError as error:
            if path not in self._unread:
                self._unread.add(path)
                log.warning("state: %s cannot be read: %s; what it holds is not booked", path, why_not_read(error))
            return None

    def _table(self, what: str, size_bytes: int, loss: str) -> memoryview:
        if self._folder is not None:
            try:
                return self._open(self._path(self._folder, what), Head(VERSION, self._owner, "", (), size_bytes)).body
            except OSError as error:
                log.warning("state: %s: %s; %s", self._folder, error, loss)
        return memoryview(bytearray(size_bytes))

    def _begin(self, folder: Path, names: tuple[str, ...], teller: str) -> Mapped:
        """Make a file of sums, and hold it: one of our own, and never one that is there."""
        for number in range(1, FILES_MAX + 1):
            path = self._path(folder, f"sums-{number}")
            if path.exists():
                continue
            make(path, Head(VERSION, self._owner, teller, names, len(names) * CELL_BYTES))
            with suppress(FileNotFoundError):  # whoever looks for sums that nobody holds was faster
                file = Mapped(path)
                if file.head.teller == teller and file.take():
                    return file
                file.close()
        raise OSError(f"{FILES_MAX} files of sums are there already")

    def _say_gone(self, what: str) -> None:
        if not self._is_gone:
            self._is_gone = True
            log.warning("state: %s", what)

    def _open(self, path: Path, head: Head) -> Mapped:
        """Open a file, and make it where there is none that is whole."""
        if not path.exists():
            make(path, head)
        try:
            return Mapped(path)
        except NotWholeError as error:
            log.warning("state: %s: %s; it is made anew, and what it held and was not told is lost", path, error)
            path.unlink(missing_ok=True)
            make(path, head)
            return Mapped(path)

    def _path(self, folder: Path, what: str) -> Path:
        return folder / self._name(what)

    def _name(self, what: str) -> str:
        return name_of(self._owner, what)
