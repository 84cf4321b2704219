"""The connections that there is room for: each takes one of the files that the system lets a process open."""

import resource
from pathlib import Path

from edge.errors import AntirelouError

_RESERVE = 32
"""What Locust, a log, a report and a page may still open."""
_OWN = 136
"""What a worker of the run's own keeps of as many files for other things than our connections, at most."""
_LEAST = 8
_OPEN = Path("/dev/fd")


class TooFew(AntirelouError):
    """There is no room for a flood."""


def room(sharers: int = 0) -> int:
    """Return how many connections this process can open beside what it holds, with as many files as it may have.

    Of `sharers` that flood a worker of the run's own, each can open its part of what that has room for: it is allowed as few.
    """
    files = _files()
    held = sum(1 for _ in _OPEN.iterdir())
    left = files - held - _RESERVE
    return max(0, min(left, (files - _OWN) // sharers) if sharers else left)


def _files() -> int:
    """Return how many files this process may have open, once it has had that raised as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # a limit that this system does not let anybody reach
            hard = soft
    return 1 << 30 if hard == resource.RLIM_INFINITY else hard


def share_out(asked: int, endless: int, sharers: int = 0) -> int:
    """Return how many connections to open at most, of those `asked` for, beside those that never end. Raises TooFew."""
    left = room(sharers) - endless
    if left < _LEAST:
        raise TooFew(
            f"ulimit -n: there is room for {room(sharers)} connections, and this flood needs {endless + _LEAST}; allow more open "
            "files, play with more --processes, or at a smaller --rate"
        )
    return min(asked, left)
