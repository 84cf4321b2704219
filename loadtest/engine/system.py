"""The parts of the operating system that the engine takes: sockets, a way to wait for many of them, and a nap in between.

gevent replaces all three in a whole process. Who plays in such a process hands in the originals, and a nap in which the other
greenlets have their turn.
"""

import select
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from loadtest.engine.poller import Poller, best


class System(NamedTuple):
    """The parts of the operating system that an engine works with."""

    socket: type[socket.socket]
    poller: Callable[[], Poller]
    nap: Callable[[float], object]
    """Sleeps for some seconds."""


PLAIN = System(socket.socket, lambda: best(select), time.sleep)
"""The system of a process that nobody has patched."""
