"""The watch of several workers on one ledger: one speaks, another takes over, each event arrives once, and twice around a crash."""

import asyncio
import logging
import sys
from collections import Counter

import msgspec
import pytest

from edge.api.client import Client
from edge.configfile import parse
from edge.core.alerting.alert import Link
from edge.core.alerting.watching import AlertTerms
from edge.core.charging.charge import Tally
from edge.core.kept.lease import RESTARTED, SIGNATURE
from edge.core.showing.forecast import Purse
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning import insight
from edge.meaning.terms import purse_of
from edge.state.voice import Voice
from edge.units import HOUR_MS, MINUTE_MS
from edge.watch.address import channels_of
from edge.watch.channels import Channels
from edge.watch.heartbeat import Heartbeat
from edge.watch.hours import zone_of
from edge.watch.watch import DOWN_MS, LENGTH_MS, Watch, notes_of
from tests.ledger.parts import NOW_MS, RULES, Clock
from tests.watch.receiver import nobody, status
from tests.worker import config

EUR = 1_000_000
PURSE = Purse(2_000 * EUR, 35 * EUR, 8 * EUR)
TERMS = AlertTerms("en", "EUR", 2_000 * EUR, 8 * EUR, 76_300, None, 0)
PACE = 'per-day = "100000"\nburst = "100000"'
LOW = 1_001 * EUR
"""What receiving has cost when less than half of the kitty is left."""


class Ledger(MemoryLedger):
    """A ledger that can be away."""

    away = False

    async def watch(self, holder, length_ms, notes=None):
        """Answer if it is there."""
        if self.away:
            raise LedgerDown("unplugged")
        return await super().watch(holder, length_ms, notes)


class House:
    """Workers on one ledger, and a clock that all of them go by."""

    def __init__(self, urls, folder=None):
        self.clock = Clock()
        self.books = MemoryBooks()
        self.folder = folder
        self.client = Client()
        self.channels = channels_of(urls, "alert.to-env")
        self.heartbeat = None

    def worker(self, **options):
        """Return the watch of one more worker, and its ledger."""
        ledger = Ledger(RULES, self.clock, lambda _: None, self.books)
        given = {
            "ledger": lambda: ledger, "clock": self.clock, "terms": TERMS, "purse": PURSE, "zone": zone_of("UTC"),
            "channels": Channels(self.channels, self.client), "voice": Voice(self.folder, "0" * 16), "heartbeat": self.heartbeat,
        }  # fmt: skip
        watch = Watch(**given | options)
        watch.ledger = ledger
        return watch

    async def spend(self, micros):
        """Have receiving cost so much."""
        await Ledger(RULES, self.clock, lambda _: None, self.books).tell(Tally({}, micros))


async def settled(*watches):
    """Wait until no call is under way."""
    for watch in watches:
        await watch._delivery.finish(10)
        await watch._own_delivery.finish(10)


def said(receiver):
    """Return which events arrived, how often."""
    return Counter(request.json["event"] for request in receiver.requests)


def play(scene):
    """Run a scene."""
    return asyncio.run(scene())


def test_one_of_all_speaks_and_says_it_once(receiver):
    """However many workers look, and however often; what was before its begin is said as well, since it is so."""

    async def scene():
        house = House(receiver.url)
        workers = [house.worker() for _ in range(3)]
        await house.spend(LOW)
        for _ in range(5):
            for worker in workers:
                await worker.look()
            await settled(*workers)
            house.clock.now_ms += 2_500
        return len(receiver.requests)

    assert 1 == play(scene)
    assert {"kitty_low": 1} == said(receiver)


def test_a_pace_that_follows_from_what_is_left_is_not_called_used_up(receiver):
    """Where little is left by now, and less goes at once than at the start: all of it is there, so nobody is told that none is."""

    async def scene():
        house, file = House(receiver.url), parse(config(kitty="2000").replace(PACE, "lasts-until = 2027-02-01"))
        purse = purse_of(file, 0, NOW_MS)
        anew = insight.alert_terms_anew(file)
        watch = house.worker(terms=insight.alert_terms_of(file, purse), purse=purse, anew=anew)
        await house.spend(1_999_800_000)
        for _ in range(3):
            await watch.look()
            await settled(watch)
            house.clock.now_ms += HOUR_MS

    play(scene)
    assert "kitty_low" in said(receiver)
    assert "pace_empty" not in said(receiver)


