"""Whether the number is to be detached, as whoever holds the lease decides it by what the ledger says."""

import asyncio
from collections import Counter

import pytest
from msgspec.structs import replace

from edge.api.client import Client
from edge.configfile import parse
from edge.core.charging.charge import Tally
from edge.core.charging.running import inflow_of
from edge.core.detaching.webhook import detached_by_hand
from edge.core.kept.attachment import BLANK, Attachment, Why
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning.insight import alert_terms_of
from edge.meaning.terms import rules_of
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from edge.watch.attaching import Attaching
from edge.watch.reading import Reading
from edge.watch.tending import Tending
from edge.watchwiring import deciding_of
from tests.api.twilioserver import PHONE, standing_in
from tests.ledger.parts import NOW_MS, Clock
from tests.watch.receiver import receiving
from tests.watch.test_attaching import URL, api_at
from tests.watch.test_watch import PURSE, House, settled
from tests.worker import config

LOOK_MS = 2_500


class Desk:
    """A number under a file, its ledger, and who decides about it."""

    def __init__(self, detach, **money):
        self.config = parse(config(**money) + f'[receiving]\ndetach = "{detach}"\n')
        self.clock = Clock()
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(rules_of(self.config), self.clock, lambda _: None, self.books)
        self.deciding = deciding_of(self.config)
        self.deciding._chance = lambda: 0.5
        self.messages = 0

    async def decide(self, before, *, anew=False, may_detach=True, after_ms=LOOK_MS):
        """Decide once, some time later."""
        self.clock.now_ms += after_ms
        totals = await self.ledger.totals()
        return await self.deciding.decide(
            Reading(self.ledger), totals, inflow_of(totals), before, may_detach=may_detach, anew=anew
        )

    async def receive(self, messages):
        """Have so many messages of strangers come in."""
        self.messages += messages
        await self.ledger.tell(Tally({Reason.PACE_LIMIT: self.messages}, 7_500 * self.messages, self.messages))


def play(scene):
    """Run a scene."""
    return asyncio.run(scene())


def test_a_flood_is_detached_and_attached_when_its_time_off_is_over():
    """With the reason, and as long as chance has it; all that was known of the provider stays."""

    async def scene():
        desk, is_now, changes = Desk("yes"), Attachment(written="x"), []
        for _ in range(2_000):
            if is_now.attached:
                await desk.receive(20)
            after = await desk.decide(is_now, anew=not changes)
            if after.attached != is_now.attached or not changes:
                changes.append((desk.clock() - NOW_MS, after))
            is_now = after
        return changes

    (_, before), (off_ms, off), (on_ms, on), *more = play(scene)

    assert (True, False, Why.PER_ANSWER, "x") == (before.attached, off.attached, off.why, off.written)
    assert off_ms <= MINUTE_MS
    assert (NOW_MS + off_ms + 30 * MINUTE_MS, True) == (off.attach_at_ms, on.attached)
    assert 0 <= on_ms - off_ms - 30 * MINUTE_MS < LOOK_MS
    assert more


def test_what_the_provider_cannot_take_away_is_not_wanted():
    """Before it was looked at, and where something stands in the way; to attach is wanted all the same."""

    async def scene():
        desk = Desk("yes")
        await desk.decide(Attachment(), anew=True)
        await desk.receive(5_000)
        kept = await desk.decide(Attachment(), may_detach=False)
        off = await desk.decide(Attachment())
        return kept, off, await desk.decide(off, may_detach=False, after_ms=31 * MINUTE_MS)

    kept, off, on = play(scene)

    assert (Attachment(), False, True) == (kept, off.attached, on.attached)


@pytest.mark.parametrize("detach", ["no", "say"])
def test_where_the_file_does_not_say_yes_only_a_person_detaches(detach):
    """What was detached otherwise is attached at once; what a person has detached is, when its time is over."""

    async def scene():
        desk = Desk(detach)
        by_itself = replace(
            Attachment(), attached=False, why=Why.PER_ANSWER, attach_at_ms=NOW_MS + DAY_MS, written=BLANK
        )
        by_hand = detached_by_hand(Attachment(), HOUR_MS, NOW_MS)
        await desk.decide(Attachment(), anew=True, after_ms=0)
        await desk.receive(5_000)
        return (
            await desk.decide(Attachment()),
            await desk.decide(by_itself),
            await desk.decide(by_hand),
            await desk.decide(by_hand, after_ms=HOUR_MS),
        )

    on, was_off, hand, over = play(scene)

    assert (Attachment(), True, BLANK) == (on, was_off.attached, was_off.written)
    assert (False, True) == (hand.attached, over.attached)


