"""The hours of a ledger, read once for all of our numbers that are looked after in one look.

A ledger answers with those of all numbers: to ask for each number again would take as often as long.
"""

from collections.abc import Mapping, Sequence

from edge.core.charging.ledger import Ledger
from edge.core.kept.hours import Hour


class Reading:
    """What was read in one look."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._hours: dict[int, Sequence[Hour]] = {}
        self._of_each: dict[int, Mapping[str, Sequence[Hour]]] = {}

    async def hours(self, since_ms: int) -> Sequence[Hour]:
        """Return the hours of all numbers that began at an instant or after it. Raises LedgerDown."""
        if since_ms not in self._hours:
            self._hours[since_ms] = await self.ledger.hours(since_ms)
        return self._hours[since_ms]

    async def hours_of_each(self, since_ms: int) -> Mapping[str, Sequence[Hour]]:
        """Return the same hours of each of several numbers. Raises LedgerDown."""
        if since_ms not in self._of_each:
            self._of_each[since_ms] = await self.ledger.hours_of_each(since_ms)
        return self._of_each[since_ms]
