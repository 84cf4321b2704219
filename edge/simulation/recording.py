"""A trace as the simulation takes it: who wrote what when, in order of time (docs/reference/trace.md).

1. The lines come as they stand in one file or in several of one night; whoever calls reads them. Several traces may stand in one file.
2. A trace of version 1 tells neither prefixes nor blocks, and so not what a file would answer: it is refused.
3. Only a last line that was cut short is left out; whatever else is no message is refused, with where it stands.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Literal, TypeVar

import msgspec

from edge.core.wire.reason import Reason
from edge.errors import UNREADABLE, AntirelouError
from edge.units import DAY_MS

VERSION = 2
DISORDER_MS = 5_000
"""More than twice as long as a worker waits for its ledger."""

Instant = Annotated[int, msgspec.Meta(ge=0, lt=253_402_300_800_000)]
"""Up to the end of the calendar, the year 9999."""
DAYS_MAX = 3_650
"""Ten years: what is simulated is worked out day by day."""
Prefix = Annotated[str, msgspec.Meta(pattern=r"^\+[0-9]{1,15}$")]


class TraceError(AntirelouError):
    """A trace does not tell what a simulation needs to know."""


class Met(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """One message of a trace."""

    ms: Instant
    sender: str
    reason: Reason | None
    segments: Annotated[int, msgspec.Meta(ge=0, le=1_000)]
    message: str
    prefix: Annotated[str, msgspec.Meta(pattern=r"^(\+[0-9]{1,15})?$")]
    blocks: Annotated[tuple[str, ...], msgspec.Meta(max_length=4)]
    media: bool
    word: Literal["", "stop", "start", "help"]
    genuine: bool | None
    number: Annotated[int, msgspec.Meta(ge=0, lt=100)] = 0
    """To which of several numbers it was written, counted from zero in the order of the file."""


class FirstLine(msgspec.Struct, frozen=True):
    """The first line of a trace."""

    trace: str
    version: int
    prefixes: list[Prefix] = []
    floods: list[tuple[Instant, Instant]] = []
    numbers: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    """Of so many numbers it tells."""


class Recording(msgspec.Struct, frozen=True):
    """All messages of one flood or night, in order of time."""

    name: str
    prefixes: frozenset[str]
    """Those that had a price when it was recorded."""
    floods: tuple[tuple[int, int], ...]
    """When others than people wrote; empty where nobody knows."""
    met: tuple[Met, ...]
    cut: bool
    """Whether more was met than stands here."""
    numbers: int = 1
    """Of so many numbers it tells."""

    @property
    def lasted_ms(self) -> int:
        """How long it went on."""
        return self.met[-1].ms - self.met[0].ms


_Kind = TypeVar("_Kind", Met, FirstLine)
_HEAD_BEGINS = b'{"trace":'
_decode_head = msgspec.json.Decoder(FirstLine).decode
_decode = msgspec.json.Decoder(Met).decode


def recording(name: str, files: Iterable[tuple[str, Iterable[bytes]]]) -> Recording:
    """Return the messages of one or several files, each with its own name. Raises TraceError."""
    met: list[Met] = []
    prefixes: set[str] = set()
    floods: set[tuple[int, int]] = set()
    cut, numbers = False, 1
    for path, lines in files:
        heads, told, was_cut = _file(path, lines)
        numbers = max(numbers, *(head.numbers for head in heads))
        prefixes.update(prefix for head in heads for prefix in head.prefixes)
        floods.update(flood for head in heads for flood in head.floods)
        met += told
        cut = cut or was_cut
    if not met:
        raise TraceError(f"{name}: no message stands in it")
    met.sort(key=lambda one: one.ms)
    found = Recording(name, frozenset(prefixes), tuple(sorted(floods)), tuple(met), cut, numbers)
    days = found.lasted_ms // DAY_MS
    if days > DAYS_MAX:
        raise TraceError(
            f"{name}: {days:,} days lie between its first message and its last, and at most {DAYS_MAX:,} are played; part it"
        )
    return found


def _file(path: str, lines: Iterable[bytes]) -> tuple[list[FirstLine], list[Met], bool]:
    numbered = enumerate(lines, start=1)
    heads = [_head(path, *next(numbered, (1, b"")))]
    met: list[Met] = []
    cut, latest_ms = False, 0
    for number, line in numbered:
        if line.startswith(_HEAD_BEGINS):  # of another trace, which somebody put behind the first
            heads.append(_head(path, number, line))
            continue
        if line.startswith(b"{"):
            cut = True
            continue
        if not line.endswith(b"\n") and _is_cut(line):
            if next(numbered, None) is not None:
                raise TraceError(
                    f"{path}:{number}: longer than any message; a line is [ms, sender, reason, segments, ...]"
                )
            cut = True
            break
        one = _read(_decode, line, f"{path}:{number}", "a line is [ms, sender, reason, segments, ...] as the head says")
        if latest_ms - one.ms > DISORDER_MS:
            raise TraceError(
                f"{path}:{number}: {latest_ms - one.ms} ms before a line above it: the clock was set; part the file there"
            )
        latest_ms = max(latest_ms, one.ms)
        met.append(one)
    return heads, met, cut


def _head(path: str, number: int, line: bytes) -> FirstLine:
    right = f'one begins with {{"trace":"antirelou","version":{VERSION}'
    head = _read(_decode_head, line, f"{path}:{number}: not a trace", right)
    if head.trace != "antirelou":
        raise TraceError(f"{path}:{number}: not a trace; {right}")
    if head.version == 1:
        raise TraceError(
            f"{path}:{number}: a trace of version 1 tells neither prefixes nor blocks; record anew (the harness still plays it)"
        )
    if head.version != VERSION:
        raise TraceError(
            f"{path}:{number}: a trace of version {head.version}; this version of the program reads {VERSION}"
        )
    return head


def _read(decode: Callable[[bytes], _Kind], line: bytes, where: str, right: str) -> _Kind:
    try:
        return decode(line)
    except UNREADABLE as error:
        raise TraceError(f"{where}: {error}; {right}") from None


def _is_cut(line: bytes) -> bool:
    """Return whether a last line is only the beginning of one."""
    try:
        msgspec.json.decode(line)
    except UNREADABLE:
        return True
    return False