def test_where_it_is_only_said_a_flood_is_said_once():
    """As long as it goes on, and an hour longer; with the reason."""

    async def scene():
        desk, seen = Desk("say"), []
        for minute in range(240):
            if minute < 60:
                await desk.receive(100)
            assert Attachment() == await desk.decide(Attachment(), anew=not minute, after_ms=MINUTE_MS)
            advised = desk.deciding.advised(desk.clock())
            seen.append(advised is not None)
            if advised is not None and not advised.attached:
                why = advised.why
        return why, seen

    why, seen = play(scene)
    changes = [minute for minute in range(1, 240) if seen[minute] != seen[minute - 1]]

    assert Why.PER_ANSWER is why
    assert (2, True, True) == (len(changes), changes[0] < 10, 120 <= changes[1] <= 180)
    assert None is Desk("yes").deciding.advised(NOW_MS)


def test_who_takes_over_begins_with_empty_windows():
    """It has not seen what came before; what the hours of the ledger say of the last resort's pace it knows."""

    async def scene():
        desk = Desk("yes")
        await desk.receive(5_000)
        calm = await desk.decide(Attachment(), anew=True)
        await desk.receive(200_000)  # a thousand and a half in money, told in one hour
        owes = await desk.decide(Attachment(), anew=True)
        return calm, owes

    calm, owes = play(scene)

    assert (True, False, Why.RECEIVING_PACE) == (calm.attached, owes.attached, owes.why)


def test_a_watch_detaches_at_the_provider_and_tells_it():
    """All of it together: looked at, decided, noted, written, told; and attached when the file does not say it any more."""
    with standing_in() as twilio, receiving() as receiver:

        async def scene():
            desk = Desk("yes")
            house = House(receiver.url)
            house.clock, house.books = desk.clock, desk.books

            def worker(detach):
                attaching = Attaching(
                    phone=PHONE, url=URL, api=api_at(twilio), client=Client(), detaches=detach == "yes"
                )
                return attaching, house.worker(
                    tending=[Tending(attaching, deciding_of(Desk(detach).config))],
                    terms=alert_terms_of(desk.config, PURSE),
                )

            async def looks(worker, times, messages=0):
                attaching, watch = worker
                for _ in range(times):
                    await desk.receive(messages)
                    await watch.look()
                    if attaching._work is not None:
                        await attaching._work
                    await settled(watch)
                    house.clock.now_ms += LOOK_MS

            yes, no = worker("yes"), worker("no")
            await looks(yes, 40, messages=50)
            off = twilio.address, desk.books.attachments[PHONE]
            await yes[1].close()
            await looks(no, 4)
            await no[1].close()
            return off, desk.books.attachments[PHONE]

        (address, off), on = play(scene)

    assert ("", False, True) == (address, off.attached, off.is_settled)
    assert (URL, True, True) == (twilio.address, on.attached, on.is_settled)
    assert {"detached": 1, "attached": 1} == {
        name: count
        for name, count in Counter(request.json["event"] for request in receiver.requests).items()
        if name in {"detached", "attached"}
    }


def test_a_watch_that_lost_its_lease_or_comes_second_changes_nothing():
    """What somebody wants meanwhile is kept; a lease that was another's in between is given back, to begin with their notes."""
    with standing_in() as twilio:

        async def scene():
            desk, house = Desk("no"), House("")
            house.clock, house.books = desk.clock, desk.books
            attaching = Attaching(phone=PHONE, url=URL, api=api_at(twilio), client=Client())
            watch, other = house.worker(tending=[Tending(attaching, desk.deciding)]), house.worker()
            await watch.look()
            await attaching._work
            over = replace(detached_by_hand(Attachment(), 1, NOW_MS - 1))
            desk.books.attachments[PHONE] = over
            decide = desk.deciding.decide

            async def changed(*arguments, **options):
                after = await decide(*arguments, **options)
                desk.books.attachments[PHONE] = replace(over, attach_at_ms=NOW_MS + DAY_MS)
                return after

            desk.deciding.decide = changed
            await watch.look()
            kept = desk.books.attachments[PHONE]
            holds = [await watch._holds()]
            desk.clock.now_ms += DAY_MS
            await other.look()
            holds.append(await watch._holds())
            desk.clock.now_ms += DAY_MS
            holds.append(await watch._holds())
            return kept, holds, desk.books.held.holder

        kept, holds, holder = play(scene)

    assert (False, [True, False, False], "") == (kept.attached, holds, holder)