def test_a_holder_that_dies_is_taken_over_from(receiver):
    """When its lease has run out: what it had decided and not said is said, what it had said is not."""

    async def scene():
        house = House(receiver.url)
        one, other = house.worker(), house.worker()
        await one.look()
        await house.spend(LOW)
        await one.look()
        await settled(one)
        await one.look()
        await house.spend(900 * EUR)
        house.clock.now_ms += LENGTH_MS - 1
        await other.look()
        await settled(other)
        early = len(receiver.requests)
        house.clock.now_ms += 1
        await other.look()
        await settled(other)
        return early

    assert 1 == play(scene)
    assert {"kitty_low": 2} == said(receiver)


@pytest.mark.parametrize("crashes", [1, 2])
def test_around_a_crash_it_arrives_twice_at_most(receiver, crashes):
    """Whoever takes over cannot know whether it arrived; once more, and not a third time."""

    async def scene():
        house = House(receiver.url)
        await house.spend(LOW)
        for crash in range(crashes + 1):
            worker = house.worker()
            for _ in range(2 if crash else 1):
                await worker.look()  # says it, and dies before it could note that it did
                await settled(worker)
                house.clock.now_ms += 2 * LENGTH_MS

    play(scene)

    assert 2 == said(receiver)["kitty_low"]


@pytest.mark.parametrize("expired", [False, True])
def test_what_is_said_is_written_before(receiver, expired):
    """A worker whose lease was taken over meanwhile says nothing, and begins anew with what the other one kept."""

    async def scene():
        house = House(receiver.url)
        sleeper, other = house.worker(), house.worker()
        await sleeper.look()
        await house.spend(LOW)
        watch, asked = sleeper.ledger.watch, []

        async def sleepy(holder, length_ms, notes=None):
            if notes is not None and not asked:
                asked.append(notes)
                house.clock.now_ms += LENGTH_MS
                await other.look()
                await settled(other)
                await other.look()
                if expired:
                    house.clock.now_ms += LENGTH_MS
            return await watch(holder, length_ms, notes)

        sleeper.ledger.watch = sleepy
        await sleeper.look()
        await settled(sleeper)
        for _ in range(3):
            house.clock.now_ms += LENGTH_MS
            await sleeper.look()
            await settled(sleeper)

    play(scene)

    assert {"kitty_low": 1} == said(receiver)


def test_a_worker_that_ends_gives_the_lease_back(receiver):
    """With what became of the calls that were under way; another one has it at once. Who has none gives nothing back."""

    async def scene():
        house = House(receiver.url)
        one, other = house.worker(), house.worker()
        await house.spend(LOW)
        await one.look()
        await other.close()
        await one.close()
        await other.look()
        await settled(other)
        held = house.books.held.holder == other._holder
        await other.close()
        return held, house.books.held.holder, notes_of(house.books.held.notes).failing

    assert (True, "", []) == play(scene)
    assert {"kitty_low": 1} == said(receiver)


def test_a_channel_that_fails_is_told_on_the_others(receiver, caplog):
    """And in the log, and in the notes, until it works again; no address is in any of them."""

    async def scene():
        with nobody() as dead:
            house = House(f"{dead}/secret {receiver.url}/secret")
            watch = house.worker()
            await house.spend(LOW)
            for _ in range(10):
                await watch.look()
                await settled(watch)
                house.clock.now_ms += 10_000
            return house.books.held.notes

    notes = play(scene)

    assert {"kitty_low": 1, "channel_failing": 1} == said(receiver)
    assert ["1 webhook"] == notes_of(notes).failing
    assert ["alert: channel 1 webhook fails: cannot be reached"] == caplog.messages
    assert "secret" not in notes + caplog.text


@pytest.mark.parametrize(
    ("answers", "times"),
    [([status(429)], 2), ([status(500)], 2), ([status(500)] * 3, 2), ([status(401)], 1), ([None], 2)],
)
def test_what_a_receiver_does_decides_how_often_it_gets_it(receiver, answers, times):
    """Put off: until it is taken. Failed without saying whether it took it: once more. Refused: not again."""
    receiver.answers = answers

    async def scene():
        house = House(receiver.url)
        watch = house.worker()
        await house.spend(LOW)
        for _ in range(20):
            await watch.look()
            await settled(watch)
            house.clock.now_ms += 5_000

    play(scene)

    assert times == said(receiver)["kitty_low"]


