"""Has the provider do what the ledger says: asked first, noted before, never repeated blindly; a person's is left alone."""

import asyncio
import logging
import sys

import pytest

from edge.api.client import Client
from edge.api.twilio import Twilio
from edge.api.webhook import Access
from edge.core.detaching.webhook import NO_WAY, attached_again, detached_by_hand
from edge.core.kept.attachment import ADDRESS, BLANK, Attachment
from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.units import MINUTE_MS
from edge.watch.attaching import READ_MS, Attaching
from tests.api.twilioserver import ACCOUNT, KEY, PHONE, SECRET, SERVICE, standing_in
from tests.ledger.parts import NOW_MS, RULES, Clock
from tests.worker import await_

URL = "https://sms.example.org/sms"
WHOLE_MS = 30_000


@pytest.fixture(name="twilio")
def _twilio():
    with standing_in() as twilio:
        yield twilio


def api_at(twilio):
    """Return the webhook of our number at a stand-in."""
    return Twilio(Access(ACCOUNT, KEY, SECRET, twilio.url), PHONE)


class Desk:
    """A number, its ledger and who looks after it; time passes when it is told to."""

    def __init__(self, twilio, **options):
        self.twilio = twilio
        self.clock = Clock()
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(RULES, self.clock, lambda _: None, self.books)
        self.client = Client(answer_s=0.2)
        self.is_held = True
        self.attaching = self.worker(**options)

    def worker(self, **options):
        """Return one more that looks after it."""
        given = {"phone": PHONE, "url": URL, "api": api_at(self.twilio), "client": self.client, "whole_ms": WHOLE_MS}
        return Attaching(**given | options)

    @property
    def kept(self):
        """What the ledger says."""
        return self.books.attachments.get(PHONE, Attachment())

    @property
    def asked(self):
        """Of the requests that were made, which look and which write."""
        return [
            dict(request.form)["SmsUrl"] if request.method == "POST" else "?"
            for request in self.twilio.requests
            if "IncomingPhoneNumbers" in request.path
        ]

    def want(self, *, attached, for_ms=None):
        """Have somebody want something else."""
        change = attached_again if attached else lambda kept, now_ms: detached_by_hand(kept, for_ms, now_ms)
        self.books.attachments[PHONE] = change(self.kept, self.clock())

    async def look(self, *, anew=False, after_ms=0, attaching=None):
        """Look once, some time later, and wait until what is begun is done."""
        self.clock.now_ms += after_ms
        attaching = attaching or self.attaching
        attaching.begin(self.ledger, self.holds, self.kept, self.clock(), anew=anew)
        if attaching._work is not None:
            await attaching._work

    async def holds(self):
        """Say whether the lease is ours."""
        return self.is_held


def play(scene):
    """Run a scene."""
    return asyncio.run(scene())


def test_a_number_is_detached_and_attached_and_read_in_between(twilio, caplog):
    """Asked before each write; at the start, a minute after a change, and every 15 minutes otherwise."""
    caplog.set_level(logging.INFO)

    async def scene():
        desk = Desk(twilio)
        await desk.look(anew=True)
        may_detach = desk.attaching.may_detach
        desk.want(attached=False)
        await desk.look(after_ms=1)
        off = desk.kept, twilio.address, desk.attaching.may_detach
        await desk.look(after_ms=MINUTE_MS - 1)
        quiet = list(desk.asked)
        await desk.look(after_ms=1)
        await desk.look(after_ms=READ_MS - 1)
        await desk.look(after_ms=1)
        read = list(desk.asked)
        desk.want(attached=True)
        await desk.look(after_ms=1)
        return (may_detach, desk.attaching.may_detach), off, quiet, read, desk.kept, desk.asked

    may_detach, (off, address, may_detach_off), quiet, read, kept, asked = play(scene)

    assert (True, False, True) == (may_detach[0], may_detach_off, may_detach[1])  # at once again, not after a minute
    assert (False, BLANK, None, "") == (off.attached, off.written, off.pending_ms, address)
    assert ["?", "?", ""] == quiet
    assert ["?", "?", "", "?", "?"] == read
    assert (True, ADDRESS, None, URL) == (kept.attached, kept.written, kept.pending_ms, twilio.address)
    assert ["?", URL] == asked[len(read) :]
    assert ["number: detached at the provider", "number: attached at the provider"] == caplog.messages


