"""The trace of what a worker met, so that it can be played again: one line for each request, in a file of its own process.

1. A line is what `FIELDS` says (docs/reference/trace.md): when a message came, from whom, what it was answered for, and all
   that decides what it would be answered for under another file. Keyed hashes stand for numbers and message ids; there is no
   text. The head says which prefixes had a price: what the others were is not told.
2. The hashes' key follows from the ledger's, so all workers of a number write one sender alike, before a restart and after;
   yet it is another key, so that nobody can lay a trace beside a ledger who does not hold the ledger's key.
3. Bounded: its folder to `bytes_max`, all its files together; memory to `LINES_MAX` lines; work to nothing, once it has
   ended. It ends for good, says so in itself if the disk still takes it, and in the log once.
4. `add` touches no disk. `write` may be called in any thread, and whatever the disk does, it raises nothing; while somebody
   else has locked the folder the lines wait in memory, and nothing else waits for that.
5. No process writes into another's file. Lines stand in the order of the answers: one that the ledger was asked for comes
   later than others that came after it, by as long as the ledger may take.
"""

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock

from edge.core.text.optout import word_of
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.errors import ConfigError
from edge.system.access import why_not_written
from edge.system.alone import alone_in, try_alone_in

VERSION = 2
FIELDS = ("ms", "sender", "reason", "segments", "message", "prefix", "blocks", "media", "word", "genuine")
NUMBER = "number"
"""One more field, where there are several numbers: the place of the one that was written to. The head says how many there are."""
BLOCK_DIGITS = (2, 3, 4, 5)
"""The blocks of a sender that are told apart: those alike but for so many last digits."""
CUT = b'{"cut":"more was met than is recorded here"}\n'
NAMES = "trace-*.jsonl"
LINES_MAX = 100_000
"""Some 20 MB, and several seconds of all that one worker can refuse."""
_TRIES = 20
"""How often another process is waited for before the next second, 10 ms each: whatever is told the ledger is told after that."""
_HASH_BYTES = 8
"""The length of a hash. Among a million senders two are taken for one in one trace of forty million."""
_BLOCK_BYTES = 6
"""That of a block's. Among a hundred thousand blocks two are taken for one in one trace of fifty thousand."""

log = logging.getLogger("antirelou")


def check_folder(folder: Path) -> None:
    """Raise ConfigError if no trace could be written there, as far as that can be known without writing."""
    reason = why_not_written(folder)
    if reason is None:
        try:
            try_alone_in(folder)
        except OSError as error:
            reason = f"it cannot be locked: {error.strerror}" if folder.is_dir() else error.strerror
    if reason is not None:
        raise _refusal(folder, reason)


def try_folder(folder: Path) -> None:
    """Raise ConfigError if nothing can be written there."""
    try:
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise _refusal(folder, error.strerror) from None


def _refusal(folder: Path, reason: str | None) -> ConfigError:
    return ConfigError(
        f"server.trace: nothing can be written to {folder}: {reason}; make the folder, or choose another"
    )


def head(prefixes: Iterable[str], numbers: int = 1) -> bytes:
    """Return the first line of a trace, with the prefixes that have a price, and of how many numbers it tells, if there are several."""
    fields = {"trace": "antirelou", "version": VERSION, "fields": FIELDS, "prefixes": sorted(prefixes)}
    if numbers > 1:
        fields |= {"fields": (*FIELDS, NUMBER), "numbers": numbers}
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


class Trace:
    """One worker's record of what it met."""

    def __init__(
        self,
        folder: Path,
        *,
        bytes_max: int,
        key: bytes,
        clock: Callable[[], int],
        prefixes: Iterable[str],
        prefix_of: Callable[[str], str],
        numbers: int = 1,
    ) -> None:
        """`prefix_of` says which of the prefixes with a price a person's number has; blank for anybody else. `numbers` are ours."""
        self._folder = folder
        self._head = head(prefixes, numbers)
        self._tells_number = numbers > 1
        self._prefix_of = prefix_of
        self._bytes_max = bytes_max
        self._key = blake2b(b"trace", key=key, digest_size=32).digest()
        self._clock = clock
        self._lines: deque[str] = deque()
        self._writing = Lock()
        self._path: Path | None = None
        self._waits = False
        self._ended = ""
        """The reason why nothing more is recorded; empty while it is."""

    def add(self, reason: Reason, message: Message, came_ms: int | None = None, number: int = 0) -> None:
        """Remember one message until it is written; it came just now if nothing else is said, to the first number."""
        if self._ended:
            return
        if len(self._lines) >= LINES_MAX:
            self._ended = "more came than the disk took"
            return
        ms = self._clock() if came_ms is None else came_ms
        self._lines.append(self._line(reason, message, ms, number))

    def write(self) -> None:
        """Write what is remembered."""
        with self._writing:
            if not self._lines:
                return
            try:
                with alone_in(self._folder, _TRIES):
                    self._append("".join([self._lines.popleft() for _ in range(len(self._lines))]).encode())
            except BlockingIOError:
                if not self._waits:
                    log.warning(
                        "trace: %s is locked by another process; what is recorded waits in memory", self._folder
                    )
                self._waits = True
                return
            except OSError as error:
                self._ended = f"{self._folder}: {error.strerror}"
            self._waits = False
            if self._ended:
                self._lines.clear()
                log.warning("trace: %s; nothing more is recorded", self._ended)

    def _append(self, lines: bytes) -> None:
        """Write as many lines as fit, and say where they end if these are not all."""
        room = self._bytes_max - _held(self._folder) - len(self._head) - len(CUT)
        if len(lines) > room:
            self._ended = f"{self._folder} holds what trace-mb-max allows"
            lines = lines[: lines.rfind(b"\n", 0, max(0, room)) + 1]
        if room < 0:
            return
        path = self._path = self._path or self._folder / f"trace-{self._clock()}-{os.getpid()}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # Whoever moves a trace away while it is written gets two, each of them whole.
            head = b"" if os.fstat(file).st_size else self._head
            _write_all(file, head + lines + (CUT if self._ended else b""))
        finally:
            os.close(file)

    def _line(self, reason: Reason, message: Message, ms: int, number: int) -> str:
        sender, prefix = message.sender, self._prefix_of(message.sender)
        blocks = ",".join(f'"{self._hash(sender[:-digits], _BLOCK_BYTES)}"' for digits in BLOCK_DIGITS if prefix)
        word = message.word or word_of(message.text) or ""
        media = "true" if message.has_media else "false"
        to = f",{number}" if self._tells_number else ""
        return (
            f'[{ms},"{self._hash(sender)}","{reason}",{message.segments},"{self._hash(message.id)}",'
            f'"{prefix}",[{blocks}],{media},"{word}",null{to}]\n'
        )

    def _hash(self, name: str, digest_size: int = _HASH_BYTES) -> str:
        # A provider may write anything; only what is a number has a hash in the ledger.
        hashed = blake2b(name.encode(errors="replace"), key=self._key, digest_size=digest_size)
        return hashed.hexdigest() if name else ""


def _held(folder: Path) -> int:
    """Return how many bytes all traces of a folder have."""
    total = 0
    for path in folder.glob(NAMES):
        with suppress(FileNotFoundError):  # moved away meanwhile
            total += path.stat().st_size
    return total


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
