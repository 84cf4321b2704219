"""Finds the route of a sender: the longest prefix wins."""

from collections.abc import Collection, Mapping

import msgspec

from edge.core.charging.pace import cost_at
from edge.core.charging.question import Route
from edge.core.limits.rules import Pace, Sharing


class Routes:
    """All routes, by prefix."""

    def __init__(self, by_prefix: Mapping[str, Route]) -> None:
        self._by_prefix = dict(by_prefix)
        self._lengths = sorted({len(prefix) for prefix in by_prefix}, reverse=True)

    @property
    def prefixes(self) -> Collection[str]:
        """Those that lead anywhere."""
        return self._by_prefix.keys()

    def at(self, pace: Pace, sharing: Sharing) -> "Routes":
        """Return the same routes at another pace."""
        return Routes(
            {
                prefix: msgspec.structs.replace(route, cost=cost_at(route.cost.micros, pace, sharing))
                for prefix, route in self._by_prefix.items()
            }
        )

    def find(self, sender: str) -> Route | None:
        """Return the route, or None if no prefix matches."""
        for length in self._lengths:
            route = self._by_prefix.get(sender[:length])
            if route is not None:
                return route
        return None

    def prefix_of(self, sender: str) -> str:
        """Return the prefix that leads a sender anywhere, or a blank."""
        return next((sender[:length] for length in self._lengths if sender[:length] in self._by_prefix), "")
