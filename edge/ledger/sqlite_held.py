"""The file of one worker's ledger, held open as long as it is what lies there (:mod:`edge.ledger.sqlite_watch`).

1. Where a file was removed or replaced, what the old one held is saved first, through the connection that is still open: what
   its log holds is written into it, and a file that has no name any more is copied beside where it lay. Nothing is ever put
   in the ledger's own place: whether it was meant to go is not ours to say.
2. Then there is silence until what lies there is the same ledger (:class:`edge.ledger.known.Known`), of one piece, and not an
   older state than this worker knows of. It is never made anew.
3. Where somebody wrote to the file, another worker that checkpoints, say, it is looked at with a connection of its own.
"""

import contextlib
import errno
import logging
import os
import time
from pathlib import Path

import apsw

from edge.errors import LedgerDown, LedgerError, described
from edge.ledger.known import ADVICE, Known
from edge.ledger.sqlite_file import connect, key_path
from edge.ledger.sqlite_saved import copy
from edge.ledger.sqlite_state import recognise, replies_in
from edge.ledger.sqlite_watch import Marks, OpenLog, Sight, index_path, log_path, look

CHECKPOINT_PAGES = 1000
"""The length of a log that is written back into the file: SQLite's own."""
TRIES = 20
TRY_S = 0.005
"""Workers that start at the same moment make the log together."""

_NOTHING_LEFT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""A look that fails like that says nothing about the files."""

log = logging.getLogger("antirelou")


class HeldFile:
    """A ledger's file, for one thread."""

    def __init__(self, path: Path, known: Known) -> None:
        self.known = known
        """How far the ledger had come when it was last seen."""
        self._path = path
        self._held: _Held | None = None
        self._marks: Marks | None = None
        """Those of what we know, as long as we are."""
        self._log = OpenLog()
        self._refused: tuple[Sight, str] | None = None
        self._pinned: list[int] = []
        """Descriptors of files without a name that could not be copied: they are there as long as we are."""

    def open(self) -> apsw.Connection:
        """Return the connection to what lies there. Raises LedgerDown, apsw.Error or OSError, and is tried again later."""
        sight = self._look()
        if self._held is not None and sight is not None and not self._held.differs(sight):
            return self._held.connection
        happened = self._let_go(self._held, sight) if self._held is not None else ""
        try:
            self._held = self._open_anew()
        except FileNotFoundError as error:
            raise LedgerDown(f"{self._path}: {happened or 'missing; '}put it back") from error
        except (LedgerError, apsw.Error, OSError) as error:
            raise LedgerDown(f"{self._path}: {happened}{described(error)}") from error
        if happened:
            log.warning("ledger: %s: %sit goes on", self._path, happened)
        return self._held.connection

    def settle(self, known: Known) -> None:
        """Note how far it has come, after a commit. Raises LedgerDown if that went into a file that is no longer there."""
        held, sight = self._held, self._look()
        if held is None:
            return
        if sight is None or sight.files != held.sight.files:
            happened = self._let_go(held, sight)
            raise LedgerDown(f"{self._path}: {happened}what was being paid was not sent")
        held.sight = held.sight._replace(salts=sight.salts, log_size=sight.log_size)
        self._know(known)
        if held.log_pages >= CHECKPOINT_PAGES:
            with contextlib.suppress(apsw.Error):  # not now: after the next one
                held.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            held.log_pages = 0
            held.sight = look(self._path, self._log)

    def drop(self) -> None:
        """Begin with a new connection next time, after a failure; but keep one that has something to save."""
        held, sight = self._held, self._look()
        if held is None:
            return
        if sight is None or sight.files != held.sight.files:
            held.roll_back()
        else:
            self._held = None
            held.close(keep_log=True)

    def close(self) -> None:
        """Let go of the file; whoever is the last tidies up, if all is as it should be."""
        keep_log = False
        if self._held is not None:
            try:
                self.open()
            except (LedgerError, apsw.Error, OSError) as error:
                log.warning("ledger: %s", described(error))
                keep_log = True
        if self._held is not None:
            self._held.close(keep_log=keep_log)
            self._held = None
        if self._marks is not None:
            self._marks.close()
            self._marks = None
        self._log.close()

    def _know(self, known: Known) -> None:
        self.known = known
        if self._marks is None:
            self._marks = Marks(key_path(self._path))
        self._marks.set_replies(known.replies)

    def _look(self) -> Sight | None:
        try:
            return look(self._path, self._log)
        except OSError as error:
            if error.errno in _NOTHING_LEFT and self._held is not None:
                return self._held.sight  # nothing is known to have changed
            return None

    def _let_go(self, held: "_Held", sight: Sight | None) -> str:
        """Let go of what lies there no longer, or was written to; return what has happened, if it was more than that."""
        happened = ""
        if sight is None or sight.files != held.sight.files:
            happened = f"{_what(held.sight, sight, self._path)} under the running worker; {self._save(held)}; "
        self._held = None
        held.close(keep_log=True)
        return happened

    def _save(self, held: "_Held") -> str:
        """Save what an open file holds, and return where it is. Raises LedgerDown if that has to be tried again."""
        if held.marks.has_other_files(held.sight):
            raise LedgerDown(f"{self._path}: other workers have opened it anew; waiting for them")
        try:
            self.known = held.look_inside(self.known)
        except (LedgerError, apsw.CorruptError, apsw.NotADBError, apsw.IOError) as error:
            return f"what it held is lost: {described(error)}"
        try:
            held.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:  # perhaps halfway: to let go of the log now would be to lose both
            raise LedgerDown(f"{self._path}: what its log holds cannot be written into it yet: {error}") from error
        status = os.fstat(held.descriptor)
        replies = f"what it held, {self.known.replies} replies,"
        if status.st_nlink:
            return f"{replies} is in {_name(held.descriptor)}"
        saved = saved_path(self._path, self.known.replies)
        try:
            copy(held.connection, saved, status.st_mode)
        except (apsw.Error, OSError) as error:
            self._pinned.append(os.dup(held.descriptor))
            place = _place(self._pinned[-1])
            return f"{replies} could not be copied ({described(error)}): until this worker ends it is {place}"
        return f"{replies} lies in {saved}"

    def _open_anew(self) -> "_Held":
        sight = look(self._path)
        if self._refused is not None and self._refused[0] == sight:
            raise LedgerError(self._refused[1])
        held = _Held(self._path)
        try:
            self._know(held.open(self.known))
        except BaseException as error:
            held.close(keep_log=True)
            if isinstance(error, LedgerError) and not isinstance(error, LedgerDown):
                self._refused = look(self._path), str(error)
            raise
        self._refused = None
        return held


