"""Several numbers at their providers: each is detached and attached by itself, through a key of its own, by one watch."""

import asyncio
from collections import Counter

import pytest
from msgspec.structs import replace

from edge import watchwiring
from edge.api.client import Client
from edge.api.webhook import Access
from edge.configfile import parse
from edge.core.alerting.alert import Alert
from edge.core.alerting.watching import Due
from edge.core.charging.charge import Came, Tally
from edge.core.charging.shares import Share
from edge.core.detaching.webhook import detached_by_hand
from edge.core.kept.attachment import BLANK, Attachment, Why
from edge.core.kept.button import Act, Signer
from edge.core.limits.bucket import Bucket
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning import insight, terms
from edge.setup import Gone
from edge.units import HOUR_MS, MINUTE_MS
from edge.watch.address import channels_of
from tests.api.twilioserver import ACCOUNT, KEY, PHONE, SECRET, standing_in
from tests.commands.test_number import OTHER_URL, of_two
from tests.ledger.parts import Clock
from tests.parts import HASH_KEY, setup_of
from tests.watch.receiver import receiving
from tests.watch.test_watch import PURSE, House, settled
from tests.web.test_numbers import OTHER
from tests.worker import URL, config

LOOK_MS = 2_500
OTHER_SECRET = "another-api-secret"
OF_MANY = """[[number]]
phone = "+3393700010{index}"
provider = "twilio"
url = "https://sms.example.org/{index}"
secret-env = "TWILIO_AUTH_TOKEN"

"""


class Desk:
    """Two numbers of two accounts, their ledger and the watches that look after them."""

    def __init__(self, twilio, other, receiver="", detach="yes", **money):
        text = of_two(twilio.url, other.url, config(**money)) + f'[receiving]\ndetach = "{detach}"\n'
        if receiver:
            text += '[alert]\nto-env = "ALERTS"\n'
        self.config = parse(text)
        apis = [Access(ACCOUNT, KEY, SECRET, twilio.url), Access(ACCOUNT, KEY, OTHER_SECRET, other.url)]
        self.setup = replace(setup_of(text), apis=apis, alert_channels=channels_of(receiver, "alert.to-env"))
        self.house = House(receiver)
        self.house.clock, self.house.books = Clock(), MemoryBooks()
        self.clock, self.books = self.house.clock, self.house.books
        self.ledger = MemoryLedger(terms.rules_of(self.config), self.clock, lambda _: None, self.books)
        self.received = Counter()

    def watch(self, setup=None):
        """Return one more worker's."""
        tending = watchwiring.tending_of(setup or self.setup, Client())
        watched = insight.alert_terms_of(self.config, PURSE)
        watch = self.house.worker(tending=tending, terms=watched, ledger=lambda: self.ledger)
        watch.tending = tending
        return watch

    async def receive(self, **messages):
        """Have so many messages of strangers come in, to the first number and to the other one."""
        self.received.update(messages)
        total = sum(self.received.values())
        each = {phone: self.received[name] for name, phone in (("first", PHONE), ("other", OTHER))}
        numbers = {phone: Came(count, 0, 7_500 * count, count) for phone, count in each.items()}
        await self.ledger.tell(Tally({Reason.PACE_LIMIT: total}, 7_500 * total, total, numbers))

    async def looks(self, watch, times, every_ms=LOOK_MS, **messages):
        """Have a watch look so often, with messages before each look."""
        for _ in range(times):
            await self.receive(**messages)
            await watch.look()
            await asyncio.gather(*(one._attaching._work for one in watch.tending if one._attaching._work is not None))
            await settled(watch)
            self.clock.now_ms += every_ms

    def kept(self, phone):
        """Return what the ledger says of a number."""
        return self.books.attachments.get(phone, Attachment())


@pytest.fixture(name="accounts")
def _accounts():
    with standing_in() as twilio, standing_in() as other:
        other.secret = OTHER_SECRET
        other.buy(OTHER, OTHER_URL)
        yield twilio, other


def play(scene):
    """Run a scene."""
    return asyncio.run(scene())


def test_a_number_that_is_flooded_is_detached_while_the_other_answers(accounts):
    """For what it has received itself; the other has as many people as ever, and stays; each is attached by its own timer, and told."""
    twilio, other = accounts
    with receiving() as receiver:

        async def scene():
            desk = Desk(twilio, other, receiver.url)
            watch = desk.watch()
            await desk.looks(watch, 20, other=25, first=1)
            off = other.address_of(OTHER), twilio.address, desk.kept(OTHER), desk.kept(PHONE)
            await desk.looks(watch, 50, every_ms=MINUTE_MS)
            await watch.close()
            return off, desk.kept(OTHER)

        (blank, address, off, on), back = play(scene)

    assert ("", URL, Attachment()) == (blank, address, on)
    assert (False, Why.PER_ANSWER, True) == (off.attached, off.why, off.is_settled)
    assert (OTHER_URL, True, True) == (other.address_of(OTHER), back.attached, back.is_settled)
    assert [] == twilio.written
    titles = [request.json["title"] for request in receiver.requests if "tached" in request.json["event"]]
    assert ["number[1]: Detached: receiving costs too much for each answer", "number[1]: Attached again"] == titles


