"""Watches in processes of their own that look after two numbers, by a ledger in a file or on a server: whoever acts is killed at every point, and calls fail in every way."""

import asyncio
import random
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from edge.core.detaching.webhook import attached_again, detached_by_hand
from edge.core.kept.attachment import Attachment
from edge.ledger.opening import create, open_ledger, prepare
from edge.system.clock import clock
from tests.api.twilioserver import FAULTS, PHONE, standing_in
from tests.ledger.parts import RULES
from tests.ledger.servers import any_server, running
from tests.torture import rounds
from tests.watch.attacher import ADDRESSES, place_at
from tests.worker import await_

LENGTH_MS, WHOLE_MS = 800, 1_500
OTHER = next(phone for phone in ADDRESSES if phone != PHONE)
SIDE_BY_SIDE = 2
POINTS = ("write before", "write after", "write answered", "look before", "look after", "wanted")
"""Where whoever acts is killed: around each of its calls, those first that a few rounds are for; some time after something else is wanted."""


class House:
    """Two numbers, their ledger, and the processes that look after them."""

    def __init__(self, place, twilio):
        self.place = place
        self.twilio = twilio
        self.runner = asyncio.Runner()
        self.ledger = None
        self.processes = {}
        self.number = 0
        self.point = None
        self.killed = 0
        twilio.buy(OTHER, ADDRESSES[OTHER])
        twilio.hook = self.pass_point

    def start(self):
        """Start one more, which its calls tell apart from the others."""
        self.number += 1
        arguments = [self.place.url, f"{self.twilio.url}/w{self.number}", LENGTH_MS, WHOLE_MS]
        self.processes[f"w{self.number}"] = subprocess.Popen(
            [sys.executable, "-m", "tests.watch.attacher", *map(str, arguments)]
        )

    def pass_point(self, request, when):
        """Kill whoever calls, if this is where it is to die."""
        what = "write" if request.method == "POST" else "look"
        if self.point == f"{what} {when}":
            self.kill(request.headers["x-worker"])

    def kill(self, name=None):
        """Kill a process: that one, or any."""
        self.point = None
        process = self.processes.pop(name or random.choice(list(self.processes)), None)
        if process is not None:
            process.kill()
            process.wait()
            self.killed += 1

    def with_ledger(self, do):
        """Have the ledger do something."""

        async def done():
            if self.ledger is None:
                self.ledger = open_ledger(self.place, RULES, clock, lambda _: None)
            return await do(self.ledger)

        return self.runner.run(done())

    def kept(self):
        """Return what the ledger says of each number."""

        async def read(ledger):
            attachments = (await ledger.totals()).attachments
            return {phone: attachments.get(phone, Attachment()) for phone in ADDRESSES}

        return self.with_ledger(read)

    def want(self, phone, *, attached):
        """Want something else of a number, as somebody does by hand."""

        async def change(ledger):
            totals = await ledger.totals()
            before = totals.attachments.get(phone, Attachment())
            after = (
                attached_again(before, totals.now_ms, by_hand=True)
                if attached
                else detached_by_hand(before, None, totals.now_ms)
            )
            return await ledger.keep_attachment(phone, before, after)

        while not self.with_ledger(change):
            pass

    def is_done(self, wanted):
        """Return whether the provider and the ledger say what is wanted of each number, and nobody has anything to find out."""
        if any(self.twilio.address_of(phone) != (ADDRESSES[phone] if wanted[phone] else "") for phone in wanted):
            return False
        return all(kept.attached == wanted[phone] and kept.is_settled for phone, kept in self.kept().items())

    def end(self):
        """End all of them."""
        self.twilio.hook = None
        self.with_ledger(lambda ledger: ledger.close())
        self.runner.close()
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture(name="house", params=["file", "server"])
def _house(request, tmp_path):
    """Yield a house on each kind of ledger."""
    with ExitStack() as stack:
        if request.param == "file":
            place = place_at(f"sqlite:{tmp_path / 'ledger.db'}")
        else:
            place = place_at(stack.enter_context(running(any_server(), tmp_path)).url)
            create(place)
        prepare(place)
        house = House(place, stack.enter_context(standing_in()))
        stack.callback(house.end)
        yield house


def writes_of(requests, phone, sid):
    """Return the requests about a number, in their order: which of them write."""
    return [
        request.method == "POST"
        for request in requests
        if request.path.endswith(f"/{sid}.json") or ("PhoneNumber", phone) in request.form
    ]


def test_the_number_ends_as_the_ledger_says_whoever_is_killed(house, shows):
    """Between decision, call and note, with calls that fail besides; nothing is written again before somebody has looked.

    Another number is changed each time, or the same again; of the other one nothing is touched.
    """
    chance, many = random.Random(2017), rounds(3, many=100)
    transient = [fault for fault in FAULTS if fault not in {"301", "401"}]
    wanted = dict.fromkeys(ADDRESSES, True)
    for _ in range(SIDE_BY_SIDE):
        house.start()
    for number in range(many):
        phone = chance.choice(list(ADDRESSES))
        wanted[phone] = not wanted[phone]
        house.twilio.faults = chance.choices([*transient, ""], k=chance.randrange(3)) if number else []
        house.point = POINTS[number % len(POINTS)] if number % 7 < 6 else None
        killed = house.killed
        house.want(phone, attached=wanted[phone])
        if house.point in {None, "wanted"}:
            until = time.monotonic() + chance.random() * LENGTH_MS / 1_000
            await_(lambda until=until: time.monotonic() >= until)
            house.kill()
        await_(lambda killed=killed: house.killed > killed, 60)
        house.start()
        await_(lambda: house.is_done(wanted), 60)

    requests = list(house.twilio.requests)
    of_each = [writes_of(requests, phone, house.twilio.numbers[phone]["sid"]) for phone in ADDRESSES]
    blind = [two for asked in of_each for one, two in zip([True, *asked], asked, strict=False) if one and two]
    shows("P12", rounds=many, requests=len(requests), faults=house.killed)

    assert many == house.killed
    assert many <= sum(map(sum, of_each))
    assert [] == blind
