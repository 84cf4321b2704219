"""Watches in processes of their own that look after one number: whoever acts is killed at every point, and calls fail in every way."""

import asyncio
import random
import subprocess
import sys
import time

import pytest

from edge.clock import clock
from edge.core.detaching.webhook import attached_again, detached_by_hand
from edge.core.kept.attachment import Attachment
from edge.ledger.opening import open_ledger, prepare
from edge.ledger.place import Place
from tests.api.twilioserver import FAULTS, PHONE, standing_in
from tests.ledger.parts import RULES
from tests.torture import rounds
from tests.worker import URL, await_

LENGTH_MS, WHOLE_MS = 800, 1_500
SIDE_BY_SIDE = 2
POINTS = ("wanted", "look before", "look after", "write before", "write after", "write answered")
"""Where whoever acts is killed: some time after something else is wanted, and around each of its calls."""


class House:
    """A number, its ledger, and the processes that look after it."""

    def __init__(self, folder, twilio):
        self.folder = folder
        self.twilio = twilio
        self.place = Place("sqlite:ledger.db", folder, PHONE)
        prepare(self.place)
        self.runner = asyncio.Runner()
        self.ledger = None
        self.processes = {}
        self.number = 0
        self.point = None
        self.killed = 0
        twilio.hook = self.pass_point

    def start(self):
        """Start one more, which its calls tell apart from the others."""
        self.number += 1
        arguments = [self.folder / "ledger.db", f"{self.twilio.url}/w{self.number}", LENGTH_MS, WHOLE_MS]
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
        """Return what the ledger says of the number."""

        async def read(ledger):
            return (await ledger.totals()).attachments.get(PHONE, Attachment())

        return self.with_ledger(read)

    def want(self, *, attached):
        """Want something else, as somebody does by hand."""

        async def change(ledger):
            totals = await ledger.totals()
            before = totals.attachments.get(PHONE, Attachment())
            after = (
                attached_again(before, totals.now_ms, by_hand=True)
                if attached
                else detached_by_hand(before, None, totals.now_ms)
            )
            return await ledger.keep_attachment(PHONE, before, after)

        while not self.with_ledger(change):
            pass

    def is_done(self, *, attached):
        """Return whether the provider and the ledger say the same, and nobody has anything to find out."""
        if self.twilio.address != (URL if attached else ""):
            return False
        kept = self.kept()
        return kept.attached == attached and kept.is_settled

    def end(self):
        """End all of them."""
        self.twilio.hook = None
        self.with_ledger(lambda ledger: ledger.close())
        self.runner.close()
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture(name="house")
def _house(tmp_path):
    with standing_in() as twilio:
        house = House(tmp_path, twilio)
        yield house
        house.end()


def test_the_number_ends_as_the_ledger_says_whoever_is_killed(house, shows):
    """Between decision, call and note, with calls that fail besides; nothing is written again before somebody has looked."""
    chance, many = random.Random(2017), rounds(5, many=100)
    transient = [fault for fault in FAULTS if fault not in {"301", "401"}]
    for _ in range(SIDE_BY_SIDE):
        house.start()
    for number in range(many):
        attached = bool(number % 2)
        house.twilio.faults = chance.choices([*transient, ""], k=chance.randrange(3)) if number else []
        house.point = POINTS[number % len(POINTS)] if number % 7 else None
        killed = house.killed
        house.want(attached=attached)
        if house.point in {None, "wanted"}:
            until = time.monotonic() + chance.random() * LENGTH_MS / 1_000
            await_(lambda until=until: time.monotonic() >= until)
            house.kill()
        await_(lambda killed=killed: house.killed > killed, 60)
        house.start()
        await_(lambda attached=attached: house.is_done(attached=attached), 60)

    asked = [(request.method, request.path) for request in house.twilio.requests if "IncomingPhone" in request.path]
    writes = [place for place, (method, _) in enumerate(asked) if method == "POST"]
    shows("P12", rounds=many, requests=len(house.twilio.requests), faults=house.killed)

    assert many == house.killed
    assert many <= len(writes)
    assert [] == [two for one, two in zip([-1, *writes], writes, strict=False) if two == one + 1]
