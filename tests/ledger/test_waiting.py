"""A ledger that is not there yet: down at memory speed, and open by itself when it can be."""

import asyncio

import pytest

from edge.core.charging.charge import Tally
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Button
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger.breaker import RETRY_S
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.waiting import WaitingLedger
from tests.ledger.parts import NOW_MS, RULES, charge, key16


class Door:
    """What opens a ledger, or does not."""

    def __init__(self, error):
        self.error = error
        self.tries = 0

    def open(self):
        """Open it."""
        self.tries += 1
        if self.error is not None:
            raise self.error
        return MemoryLedger(RULES, lambda: NOW_MS, lambda _: None)


@pytest.mark.parametrize(
    "error",
    [OSError(2, "no such folder"), ImportError("no client"), KeyError("what"), MemoryError(), RuntimeError("thread")],
)
def test_whatever_keeps_it_shut_is_down_until_it_opens(error):
    """Any error at all: LedgerDown with one try each quarter of a second, and then it answers."""

    async def scene():
        door = Door(error)
        ledger = WaitingLedger(door.open)
        for _ in range(100):
            with pytest.raises(LedgerDown):
                await ledger.admit(charge(1))
        tries, door.error = door.tries, None
        await asyncio.sleep(1.2 * RETRY_S)
        return tries, (await ledger.admit(charge(1))).reason

    assert (1, Reason.ANSWERED) == asyncio.run(scene())


def test_all_that_is_asked_reaches_it():
    """Once it is open, it is the ledger."""

    async def scene():
        ledger = WaitingLedger(Door(None).open)
        known = await ledger.opt_out(key16(1))
        await ledger.tell(Tally({Reason.UNSERVED: 2}, 300))
        totals = await ledger.totals()
        paused = await ledger.pause(1_000), await ledger.resume()
        detached = await ledger.press_to_detach(Button("b", NOW_MS + 1), "+33", Attachment(), Attachment())
        await ledger.note("restart")
        lease = await ledger.watch("one", 1_000)
        await ledger.close()
        return known, totals.counts[Reason.UNSERVED], totals.received_micros, paused, detached, lease.noted["restart"]

    assert (False, 2, 300, (NOW_MS + 1_000, True), True, [NOW_MS]) == asyncio.run(scene())


def test_what_never_opened_closes():
    """There is nothing to let go of."""
    assert asyncio.run(WaitingLedger(Door(OSError()).open).close()) is None


def test_all_that_a_ledger_does_is_passed_on():
    """Sums that are gone are forgotten as they would be without the wait."""

    async def scene():
        books = MemoryBooks()
        ledger = WaitingLedger(lambda: MemoryLedger(RULES, lambda: NOW_MS, lambda _: None, books, "one"))
        await ledger.tell(Tally({Reason.PAUSED: 1}, 7_500))
        told = list(books.told)
        await ledger.forget()
        return told, list(books.told)

    assert (["one"], []) == asyncio.run(scene())