def test_where_nobody_can_be_paid_at_one_number_the_other_stays(accounts):
    """By the number's own share of the pace; by the rate of what it receives itself."""
    twilio, other = accounts

    async def scene():
        desk = Desk(twilio, other, per_day="35", burst="8")
        watch = desk.watch()
        await desk.looks(watch, 1)
        desk.books.kept_shares = {PHONE: Share(Bucket(4_000_000, desk.clock())), OTHER: Share()}
        desk.books.pace = Bucket(4_000_000, desk.clock())
        await desk.looks(watch, 12, first=2, other=1)
        return desk.kept(PHONE), desk.kept(OTHER)

    first, second = play(scene)

    assert (False, Why.NOBODY_PAYABLE) == (first.attached, first.why)
    assert second.attached
    assert ("", OTHER_URL) == (twilio.address, other.address_of(OTHER))


def test_a_kitty_that_is_spent_detaches_all(accounts):
    """It is that of all numbers; and all are attached when it was raised."""
    twilio, other = accounts

    async def scene():
        desk = Desk(twilio, other, kitty="1")
        watch = desk.watch()
        await desk.looks(watch, 3, first=70)
        off = twilio.address, other.address_of(OTHER), desk.kept(PHONE).why, desk.kept(OTHER).why
        await watch.close()
        richer = replace(desk.setup, config=replace(desk.config, budget=replace(desk.config.budget, kitty=10_000_000)))
        await desk.looks(desk.watch(richer), 4)
        return off

    assert ("", "", Why.KITTY_SPENT, Why.KITTY_SPENT) == play(scene)
    assert (URL, OTHER_URL) == (twilio.address, other.address_of(OTHER))


def test_a_new_watch_goes_on_with_each(accounts):
    """A restart in a time off: what is detached stays so until its timer, by what the ledger says of each number."""
    twilio, other = accounts

    async def scene():
        desk = Desk(twilio, other)
        watch = desk.watch()
        await desk.looks(watch, 30, other=50)
        off = desk.kept(OTHER)
        await watch.close()
        again = desk.watch()
        await desk.looks(again, 4, first=1)
        kept = desk.kept(OTHER), other.address_of(OTHER)
        await desk.looks(again, 50, every_ms=MINUTE_MS)
        return off, kept, desk.kept(OTHER)

    off, (kept, blank), on = play(scene)

    assert (off, "", False) == (replace(kept, pending_ms=off.pending_ms), blank, off.attached)
    assert (True, OTHER_URL) == (on.attached, other.address_of(OTHER))


def test_where_it_is_only_said_it_is_said_of_the_number(accounts):
    """That detaching it would pay; nobody is asked to do it."""
    twilio, other = accounts
    with receiving() as receiver:

        async def scene():
            desk = Desk(twilio, other, receiver.url, detach="say")
            await desk.looks(desk.watch(), 30, other=50)

        play(scene)

    assert ["number[1]: Detaching would pay: receiving costs too much for each answer"] == [
        request.json["title"] for request in receiver.requests if request.json["event"] == "detach_wise"
    ]
    assert ([], []) == (twilio.written, other.written)


def left(desk, off, *, key=True):
    """Return a setup of the first number alone, where the other one was left detached, and put that into the ledger."""
    desk.books.attachments[OTHER] = off
    alone = replace(desk.config, given=desk.config.numbers[:1])
    gone = Gone(OTHER, "number[1] (gone)", desk.config.numbers[1], desk.setup.apis[1]) if key else Gone(OTHER)
    return replace(desk.setup, config=alone, apis=desk.setup.apis[:1], gone=[gone])


def test_a_number_that_is_gone_from_the_file_is_attached_first(accounts):
    """Once; what somebody enters at the provider afterwards is theirs, and nobody looks at it."""
    twilio, other = accounts
    off = Attachment(attached=False, since_ms=1, why=Why.PER_ANSWER, written=BLANK, attach_at_ms=2**50)

    async def scene():
        desk = Desk(twilio, other)
        other.numbers[OTHER]["sms_url"] = ""
        watch = desk.watch(left(desk, off))
        await desk.looks(watch, 3)
        address, asked = other.address_of(OTHER), len(other.requests)
        other.numbers[OTHER]["sms_url"] = "https://else.example.org"
        await desk.looks(watch, 3, every_ms=HOUR_MS)
        return address, desk.kept(OTHER), len(other.requests) - asked

    address, on, asked = play(scene)

    assert (OTHER_URL, True, True) == (address, on.attached, on.is_settled)
    assert (0, [OTHER_URL]) == (asked, other.written)


