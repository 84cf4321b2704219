"""Sums that outlive a worker are told under a name: whoever goes on with them tells nothing twice, on every kind of ledger."""

from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason
from edge.units import DAY_MS
from tests.ledger.parts import charge


def seen(messages, micros=7_500):
    """Return sums of so many messages that met silence."""
    return Tally({Reason.PAUSED: messages}, messages * micros)


def told(ledger):
    """Return what a ledger was told: messages, and what receiving them cost."""
    totals = ledger.totals()
    return totals.counts.get(Reason.PAUSED, 0), totals.received_micros


def test_who_goes_on_with_sums_tells_what_is_new(books):
    """A worker was killed after it had told three; the next one has its sums, and tells that there are five."""
    books.ledger(teller="one").tell(seen(3))
    after = books.ledger(teller="one")
    after.tell(seen(5))

    assert (5, 37_500) == told(after)


def test_sums_of_two_tellers_add_up(books):
    """Each has its own marks."""
    for teller, messages in (("one", 3), ("two", 5), ("one", 4)):
        books.ledger(teller=teller).tell(seen(messages))

    assert (9, 67_500) == told(books.ledger())


def test_sums_that_end_with_their_worker_are_told_from_the_beginning(books):
    """Without a name each worker's are its own."""
    for messages in (3, 5):
        books.ledger().tell(seen(messages))

    assert (8, 60_000) == told(books.ledger())


def test_what_is_told_with_a_charge_is_marked_as_well(books):
    """Killed right after a reply was paid: what receiving had cost by then is known."""
    books.ledger(teller="one").admit(charge(1, received=7_500))
    after = books.ledger(teller="one")
    after.admit(charge(2, received=15_000))

    assert 15_000 == after.totals().received_micros


def test_sums_are_known_however_long_they_were_away(books):
    """A machine that comes back after three days tells what it had not told, and nothing else."""
    books.ledger(teller="one").tell(seen(3))
    books.step(3 * DAY_MS)
    books.ledger(teller="two").tell(seen(1))
    books.ledger(teller="one").tell(seen(5))

    assert (6, 45_000) == told(books.ledger())


def test_what_is_gone_is_forgotten(books):
    """Its marks stay nowhere: sums of the same name that begin anew are told from their beginning."""
    ledger = books.ledger(teller="one")
    ledger.tell(seen(3))
    ledger.forget()
    books.ledger(teller="one").tell(seen(2))

    assert (5, 37_500) == told(ledger)
