"""What the hours of a number came to, on every kind of ledger: told with what is told anyway, once, and kept for 400 days."""

import pytest

from edge.core.charging.charge import Tally
from edge.core.kept.hours import KEPT_COUNT, Hour
from edge.core.wire.reason import Reason
from edge.ledger.opening import hours
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import COST, MICROS, NOW_MS, InMemory, charge, rules

DEAR = rules(kitty_micros=0)


def hour(*numbers):
    """Return an hour in all of which the number was attached."""
    return Hour(*numbers, is_attached=True)


def seen(messages, *, segments=2, **counts):
    """Return sums of so many messages that met silence, and of what else was counted."""
    return Tally(
        {Reason.SENDER_LIMIT: messages, **{Reason(name): count for name, count in counts.items()}},
        messages * segments * 7_500,
        messages * segments,
    )


def test_an_hour_is_what_was_told_in_it(books):
    """Messages, segments, what receiving and replies cost, replies, and that the number was attached: each in its hour."""
    ledger = books.ledger()
    ledger.admit(charge(1, received=7_500))
    ledger.tell(seen(3))
    books.step(HOUR_MS)
    ledger.tell(seen(5))

    assert [
        hour(NOW_MS, 4, 6, 45_000, 1, MICROS),
        hour(NOW_MS + HOUR_MS, 2, 4, 30_000, 0, 0),
    ] == ledger.hours(0)


def test_an_hour_begins_on_the_hour_by_the_ledgers_time(books):
    """Fifty minutes after one are the same hour still; ten minutes more are the next."""
    ledger = books.ledger()
    for minutes, messages in ((50, 1), (10, 2)):
        books.step(minutes * MINUTE_MS)
        ledger.tell(seen(messages))

    assert [NOW_MS, NOW_MS + HOUR_MS] == [found.at_ms for found in ledger.hours(0)]


def test_an_hour_in_which_nothing_came_is_there(books):
    """The number was attached in it, which a mean over the hours has to know."""
    ledger = books.ledger()
    ledger.tell(seen(0))
    ledger.tell(seen(0))

    assert [hour(NOW_MS, 0, 0, 0, 0, 0)] == ledger.hours(0)


def test_what_is_no_message_is_none(books):
    """Retries of answered ones, and what did not come from the provider, are not counted; `answered` is counted as it is paid."""
    ledger = books.ledger()
    ledger.admit(charge(1))
    ledger.admit(charge(1))
    ledger.tell(seen(0, answered=1, duplicate=1, bad_signature=3, malformed=4, not_a_message=5, fault=1))

    assert [(2, 1)] == [(hour.messages, hour.replies) for hour in ledger.hours(0)]


def test_receiving_that_is_told_with_a_charge_is_in_the_hour(books):
    """The charge that is refused as well."""
    ledger = books.ledger(DEAR)
    ledger.admit(charge(1, received=22_500))

    assert [hour(NOW_MS, 0, 0, 22_500, 0, 0)] == ledger.hours(0)


def test_it_is_told_once(books):
    """The same sums again, by whoever goes on with them, add nothing; the hour of what is new is that in which it is told."""
    books.ledger(teller="one").tell(seen(3))
    books.step(3 * DAY_MS)
    after = books.ledger(teller="one")
    after.tell(seen(3))
    after.tell(seen(4))

    assert [(3, 6, 45_000), (1, 2, 15_000)] == [
        (hour.messages, hour.segments, hour.received_micros) for hour in after.hours(0)
    ]


def test_workers_add_to_the_same_hour(books):
    """Whichever of them asks hears of all."""
    one, other = books.ledger(), books.ledger()
    one.tell(seen(1))
    other.tell(seen(2))
    other.admit(charge(1, cost=COST))

    assert [(4, 6, 1)] == [(hour.messages, hour.segments, hour.replies) for hour in one.hours(NOW_MS)]
    assert [] == one.hours(NOW_MS + 1)


def test_sums_of_the_version_before_have_no_segments(books):
    """They are told as they are."""
    ledger = books.ledger(teller="old")
    ledger.tell(Tally({Reason.PAUSED: 3}, 22_500))

    assert [hour(NOW_MS, 3, 0, 22_500, 0, 0)] == ledger.hours(0)


def test_commands_read_the_hours_without_a_worker(books):
    """From the ledger itself; one in memory has none, and nothing is written."""
    books.ledger().tell(seen(3))
    books.step(HOUR_MS)
    found = [] if isinstance(books, InMemory) else hours(books.place, 0)

    assert ([] if isinstance(books, InMemory) else [hour(NOW_MS, 3, 6, 45_000, 0, 0)]) == found


def test_hours_are_forgotten_after_400_days(books):
    """One that is older goes, as soon as as many came after it; one of a wrong clock alone does not."""
    put(books, [NOW_MS - n * HOUR_MS for n in range(1, KEPT_COUNT + 3)])
    ledger = books.ledger()
    ledger.tell(seen(0))
    kept = ledger.hours(0)
    books.step(9 * 400 * DAY_MS)
    ledger.tell(seen(0))

    assert kept[0].at_ms >= NOW_MS - (KEPT_COUNT + 1) * HOUR_MS
    assert KEPT_COUNT <= len(kept) <= KEPT_COUNT + 2
    assert KEPT_COUNT <= len(ledger.hours(0)) <= KEPT_COUNT + 2


def put(books, instants_ms):
    """Have hours there, the oldest first."""
    hours_ = [hour(at_ms, 0, 0, 0, 0, 0) for at_ms in reversed(instants_ms)]
    if isinstance(books, InMemory):
        books.books.hours.update({one.at_ms: one for one in hours_})
    elif hasattr(books, "server"):
        with books.server.client() as client:
            client.hset(books.key("hours"), mapping={one.at_ms: "0 0 0 0 0 1" for one in hours_})
            client.hset(books.key("account"), "hours", len(hours_))
    else:
        books.ledger().tell(seen(0))
        books.run(f"INSERT OR IGNORE INTO hour SELECT value, 0, 0, 0, 0, 0, 1, NULL, NULL, NULL FROM json_each('{[one.at_ms for one in hours_]}')")  # fmt: skip


def test_a_ledger_whose_hours_were_evicted_has_lost_something(on_server):
    """As any other key: what is not known must not be read as nothing."""
    ledger = on_server.ledger()
    ledger.tell(seen(1))
    with on_server.server.client() as client:
        client.delete(on_server.key("hours"))

    with pytest.raises(Exception, match="keys are missing"):
        ledger.totals()