class _Held:
    """One connection, with what it takes to know what it leads to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._closing = contextlib.ExitStack()
        # A descriptor that is a place only: to close another one would give up SQLite's locks on the file.
        self.descriptor = os.open(path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC)
        self._closing.callback(os.close, self.descriptor)
        with self._closing.pop_all() as opened:
            self.marks = Marks(key_path(path))
            opened.callback(self.marks.close)
            self._closing = opened.pop_all()
        self.log_pages = 0
        self.sight: Sight
        self.connection: apsw.Connection

    def open(self, known: Known) -> Known:
        """Connect, and return how far the ledger has come. Raises LedgerError if it is not the one that is known."""
        self._await_others()
        self.connection = connect(self._path)
        self._closing.callback(self.connection.close, force=True)
        # In the place of SQLite's own checkpoints: a worker has to know of its own.
        self.connection.set_wal_hook(self._note_log)
        found = recognise(self.connection, known)
        self._await_knowledge()
        self.sight = look(self._path)
        self.marks.set_files(self.sight)
        if not os.path.samestat(os.fstat(self.descriptor), self._path.stat()):
            raise LedgerDown("replaced while it was opened")
        self._await_others()
        return found

    def differs(self, now: Sight) -> bool:
        """Return whether it has to be looked at anew."""
        return now.files != self.sight.files or self.sight.is_touched(now)

    def look_inside(self, known: Known) -> Known:
        """Return how far the ledger has come by what is on disk, without what SQLite remembers of it."""
        self.roll_back()
        self.connection.release_memory()
        return recognise(self.connection, known)

    def roll_back(self) -> None:
        """End what was begun."""
        if self.connection.in_transaction:
            with contextlib.suppress(apsw.Error):  # rolled back by what went wrong already
                self.connection.execute("ROLLBACK")

    def close(self, *, keep_log: bool) -> None:
        """Let go; `keep_log` leaves the log as it is, even where we are the last."""
        with self._closing:
            if hasattr(self, "connection"):
                self.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(keep_log))

    def _await_others(self) -> None:
        """Wait a moment for those who have other files open, or are opening these. Raises LedgerDown."""
        for _ in range(TRIES):
            if not self.marks.has_other_files(look(self._path)):
                return
            time.sleep(TRY_S)
        raise LedgerDown("another worker has yet to let go of what was removed or replaced")

    def _await_knowledge(self) -> None:
        """Read until nobody knows of more replies than are here. Raises LedgerDown if that stays so."""
        for _ in range(TRIES):
            replies = replies_in(self.connection)
            if not self.marks.has_more_replies(replies):
                return
            time.sleep(TRY_S)
        raise LedgerDown(f"an older copy: it holds {replies} replies, and another worker knows of more. {ADVICE}")

    def _note_log(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self.log_pages = pages
        return apsw.SQLITE_OK


def saved_path(path: Path, replies: int) -> Path:
    """Return where a ledger is copied that has lost its name; what holds the same replies may replace it."""
    return path.with_name(f"{path.name}.saved-{replies}")


def _what(before: Sight, now: Sight | None, path: Path) -> str:
    if now is None:
        return "removed, moved or out of reach"
    if now.file != before.file:
        return "another file was put in its place"
    return f"its log ({log_path(path).name}, {index_path(path).name}) was removed or replaced"


def _name(descriptor: int) -> str:
    """Return where a file can be found now, as far as the system says."""
    try:
        return str(Path(_place(descriptor)).readlink())
    except OSError:
        return "the file that it had open"


def _place(descriptor: int) -> str:
    return f"/proc/{os.getpid()}/fd/{descriptor}"