def test_a_library_that_is_missing_is_a_channel_that_fails(monkeypatch, caplog):
    """The line says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    async def scene():
        house = House("tgram://secret/chat")
        watch = house.worker()
        await house.spend(LOW)
        for _ in range(2):
            await watch.look()
            await settled(watch)

    play(scene)

    assert "alert: channel 1 tgram fails: alert: this kind of address needs apprise" in caplog.text


def test_what_a_worker_notes_reaches_whoever_holds_the_lease(receiver):
    """Four that took the place of dead ones; and that the log says why requests do not verify."""

    async def scene():
        house = House(receiver.url)
        holder = house.worker()
        await holder.look()
        other = house.worker()
        for _ in range(4):
            await other.ledger.note(RESTARTED)
        await other.ledger.note(SIGNATURE)
        house.clock.now_ms += 1
        await other.look()
        await holder.look()
        await settled(holder)

    play(scene)

    assert {"restarts": 1, "signatures": 1} == said(receiver)


def test_a_ledger_that_is_away_is_told_by_one_worker_of_a_machine(receiver, tmp_path):
    """After ten seconds, and that it is back; through a crash of whoever said it; the heartbeat stops meanwhile."""

    async def scene():
        house = House(f"{receiver.url}/say", tmp_path)
        house.heartbeat = Heartbeat(f"{receiver.url}/beat", house.client, beat_s=0)
        workers = [house.worker() for _ in range(2)]
        for worker in workers:
            await worker.look()
        await house.heartbeat._call
        Ledger.away = True
        for _ in range(4):
            for worker in workers:
                await worker.look()
                await settled(worker)
            house.clock.now_ms += DOWN_MS // 2
        events = [request.json["event"] for request in receiver.requests if request.body]
        beats = len(receiver.requests) - len(events)
        house.heartbeat = None
        for worker in workers:
            worker._voice.release()  # as the system does for who is killed
        again = [house.worker() for _ in range(2)]
        for _ in range(4):
            for worker in again:
                await worker.look()
                await settled(worker)
            house.clock.now_ms += DOWN_MS
        Ledger.away = False
        for _ in range(3):
            for worker in again:
                await worker.look()
                await settled(worker)
        return events, beats

    try:
        events, beats = play(scene)
    finally:
        Ledger.away = False

    assert ["ledger_down"] == events
    assert 1 == beats
    assert ["ledger_down", "ledger_back"] == [request.json["event"] for request in receiver.requests if request.body]


def test_a_clock_that_steps_back_while_it_is_away_begins_the_wait_anew(receiver):
    """It is said later, and not never."""

    async def scene():
        house = House(receiver.url)
        watch = house.worker()
        Ledger.away = True
        for step in (0, -86_400_000, DOWN_MS - 1, 1):
            house.clock.now_ms += step
            await watch.look()
            await settled(watch)

    try:
        play(scene)
    finally:
        Ledger.away = False

    assert {"ledger_down": 1} == said(receiver)


@pytest.mark.parametrize("notes", ["{", '{"minute": "soon"}', "[]"])
def test_notes_of_another_version_are_begun_anew(receiver, notes):
    """A watch that cannot read them watches all the same."""

    async def scene():
        house = House(receiver.url)
        house.books.held = msgspec.structs.replace(house.books.held, notes=notes)
        watch = house.worker()
        await watch.look()
        return notes_of(house.books.held.notes).failing

    assert [] == play(scene)


def test_what_may_be_done_goes_beside_an_alert_and_into_no_ledger(receiver):
    """It is made when it is said, again where it is said again: whoever reads the ledger reads no address."""
    receiver.answers = [status(429)]

    async def scene():
        house = House(receiver.url)
        watch = house.worker(links_of=lambda due: [Link("silence", "Silence", f"{due.alert.name}-{due.begun_ms}")])
        await house.spend(LOW)
        kept = []
        for _ in range(4):
            await watch.look()
            kept.append(house.books.held.notes)
            await settled(watch)
            house.clock.now_ms += 10_000
        return "".join(kept)

    kept = play(scene)

    assert [f"kitty_low-{NOW_MS}"] * 2 == [request.json["silence_url"] for request in receiver.requests]
    assert ("kitty_low", False) == (kept and "kitty_low", f"kitty_low-{NOW_MS}" in kept)


def test_a_flood_is_told_and_nothing_but_sums_is_in_it(receiver, caplog):
    """From the ledger's counts: who wrote again, what it cost; minute by minute."""
    caplog.set_level(logging.INFO)

    async def scene():
        house = House(receiver.url)
        watch = house.worker()
        await watch.look()
        ledger = Ledger(RULES, house.clock, lambda _: None, house.books)
        for minute in range(1, 40):
            seen = min(minute, 10) * 20
            await ledger.tell(Tally({Reason.SENDER_LIMIT: seen, Reason.BAD_SIGNATURE: 9}, 7_500 * seen))
            house.clock.now_ms += MINUTE_MS
            await watch.look()
            await settled(watch)

    play(scene)

    assert {"flood_began": 1, "flood_ended": 1} == said(receiver)
    assert "+33" not in "".join(request.body.decode() for request in receiver.requests)