@pytest.mark.parametrize(
    "fault", ["500 before", "500 after", "close before", "close after", "hang before", "hang after"]
)
@pytest.mark.parametrize("attached", [False, True])
def test_a_call_whose_end_nobody_knows_is_asked_about_and_not_repeated_blindly(twilio, fault, attached):
    """Only when it cannot be under way any more; written again only if it was not done."""

    async def scene():
        desk = Desk(twilio)
        if attached:
            desk.want(attached=False)
            await desk.look()
        twilio.requests.clear()
        desk.want(attached=attached)
        twilio.faults = ["", "", fault]
        await desk.look(after_ms=1)
        unknown = desk.kept.pending_ms
        await desk.look(after_ms=WHOLE_MS - 1)
        early = list(desk.asked)
        await desk.look(after_ms=WHOLE_MS)
        return unknown, early, desk.kept, desk.asked

    unknown, early, kept, asked = play(scene)
    written = URL if attached else ""

    assert unknown is not None
    assert ["?", written] == early
    assert [*early, "?", *([written] if fault.endswith("before") else [])] == asked
    assert (attached, True, written) == (kept.attached, kept.is_settled, twilio.address)


def test_who_takes_over_asks_first(twilio):
    """Somebody died in the middle of a call: it is waited for until it must be over, and what it has left is looked at."""

    async def scene():
        desk = Desk(twilio)
        desk.want(attached=False)
        twilio.faults = ["", "", "close after"]
        await desk.look()
        other = desk.worker()
        await desk.look(anew=True, attaching=other, after_ms=10)
        waits = list(desk.asked)
        await desk.look(attaching=other, after_ms=2 * WHOLE_MS)
        return waits, desk.asked, desk.kept

    waits, asked, kept = play(scene)

    assert (["?", ""], ["?", "", "?"]) == (waits, asked)
    assert (BLANK, True) == (kept.written, kept.is_settled)


@pytest.mark.parametrize(
    ("fault", "times"), [("401", 1), ("301", 1), ("429", 3), ("503 before", 3), ("nonsense after", 3)]
)
@pytest.mark.parametrize("place", [0, 2])
def test_what_is_refused_or_goes_on_failing_is_kept_and_said_once(twilio, caplog, fault, times, place):
    """Looking or writing; it is tried again, ever more slowly, and what is wrong is forgotten once it works."""

    async def scene():
        desk, seen = Desk(twilio), []
        desk.want(attached=False)
        for _ in range(5):
            twilio.faults = [""] * place + [fault]
            await desk.look(after_ms=MINUTE_MS)
            if fault == "nonsense after":
                twilio.number["sms_url"] = URL  # as if it had not been done
            seen.append(desk.kept.trouble)
        may_detach = desk.attaching.may_detach
        twilio.faults = []
        await desk.look(after_ms=MINUTE_MS)
        return seen, may_detach, desk.kept

    seen, may_detach, kept = play(scene)

    assert [bool(trouble) for trouble in seen] == [False] * (times - 1) + [True] * (6 - times)
    assert 1 == len([message for message in caplog.messages if "the provider's API: answered" in message])
    assert (False, "", True) == (may_detach, kept.trouble, kept.is_settled)


def test_what_fails_is_tried_at_most_once_a_minute(twilio):
    """Soon at first; what somebody wants meanwhile is done at once."""

    async def scene():
        desk, asked = Desk(twilio), []
        twilio.secret = "rotated"
        desk.want(attached=False)
        for _ in range(60):
            before = len(desk.asked)
            await desk.look(after_ms=2_500)
            asked.append(len(desk.asked) - before)
        return asked

    asked = play(scene)

    assert {0, 1} == set(asked)
    assert 5 >= sum(asked)
    assert [1, 0, 0, 0, 1] == asked[:5]


@pytest.mark.parametrize(
    ("stands", "said"),
    [
        (URL, "number.url again"),
        ("https://else.example.org", "another address than number.url"),
    ],
)
def test_what_a_person_has_put_there_is_left_alone(twilio, caplog, stands, said):
    """While it was detached: the ledger says then that it is attached, and why; said once."""

    async def scene():
        desk = Desk(twilio)
        desk.want(attached=False)
        await desk.look()
        twilio.number["sms_url"] = stands
        for _ in range(3):
            await desk.look(after_ms=READ_MS)
        return desk.kept

    kept = play(scene)
    trouble = f"at the provider stands {said}, which somebody has put there: it is left alone"

    assert ([""], stands) == (twilio.written, twilio.address)
    assert kept.attached
    assert kept.trouble == ("" if stands == URL else trouble)
    assert 1 == caplog.messages.count(f"number: {trouble}")


