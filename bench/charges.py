"""The ledger on disk by itself, and first messages to charge in it."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvloop

from bench import number
from edge.configfile import parse
from edge.core.charging.charge import Charge
from edge.core.charging.ledger import Ledger
from edge.core.limits.rules import Cost
from edge.core.wire.reason import Reason
from edge.ledger.opening import Place, open_ledger, prepare
from edge.meaning import terms


class Books:
    """An open ledger, and as many different charges as anybody wants."""

    def __init__(self, ledger: Ledger, cost: Cost, loop: asyncio.AbstractEventLoop) -> None:
        self._ledger = ledger
        self._cost = cost
        self._loop = loop
        self._positions = itertools.count()

    def admit(self, waiting: int) -> list[Reason]:
        """Charge so many first messages that wait together."""
        return self._loop.run_until_complete(self._together([self._next() for _ in range(waiting)]))

    def admit_in_turn(self, count: int) -> list[Reason]:
        """Charge so many first messages, each after the one before is written."""
        return self._loop.run_until_complete(self._in_turn([self._next() for _ in range(count)]))

    async def _together(self, charges: Sequence[Charge]) -> list[Reason]:
        return [decision.reason for decision in await asyncio.gather(*map(self._ledger.admit, charges))]

    async def _in_turn(self, charges: Sequence[Charge]) -> list[Reason]:
        return [(await self._ledger.admit(charge)).reason for charge in charges]

    def _next(self) -> Charge:
        position = next(self._positions)
        sender = position.to_bytes(16, "big")
        return Charge(f"SM{position:032x}", sender, sender, self._cost, position)


@contextmanager
def books_of(directory: Path) -> Iterator[Books]:
    """Open a new ledger in a folder, with money for everybody."""
    config = parse(number.static_file())
    place = Place("sqlite:ledger.db", directory, config.number.phone)
    prepare(place)
    route = terms.routes_of(config, terms.purse_of(config, 0, 0)).find("+33600000000")
    assert route is not None
    loop = uvloop.new_event_loop()  # as the worker's is

    async def opened() -> Ledger:
        return open_ledger(place, terms.rules_of(config), lambda: time.time_ns() // 1_000_000, lambda _: None)

    ledger = loop.run_until_complete(opened())
    try:
        yield Books(ledger, route.cost, loop)
    finally:
        loop.run_until_complete(ledger.close())
        loop.close()
