"""Waiting for many sockets at once: the system's epoll, or poll where there is none.

1. A wait is precise to some tens of microseconds. `epoll_wait` counts in milliseconds, so the epoll descriptor itself is
   given to `select`, which counts in microseconds: arrivals leave on time without spinning a core.
2. Where epoll is missing (macOS, Windows) `poll` does the same in whole milliseconds, and `name` says so.
"""

from collections.abc import Callable
from typing import Any, Protocol

READ, WRITE = 0x001, 0x004
"""The same bits in poll and in epoll."""
_PRECISE_US = 2_000
"""Below this the precise wait pays for its second system call."""


class Poller(Protocol):
    """Tells which of the registered descriptors can be read from or written to."""

    name: str

    def register(self, descriptor: int, interest: int) -> None:
        """Watch a descriptor for READ, WRITE or both; its end and its errors are always told."""
        ...

    def modify(self, descriptor: int, interest: int) -> None:
        """Watch a registered descriptor for something else."""
        ...

    def unregister(self, descriptor: int) -> None:
        """Forget a descriptor, before it is closed."""
        ...

    def wait(self, timeout_us: int) -> list[tuple[int, int]]:
        """Return the descriptors that are ready and how, at the latest after a while; at once if it is 0."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class Epoll:
    """The system's epoll."""

    name = "epoll"

    def __init__(self, select: Any) -> None:
        """Make one with the members of a `select` module."""
        self._epoll = select.epoll()
        self._select = select.select
        self.register: Callable[[int, int], None] = self._epoll.register
        self.modify: Callable[[int, int], None] = self._epoll.modify
        self.unregister: Callable[[int], None] = self._epoll.unregister
        self.close: Callable[[], None] = self._epoll.close

    def wait(self, timeout_us: int) -> list[tuple[int, int]]:
        """Return what is ready, waiting in microseconds when there is little to wait for."""
        if timeout_us >= _PRECISE_US:
            return self._epoll.poll(timeout_us // 1_000 / 1_000)  # type: ignore[no-any-return]
        if timeout_us > 0 and not self._select((self._epoll,), (), (), timeout_us / 1_000_000)[0]:
            return []
        return self._epoll.poll(0)  # type: ignore[no-any-return]


class Poll:
    """The portable one: slower with thousands of connections, and up to a millisecond late."""

    name = "poll (no epoll on this system: later by up to 1 ms, slower with many connections)"

    def __init__(self, select: Any) -> None:
        """Make one with the members of a `select` module."""
        self._poll = select.poll()
        self.register: Callable[[int, int], None] = self._poll.register
        self.modify: Callable[[int, int], None] = self._poll.modify
        self.unregister: Callable[[int], None] = self._poll.unregister

    def wait(self, timeout_us: int) -> list[tuple[int, int]]:
        """Return what is ready, waiting in whole milliseconds: never longer than asked for."""
        return self._poll.poll(timeout_us // 1_000)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Nothing is held."""


def best(select: Any) -> Poller:
    """Return the best poller that a `select` module has the means for."""
    return Epoll(select) if getattr(select, "epoll", None) is not None else Poll(select)