def test_an_address_that_a_person_took_away_is_not_put_back(twilio):
    """We did not do it, so we do not undo it: it is said."""
    twilio.number["sms_url"] = ""

    async def scene():
        desk = Desk(twilio)
        await desk.look(anew=True)
        return desk.kept, desk.attaching.may_detach

    kept, may_detach = play(scene)

    assert ([], False) == (twilio.written, may_detach)
    assert "at the provider stands no address, which somebody has put there: it is left alone" == kept.trouble


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda twilio: twilio.number.update(sms_application_sid="AP1"), "the application in SmsApplicationSid"),
        (lambda twilio: twilio.number.update(sms_fallback_url="https://x"), "the fallback address in SmsFallbackUrl"),
        (lambda twilio: twilio.serve_in(), f"the Messaging Service {SERVICE}"),
    ],
)
def test_what_would_be_called_instead_is_in_the_way_and_said(twilio, change, what):
    """Nothing is written: where it is to be detached by itself, and where somebody wants it now."""
    change(twilio)
    trouble = f"it cannot be detached while this is set at the provider: {what}"

    async def scene():
        by_itself, by_hand, never = Desk(twilio, detaches=True), Desk(twilio), Desk(twilio)
        by_hand.want(attached=False)
        for desk in (by_itself, by_hand, never):
            await desk.look(anew=True)
        return [
            (desk.kept.attached, desk.kept.trouble, desk.attaching.may_detach) for desk in (by_itself, by_hand, never)
        ]

    assert [(True, trouble, False), (True, trouble, False), (True, "", False)] == play(scene)
    assert [] == twilio.written


def test_who_lost_the_lease_or_what_was_wanted_writes_nothing(twilio):
    """It is looked at again right before a call."""

    async def scene():
        sleeper, late = Desk(twilio), Desk(twilio)
        for desk in (sleeper, late):
            desk.want(attached=False)
        sleeper.is_held = False
        await sleeper.look()

        async def changes_its_mind():
            late.want(attached=True)
            return True

        late.holds = changes_its_mind
        await late.look()
        return late.kept

    kept = play(scene)

    assert ([], True) == (twilio.written, kept.attached)


def test_what_is_wanted_otherwise_meanwhile_is_done_next(twilio):
    """Somebody attaches it while the call that detaches it is under way: it ends attached."""

    async def scene():
        desk = Desk(twilio)
        desk.want(attached=False)
        keep = desk.ledger.keep_attachment

        async def keep_and_change(phone, before, after):
            kept = await keep(phone, before, after)
            if after.pending_ms is not None and not after.attached:
                desk.want(attached=True)
            return kept

        desk.ledger.keep_attachment = keep_and_change
        await desk.look()
        await desk.look(after_ms=1)
        await desk.look(after_ms=2 * WHOLE_MS)
        return desk.kept

    kept = play(scene)

    assert (["", URL], URL, True) == (twilio.written, twilio.address, kept.is_settled)


def test_a_ledger_that_goes_in_the_middle_is_no_reason_to_write_twice(twilio):
    """What was noted before the call says that it may be done."""

    async def scene():
        desk = Desk(twilio)
        desk.want(attached=False)
        keep, calls = desk.ledger.keep_attachment, []

        async def keep_once(phone, before, after):
            calls.append(after)
            if len(calls) > 1:
                raise LedgerDown("unplugged")
            return await keep(phone, before, after)

        desk.ledger.keep_attachment = keep_once
        await desk.look()
        desk.ledger.keep_attachment = keep
        pending = desk.kept.pending_ms
        await desk.look(after_ms=2 * WHOLE_MS)
        return pending, desk.kept

    pending, kept = play(scene)

    assert (NOW_MS // WHOLE_MS, [""], True) == (pending // WHOLE_MS, twilio.written, kept.is_settled)


def test_without_a_way_to_ask_the_provider_what_is_detached_is_said():
    """Nothing is called; what is attached is nobody's news."""

    async def scene():
        attaching = Attaching(phone=PHONE, url=URL, api=None, client=Client())
        attaching.begin(None, None, Attachment(attached=False), NOW_MS, anew=True)
        await attaching.finish(0)
        off = Attachment(attached=False, written=BLANK)
        return [attaching.seen(attachment).trouble for attachment in (off, Attachment(written=BLANK), Attachment())]

    assert [NO_WAY, NO_WAY, ""] == play(scene)


def test_a_library_that_is_missing_is_said(twilio, monkeypatch):
    """It names what to install."""
    monkeypatch.setitem(sys.modules, "httpx2", None)

    async def scene():
        desk = Desk(twilio)
        await desk.look(anew=True)
        return desk.kept.trouble

    assert "the provider's API: calls to others need a client" in play(scene)


def test_a_worker_that_ends_leaves_a_call_as_it_is(twilio):
    """It waits a moment; whoever comes next asks about it."""
    twilio.faults = ["", "", "hang after"]

    async def scene():
        desk = Desk(twilio)
        desk.client = Client(answer_s=10)
        desk.attaching = desk.worker()
        desk.want(attached=False)
        desk.attaching.begin(desk.ledger, desk.holds, desk.kept, desk.clock(), anew=True)
        desk.attaching.begin(desk.ledger, desk.holds, desk.kept, desk.clock(), anew=True)  # one at a time
        await asyncio.to_thread(await_, lambda: twilio.written)
        await desk.attaching.finish(0.01)
        await desk.client.close()
        return desk.kept

    kept = play(scene)

    assert (["", BLANK, NOW_MS]) == [twilio.address, kept.written, kept.pending_ms // 1_000 * 1_000]
