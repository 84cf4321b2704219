"""Watches in processes of their own on one ledger, of which whoever holds the lease is killed again and again."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack

import apsw

from edge.core.charging.charge import Tally
from edge.ledger.opening import create, open_ledger, prepare
from edge.ledger.place import Place
from edge.system.clock import clock
from tests.ledger.parts import KEY, PHONE, RULES
from tests.ledger.servers import any_server, running
from tests.torture import rounds
from tests.worker import await_

LENGTH_MS = 400
EUR = 1_000_000


def test_each_event_arrives_whoever_is_killed(tmp_path, receiver, shows):
    """Each of them knows of one event more than the one before, says it, and is killed then: once, or twice around a crash."""
    chance, many = random.Random(2017), rounds(2, many=100)
    prepare(Place("sqlite:ledger.db", tmp_path, PHONE))
    waits_s = []
    with ExitStack() as stack:
        for number in range(many + 1):
            begun = time.monotonic()
            process = stack.enter_context(sentry(f"sqlite:{tmp_path}/ledger.db", receiver.url, (100 + number) * EUR))
            stack.callback(process.kill)
            if number:
                await_(lambda wanted=number: said(receiver)[title(wanted)])
                waits_s.append(time.monotonic() - begun)
            else:
                await_((tmp_path / "ledger.db-wal").exists)
                await_(lambda: holder(tmp_path))
            await_moment(chance)
            process.kill()

    found = said(receiver)
    shows("P11", rounds=many, faults=many + 1)

    assert [title(number) for number in range(1, many + 1)] == sorted(found)
    assert set(found.values()) <= {1, 2}
    assert max(waits_s) < 15


def test_of_two_machines_on_a_server_either_may_die(tmp_path, receiver):
    """Two processes on one Valkey: what each spends is told though one of them is killed, once, or twice around the crash."""
    with running(any_server(), tmp_path) as server, ExitStack() as stack:
        place = Place(server.url, tmp_path, PHONE, KEY)
        create(place)
        prepare(place)

        def machine():
            process = stack.enter_context(sentry(server.url, receiver.url, 100 * EUR))
            stack.callback(process.kill)
            return process

        machines = [machine(), machine()]
        for number, percent in enumerate((50, 20, 5)):
            asyncio.run(receive(place, 100 * EUR * (101 - percent) // 100))
            await_(lambda wanted=percent: any(f"less than {wanted} %" in title for title in said(receiver)))
            machines[number % 2].kill()
            machines[number % 2] = machine()

    assert {1, 2} >= set(said(receiver).values())
    assert 3 == len(said(receiver))


async def receive(place, micros):
    """Have receiving have cost so much in all, as a worker of one of the machines tells it."""
    ledger = open_ledger(place, RULES, clock, lambda _: None, "worker-1")
    await ledger.tell(Tally({}, micros))
    await ledger.close()


def await_moment(chance):
    """Let a moment pass, or none, so that it dies in the middle of anything."""
    until = time.monotonic() + chance.choice([0, chance.random() * LENGTH_MS / 1000])
    await_(lambda: time.monotonic() >= until)


def sentry(ledger_url, url, kitty_micros):
    """Start a watch."""
    arguments = [ledger_url, url, kitty_micros, LENGTH_MS]
    return subprocess.Popen([sys.executable, "-m", "tests.watch.sentry", *map(str, arguments)])


def holder(folder):
    """Return whether somebody holds the lease of a ledger, as it lies."""
    connection = apsw.Connection(str(folder / "ledger.db"), apsw.SQLITE_OPEN_READONLY)
    try:
        return list(connection.execute("SELECT 1 FROM about WHERE name = 'watch' AND value LIKE '%kitty%'"))
    finally:
        connection.close()


def title(number):
    """Return what is said of a kitty that was raised to so much."""
    return f"{100 + number}.00 EUR left: the kitty was raised"


def said(receiver):
    """Return what arrived, how often."""
    return Counter(request.json["title"] for request in receiver.requests)
