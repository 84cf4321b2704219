"""A watch in a process of its own, with a short lease: `python -m tests.watch.sentry LEDGER_URL URL KITTY LENGTH_MS`."""

import asyncio
import sys
from pathlib import Path

from edge.api.client import Client
from edge.core.alerting.watching import AlertTerms
from edge.core.showing.forecast import Purse
from edge.ledger.opening import open_ledger
from edge.ledger.place import Place
from edge.state.voice import Voice
from edge.system.clock import clock
from edge.watch.address import channels_of
from edge.watch.channels import Channels
from edge.watch.hours import zone_of
from edge.watch.watch import Watch
from tests.ledger.parts import KEY, PHONE, RULES


async def stand(ledger_url, url, kitty_micros, length_ms):
    """Watch until killed."""
    key = b"" if ledger_url.startswith("sqlite:") else KEY
    ledger = open_ledger(Place(ledger_url, Path(), PHONE, key), RULES, clock, lambda _: None)
    watch = Watch(
        ledger=lambda: ledger,
        clock=clock,
        terms=AlertTerms("en", "EUR", kitty_micros, 1, 1, None, 0),
        purse=Purse(kitty_micros, 1, 1),
        zone=zone_of("UTC"),
        channels=Channels(channels_of(url, "url"), Client()),
        voice=Voice(None, "0" * 16),
        length_ms=length_ms,
    )
    while True:
        await watch.look()
        await asyncio.sleep(watch.pause_s)


if __name__ == "__main__":
    asyncio.run(stand(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
