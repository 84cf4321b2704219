"""Reads traces, which workers recorded: one request after the other, several files in order of time.

1. A trace begins with a line that says so; each line after it is one message, as docs/reference/trace.md says; an object at
   its end says that more was met than stands there. Another trace may follow in the same file. Traces of version 1 say less, and are played as well as that allows.
2. A request that had to wait for the ledger stands behind others that came after it, by less than `DISORDER_MS`: within
   that, lines are put in order. Several traces are merged; of the same instant, in the order in which they were named.
3. Whatever else stands there is refused, with the file and the line. Only a last line that was cut short, as by a killed
   worker or a full disk, is left out, and said.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import msgspec

from edge.core.wire.reason import Reason
from edge.errors import UNREADABLE, AntirelouError

NAMES = "trace-*.jsonl"
"""The names that workers give to their traces in the folder that they write them to."""
DISORDER_MS = 5_000
"""More than twice as long as a worker waits for its ledger."""
VERSION = 2
FIELDS = ("ms", "sender", "reason", "segments", "message", "prefix", "blocks", "media", "word", "genuine")
NUMBER = "number"
"""One more field, where a trace tells of several numbers: its head says of how many (`numbers`)."""
_FIELDS_BEFORE = FIELDS[:4]
_HEAD_BYTES_MAX = 100_000
"""It names every prefix that has a price, of which there may be thousands."""
_HEAD_BEGINS = b'{"trace":'
Say = Callable[[str], None]


class TraceError(AntirelouError):
    """A trace cannot be played."""


Instant = Annotated[int, msgspec.Meta(ge=0, lt=253_402_300_800_000)]
"""Up to the end of the calendar, the year 9999."""
Hash = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{16})?$")]
BlockHash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{12}$")]
Segments = Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class Met(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """One message that a worker met, or one of a flood that was not played."""

    ms: Instant
    sender: Hash
    """A keyed hash; empty where nobody was made out."""
    reason: Reason | None
    """None where nobody has answered it yet."""
    segments: Segments
    message: Hash
    """A keyed hash of its id: a message that is delivered again has the same. Empty where that was not recorded."""
    prefix: Annotated[str, msgspec.Meta(pattern=r"^(\+[0-9]{1,15})?$")]
    """That with a price which the sender has; empty where there is none."""
    blocks: Annotated[tuple[BlockHash, ...], msgspec.Meta(max_length=4)]
    """Hashes of the sender's number without its last 2, 3, 4 and 5 digits."""
    media: bool
    word: Literal["", "stop", "start", "help"]
    genuine: bool | None
    """Whether a person stands behind it, where the flood knows that."""
    number: Annotated[int, msgspec.Meta(ge=0, lt=100)] = 0
    """To which of several numbers it was written, counted from zero. Where a file has one, that gets them all."""


class _MetBefore(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """One request, as version 1 has it."""

    ms: Instant
    sender: Hash
    reason: Reason
    segments: Segments


class _Head(msgspec.Struct, frozen=True):
    trace: str
    version: int
    numbers: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_now = msgspec.json.Decoder(Met).decode
_decode_before = msgspec.json.Decoder(_MetBefore).decode


def _from_before(line: bytes) -> Met:
    met = _decode_before(line)
    return Met(met.ms, met.sender, met.reason, met.segments, "", "", (), media=False, word="", genuine=None)


_VERSIONS = {1: (_from_before, _FIELDS_BEFORE), VERSION: (_decode_now, FIELDS)}


def silent(_line: str) -> None:
    """Say nothing."""


def read(names: Iterable[str], say: Say = silent) -> Iterator[Met]:
    """Yield what stands in traces, or in all those of a folder; `say` gets what is missing. Raises TraceError."""
    return heapq.merge(*(_read(path, say) for path in _paths(names)), key=lambda met: met.ms)


def check(names: Iterable[str]) -> None:
    """Look at every line. Raises TraceError."""
    names = list(names)
    if sum(1 for _ in read(names)) == 0:
        raise TraceError(f"{names[0]}: no request stands in it")


def numbers_of(names: Iterable[str]) -> int:
    """Return of how many numbers traces tell, as their heads say, which were checked. Raises TraceError."""
    return max(_decode_head(line).numbers for path in _paths(names) for line in _heads(path))


def _paths(names: Iterable[str]) -> list[Path]:
    paths: list[Path] = []
    for path in map(Path, names):
        try:
            found = sorted(path.glob(NAMES)) if path.is_dir() else [path]
        except OSError as error:  # of a name that is too long, or a folder that may not be looked into
            raise TraceError(f"{path}: cannot be read: {error.strerror}") from None
        if not found:
            raise TraceError(f"{path}: no trace is in this folder ({NAMES})")
        paths += found
    return paths


def _read(path: Path, say: Say) -> Iterator[Met]:
    try:
        with path.open("rb") as file:
            version = _version(path, file.readline(_HEAD_BYTES_MAX))
            yield from _in_order(_lines(path, file, version, say))
    except OSError as error:
        raise TraceError(f"{path}: cannot be read: {error.strerror}") from None


def _heads(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line for line in file if line.startswith(_HEAD_BEGINS))


def _version(path: Path, line: bytes, number: int = 1) -> int:
    try:
        head = _decode_head(line)
    except UNREADABLE:
        head = None
    if head is None or head.trace != "antirelou":
        raise TraceError(f'{path}:{number}: not a trace; one begins with {{"trace":"antirelou","version":{VERSION}')
    if head.version not in _VERSIONS:
        raise TraceError(
            f"{path}:{number}: a trace of version {head.version}; this harness plays versions 1 and {VERSION}"
        )
    return head.version


def _in_order(lines: Iterable[tuple[str, Met]]) -> Iterator[Met]:
    """Yield requests by their instants, those of one instant as they stand. Raises TraceError if that cannot be done."""
    waiting: list[tuple[int, int, Met]] = []
    latest_ms = 0
    for n, (where, met) in enumerate(lines):
        back_ms = latest_ms - met.ms
        if back_ms > DISORDER_MS:
            raise TraceError(f"{where}: {back_ms} ms before a line above it: the clock was set; part the file there")
        latest_ms = max(latest_ms, met.ms)
        heapq.heappush(waiting, (met.ms, n, met))
        while waiting[0][0] < latest_ms - DISORDER_MS:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def _lines(path: Path, file: BinaryIO, version: int, say: Say) -> Iterator[tuple[str, Met]]:
    """Yield each request with where it stands."""
    decode, fields = _VERSIONS[version]
    for number, line in enumerate(file, start=2):
        where = f"{path}:{number}"
        if line.startswith(_HEAD_BEGINS):  # of another trace, which somebody put behind the first
            decode, fields = _VERSIONS[_version(path, line, number)]
            continue
        if line.startswith(b"{"):
            say(f"{where}: cut here: more was met than was recorded")
            continue
        try:
            met = decode(line)
        except UNREADABLE as error:
            if line.endswith(b"\n") or isinstance(error, msgspec.ValidationError):
                raise TraceError(f"{where}: {error}; a line is [{', '.join(fields)}]") from None
            say(f"{where}: the last line is cut short, and left out")
            return
        yield where, met
