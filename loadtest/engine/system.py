"""The parts of the operating system that the engine works with: sockets, a way to wait for many of them, and a nap.

gevent replaces all three in a whole process. In such a process the engine is given the originals, and a nap in which the other
greenlets have their turn.
"""

import select
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from loadtest.engine.poller import Poller, best


class System(NamedTuple):
    """One set of these parts."""

    socket: type[socket.socket]
    poller: Callable[[], Poller]
    nap: Callable[[float], object]
    """Sleeps for some seconds."""


PLAIN = System(socket.socket, lambda: best(select), time.sleep)
"""The system of a process that nobody has patched."""
