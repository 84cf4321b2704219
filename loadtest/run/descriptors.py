"""The connections that there is room for: each takes one of the files that the system lets a process open."""

import resource
from pathlib import Path

from edge.errors import AntirelouError

_RESERVE = 32
"""What Locust, a log, a report and a page may still open."""
_LEAST = 8
_OPEN = Path("/dev/fd")


class TooFew(AntirelouError):
    """There is no room for a flood."""


def room() -> int:
    """Return how many connections this process can open beside what it holds, with as many files as it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # a limit that this system does not let anybody reach
            hard = soft
    held = sum(1 for _ in _OPEN.iterdir())
    return max(0, (1 << 30 if hard == resource.RLIM_INFINITY else hard) - held - _RESERVE)


def share_out(asked: int, endless: int) -> int:
    """Return how many connections to open at most, of those `asked` for, beside those that never end. Raises TooFew."""
    left = room() - endless
    if left < _LEAST:
        raise TooFew(
            f"ulimit -n: there is room for {room()} connections, and this flood needs {endless + _LEAST}; allow more open "
            "files, play with more --processes, or at a smaller --rate"
        )
    return min(asked, left)
