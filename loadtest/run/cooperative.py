"""The system for an engine in a process that gevent has made cooperative, as Locust does.

1. A greenlet for each request costs more than the request, so the engine waits for its sockets by itself, below gevent: it
   gets the system's own sockets, epoll and select, which gevent hides.
2. Its naps are gevent's: Locust's messages, its pages and its timers go on meanwhile.
"""

from types import SimpleNamespace
from typing import Any

import gevent
from gevent import monkey

from loadtest.engine.poller import best
from loadtest.engine.system import System


def _original(name: str) -> Any:
    """Return a member of the `select` module as it was before gevent's patches; None where this system lacks it."""
    try:
        return monkey.get_original("select", name)
    except AttributeError:
        return None


_SELECT = SimpleNamespace(**{name: _original(name) for name in ("select", "poll", "epoll")})
COOPERATIVE = System(monkey.get_original("socket", "socket"), lambda: best(_SELECT), gevent.sleep)