def test_that_nobody_can_attach_a_number_that_is_gone_is_said_once(accounts):
    """After a start without its key: what is wanted of it is that it is attached, and whoever has the key again does it."""
    twilio, other = accounts
    off = Attachment(attached=False, since_ms=1, why=Why.PER_ANSWER, written=BLANK, attach_at_ms=2**50)
    with receiving() as receiver:

        async def scene():
            desk = Desk(twilio, other, receiver.url)
            other.numbers[OTHER]["sms_url"] = ""
            await desk.looks(watch := desk.watch(left(desk, off, key=False)), 3)
            await watch.close()
            wanted = desk.kept(OTHER)
            await desk.looks(desk.watch(), 3)
            return wanted

        wanted = play(scene)

    assert (True, False) == (wanted.attached, wanted.is_settled)
    assert ["number (gone): Trouble with the number at the provider"] == [
        request.json["title"] for request in receiver.requests if request.json["event"] == "attachment_trouble"
    ]
    assert OTHER_URL == other.address_of(OTHER)


def test_what_somebody_has_detached_for_an_hour_is_attached_then_though_it_is_gone(accounts):
    """By whoever looks after it; not before."""
    twilio, other = accounts

    async def scene():
        desk = Desk(twilio, other)
        other.numbers[OTHER]["sms_url"] = ""
        by_hand = replace(detached_by_hand(Attachment(), HOUR_MS, desk.clock()), written=BLANK)
        watch = desk.watch(left(desk, by_hand))
        await desk.looks(watch, 3)
        early = other.address_of(OTHER)
        await desk.looks(watch, 3, every_ms=HOUR_MS)
        return early

    assert ("", OTHER_URL) == (play(scene), other.address_of(OTHER))


def test_the_button_detaches_the_number_that_the_alert_is_about(accounts):
    """Or, of an alert that is about all, the one that has received the most lately; its words say which, its signature tells no other."""
    twilio, other = accounts

    async def scene():
        desk = Desk(twilio, other, "http://127.0.0.1:1/x")
        watch = watchwiring.watch_of(desk.setup, lambda: desk.ledger)
        of_share = Due(Alert("share_empty", "", "", of="number[0]"), [], 5)
        of_all = Due(Alert("kitty_low", "", ""), [], 5)
        await desk.receive(other=1)
        await watch.look()
        desk.clock.now_ms += LOOK_MS
        await desk.receive(other=5)
        await watch.look()
        made = [watch._delivery._links_of(due) for due in (of_share, of_all)]
        await watch.close()
        return [{link.name: (link.label, link.url) for link in links} for links in made]

    share, all_ = play(scene)
    signed = [
        Signer(HASH_KEY, Act.DETACH, phone).query_of(name, 5)
        for phone, name in ((PHONE, "share_empty"), (OTHER, "kitty_low"))
    ]

    assert {"detach": ("Detach for an hour: number[0]", f"https://sms.example.org/detach?{signed[0]}")} == share
    assert ("Detach for an hour: number[1]", f"https://sms.example.org/detach?{signed[1]}") == all_["detach"]
    assert "Silence for an hour" == all_["silence"][0]


class Counting(MemoryLedger):
    """A ledger that counts what is read of its hours."""

    asked = 0

    async def hours(self, since_ms):
        """Count it."""
        self.asked += 1
        return await super().hours(since_ms)

    async def hours_of_each(self, since_ms):
        """Count it."""
        self.asked += 1
        return await super().hours_of_each(since_ms)


@pytest.mark.parametrize("count", [2, 5])
def test_the_hours_are_read_once_however_many_numbers_there_are(count):
    """All that the ledger has, those of the week, and of each number those of the week and of the last look."""

    async def scene():
        more = [OF_MANY.format(index=index) for index in range(1, count)]
        text = config().replace("[number]", "[[number]]").replace("[reply]\n", "".join([*more, "[reply]\n"]))
        setup = setup_of(f'{text}[receiving]\ndetach = "say"\n')
        ledger = Counting(terms.rules_of(setup.config), Clock(), lambda _: None, MemoryBooks())
        tending = watchwiring.tending_of(setup, Client())
        watch = House("").worker(tending=tending, ledger=lambda: ledger)
        await watch.look()
        first, ledger.asked = ledger.asked, 0
        await watch.look()
        return first, ledger.asked, len(tending)

    assert (4, 1, count) == play(scene)
