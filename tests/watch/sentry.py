"""A watch in a process of its own, on a ledger in a file, with a short lease: `python -m tests.watch.sentry LEDGER URL KITTY LENGTH_MS`."""

import asyncio
import sys
from pathlib import Path

from edge.api.client import Client
from edge.clock import clock
from edge.core.forecast import Budget
from edge.core.watching import Terms
from edge.ledger.opening import open_ledger
from edge.ledger.place import Place
from edge.state.voice import Voice
from edge.watch.address import addresses_of
from edge.watch.channels import Channels
from edge.watch.hours import zone_of
from edge.watch.watch import Watch
from tests.ledger.parts import PHONE, RULES


async def stand(path, url, kitty_micros, length_ms):
    """Watch until killed."""
    ledger = open_ledger(Place(f"sqlite:{path.name}", path.parent, PHONE), RULES, clock, lambda _: None)
    watch = Watch(
        ledger=lambda: ledger,
        clock=clock,
        terms=Terms("en", "EUR", kitty_micros, 1, 1, None, 0),
        budget=Budget(kitty_micros, 1, 1),
        zone=zone_of("UTC"),
        channels=Channels(addresses_of(url, "url"), Client()),
        voice=Voice(None, "0" * 16),
        length_ms=length_ms,
    )
    while True:
        await watch.look()
        await asyncio.sleep(watch.pause_s)


if __name__ == "__main__":
    asyncio.run(stand(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
