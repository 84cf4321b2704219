"""A watch in a process of its own that looks after the webhooks of two numbers: `python -m tests.watch.attacher LEDGER_URL API_URL LENGTH_MS WHOLE_MS`."""

import asyncio
import sys
from pathlib import Path

from edge.api.client import Client
from edge.api.twilio import Twilio
from edge.api.webhook import Access
from edge.configfile import parse
from edge.core.alerting.watching import AlertTerms
from edge.core.showing.forecast import Purse
from edge.ledger.opening import open_ledger
from edge.ledger.place import Place
from edge.state.voice import Voice
from edge.system.clock import clock
from edge.watch.attaching import Attaching
from edge.watch.channels import Channels
from edge.watch.hours import zone_of
from edge.watch.tending import Tending
from edge.watch.watch import Watch
from edge.watchwiring import deciding_of
from tests.api.twilioserver import ACCOUNT, KEY, PHONE, SECRET
from tests.ledger.parts import KEY as LEDGER_KEY
from tests.ledger.parts import RULES
from tests.worker import URL, config

ANSWER_S = 0.3
ADDRESSES = {PHONE: URL, "+33937000001": "https://sms.example.org/other"}
"""The numbers that it looks after, of one account."""


def place_at(url):
    """Return the place of their ledger: a file, or a server, which is given the key."""
    return Place(url, Path(), PHONE, b"" if url.startswith("sqlite:") else LEDGER_KEY)


async def stand(ledger_url, url, length_ms, whole_ms):
    """Look after it until killed."""
    ledger = open_ledger(place_at(ledger_url), RULES, clock, lambda _: None)
    client = Client(whole_s=whole_ms / 2_000, answer_s=ANSWER_S)
    tending = []
    for phone, address in ADDRESSES.items():
        api = Twilio(Access(ACCOUNT, KEY, SECRET, url), phone)
        attaching = Attaching(
            phone=phone, url=address, api=api, client=client, whole_ms=whole_ms, first_ms=whole_ms // 8
        )
        tending.append(Tending(attaching, deciding_of(parse(config())), phone))
    watch = Watch(
        ledger=lambda: ledger,
        clock=clock,
        terms=AlertTerms("en", "EUR", 1_000_000, 1, 1, None, 0),
        purse=Purse(1_000_000, 1, 1),
        zone=zone_of("UTC"),
        channels=Channels([], client),
        voice=Voice(None, "0" * 16),
        tending=tending,
        length_ms=length_ms,
    )
    while True:
        await watch.look()
        await asyncio.sleep(watch.pause_s)


if __name__ == "__main__":
    asyncio.run(stand(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
