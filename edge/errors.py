"""The errors, by whose fault they are.

A refused message is not an error: it is a :class:`edge.core.wire.reason.Reason`. Errors are for the operator (a file that
does not hold) and for the disk or the network (a ledger that does not answer).
"""

import difflib
import errno
from collections.abc import Iterable

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that comes of reading what is no JSON, no text, or nested without an end."""
_LINE_BEGIN, _LINE_END = 600, 300
"""What is kept of a longer line: what is said first, and what would be right, around a value that somebody pasted."""


def one_line(text: str) -> str:
    """Return a text in which nothing ends a line or steers a terminal: what cannot be printed is written out, what is endless left out."""
    if len(text) > _LINE_BEGIN + _LINE_END:
        text = f"{text[:_LINE_BEGIN]} … {text[-_LINE_END:]}"
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def joined_lines(text: str) -> str:
    """Return a text whose lines are one: click writes choices on lines of their own."""
    return " ".join(text.split())


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """Return ``did you mean "x"? (known: …)`` for a name that is not known, or what is known where none is near."""
    names = list(known)
    near = difflib.get_close_matches(found, names, n=1, cutoff=0.5)
    listed = f"known: {', '.join(names)}"
    return f'did you mean "{near[0]}"? ({listed})' if near else listed


def shown(value: object) -> str:
    """Return a value as it stands in a TOML file, or what it is where that may be long."""
    if isinstance(value, dict | list):
        name = "table" if isinstance(value, dict) else "list"
        return f"a {name}" if value else f"an empty {name}"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)


def described(error: BaseException) -> str:
    """Return what an error of somebody else's says of itself: its words if they say what it is, and its kind before them if not.

    The operator can look up "OSError"; a bare number, or nothing at all, tells them nothing.
    """
    words, kind = str(error), type(error).__name__
    if isinstance(error, OSError) and error.strerror and error.filename is None:
        words = error.strerror  # without its number
    if not words:
        return kind
    return words if " " in words and not isinstance(error, LookupError) else f"{kind}: {words}"


_OF_OUTPUT = frozenset(
    [errno.EPIPE, errno.ENOSPC, errno.EBADF, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EAGAIN, errno.ECONNRESET]
)
"""What becomes of whoever writes to a terminal, a pipe, a file or a device that takes no more."""


def refused(error: OSError) -> str:
    """Return what the system refused a command: a file by its name, and what has none by what it has to be."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    if error.errno == errno.ENOENT:  # nothing else that has no name can be missing
        return "the folder in which this was called is not there any more; go to another one"
    if error.errno in _OF_OUTPUT:
        return f"standard output cannot be written: {reason}"
    return f"the system refuses something: {reason}"


class AntirelouError(Exception):
    """The root; its text is one line that can be shown to the operator as it is, whatever stands in their files."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


class ConfigError(AntirelouError):
    """The static file, or a secret that it points to, does not hold: what, where, and what would be right."""


class ProviderError(AntirelouError):
    """The provider did not tell what it was asked; nothing was changed."""


class LedgerError(AntirelouError):
    """The ledger cannot be opened, or refuses what it was asked; nothing was spent."""


class LedgerDown(LedgerError):
    """The ledger did not answer in time. Whether the charge was written is unknown; it may only be counted, never lost."""
