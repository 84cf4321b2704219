"""What the minutes of the last day came to, on every kind of ledger: told with what is told anyway, once, and kept for a day."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.core.charging.charge import Tally
from edge.core.kept.minutes import KEPT_COUNT, KeptMinute, day_begins
from edge.core.wire.reason import Reason
from edge.ledger.opening import minutes
from edge.units import DAY_MS, MINUTE_MS, SECOND_MS
from tests.ledger.parts import MICROS, NOW_MS, InMemory, charge
from tests.ledger.test_hours import seen


def test_a_minute_is_what_was_told_in_it(books):
    """Messages, those of senders who were answered before, what receiving and replies cost, and replies: each in its minute."""
    ledger = books.ledger()
    ledger.admit(charge(1, received=7_500))
    ledger.tell(seen(3, opted_out=1, pace_limit=2))
    books.step(MINUTE_MS)
    ledger.tell(seen(5, opted_out=1, pace_limit=2))

    assert [
        KeptMinute(NOW_MS, 7, 4, 45_000, 1, MICROS),
        KeptMinute(NOW_MS + MINUTE_MS, 2, 2, 30_000, 0, 0),
    ] == ledger.minutes(0)


def test_a_minute_begins_on_the_minute_by_the_ledgers_time(books):
    """Fifty seconds after one are the same minute still; ten seconds more are the next."""
    ledger = books.ledger()
    for seconds, messages in ((50, 1), (10, 2)):
        books.step(seconds * SECOND_MS)
        ledger.tell(seen(messages))

    assert [NOW_MS, NOW_MS + MINUTE_MS] == [found.at_ms for found in ledger.minutes(0)]


def test_a_minute_in_which_nothing_came_is_not_there(books):
    """An idle number writes no minute; nor does what is no message."""
    ledger = books.ledger()
    ledger.tell(seen(0))
    ledger.tell(seen(0, bad_signature=3, duplicate=1))

    assert [] == ledger.minutes(0)


def test_minutes_are_those_from_an_instant_on(books):
    """Whichever worker asks hears of all."""
    one, other = books.ledger(), books.ledger()
    one.tell(seen(1))
    books.step(MINUTE_MS)
    other.tell(seen(2))
    other.tell(seen(3))

    assert [(NOW_MS + MINUTE_MS, 3)] == [(found.at_ms, found.messages) for found in one.minutes(NOW_MS + 1)]


def test_commands_read_the_minutes_without_a_worker(books):
    """From the ledger itself, begun or not; one in memory has none, and nothing is written."""
    before = [] if isinstance(books, InMemory) else minutes(books.place, 0)
    books.ledger().tell(seen(3))
    found = [] if isinstance(books, InMemory) else minutes(books.place, 0)

    assert ([], [] if isinstance(books, InMemory) else [KeptMinute(NOW_MS, 3, 3, 45_000, 0, 0)]) == (before, found)


def test_a_ledger_whose_minutes_were_evicted_has_lost_something(on_server):
    """As any other key: what is not known must not be read as nothing."""
    ledger = on_server.ledger()
    ledger.tell(seen(1))
    with on_server.server.client() as client:
        client.delete(on_server.key("minutes"))

    with pytest.raises(Exception, match="keys are missing"):
        ledger.totals()


def test_minutes_are_forgotten_after_a_day(books):
    """However many days it is flooded, what is kept is a day's and an hour's more at most; and all of the last day."""
    most = 2 if isinstance(books, InMemory) else 120  # in memory each step forgets one
    put(books, [NOW_MS - n * MINUTE_MS for n in range(1, KEPT_COUNT + most)])
    ledger = books.ledger()
    ledger.tell(seen(1))
    books.step(61 * MINUTE_MS)
    ledger.tell(seen(2))
    kept = ledger.minutes(0)

    assert KEPT_COUNT <= len(kept) <= KEPT_COUNT + 61
    assert [NOW_MS - MINUTE_MS, NOW_MS, NOW_MS + 61 * MINUTE_MS] == [found.at_ms for found in kept[-3:]]


def put(books, instants_ms):
    """Have minutes there."""
    if isinstance(books, InMemory):
        books.books.minutes.update({at_ms: KeptMinute(at_ms, 1, 0, 0, 0, 0) for at_ms in reversed(instants_ms)})
    elif hasattr(books, "server"):
        with books.server.client() as client:
            client.hset(books.key("minutes"), mapping=dict.fromkeys(instants_ms, "1 0 0 0 0"))
            client.hset(books.key("account"), "minutes", len(instants_ms))
    else:
        books.ledger().tell(seen(1))
        books.run(f"INSERT INTO minute SELECT value, 1, 0, 0, 0, 0 FROM json_each('{instants_ms}')")


def test_a_wrong_clock_forgets_no_minute(books):
    """One that is a year old stays as long as no day's minutes came after it."""
    ledger = books.ledger()
    ledger.tell(seen(1))
    books.step(365 * DAY_MS)
    ledger.tell(seen(2))

    assert [NOW_MS, NOW_MS + 365 * DAY_MS] == [found.at_ms for found in ledger.minutes(0)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, SECOND_MS, 59 * SECOND_MS, MINUTE_MS, 7 * MINUTE_MS, 3 * 60 * MINUTE_MS]),
        st.integers(0, 1),
        st.integers(0, 5),
        st.booleans(),
    ),
    max_size=30,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_minutes_are_what_a_list_of_all_events_comes_to(runner, steps):
    """Two workers, any interleaving, sums told twice: each event is once in the minute in which it was told."""
    books = InMemory(runner)
    workers, told, model, now_ms = [books.ledger(), books.ledger()], [0, 0], {}, NOW_MS
    for number, (step_ms, worker, more, pays) in enumerate(steps):
        books.step(step_ms)
        now_ms += step_ms
        told[worker] += more
        for _ in range(2):
            workers[worker].tell(Tally({Reason.SENDER_LIMIT: told[worker]}, told[worker] * 7, told[worker]))
        if pays:
            workers[worker].admit(charge(number, received=told[worker] * 7))
        if more or pays:
            had = model.get(now_ms - now_ms % MINUTE_MS, (0, 0, 0, 0, 0))
            model[now_ms - now_ms % MINUTE_MS] = (
                *(had[0] + more + pays, had[1] + more, had[2] + more * 7),
                *(had[3] + pays, had[4] + pays * MICROS),
            )

    assert [KeptMinute(at_ms, *numbers) for at_ms, numbers in model.items()] == workers[0].minutes(0)


def test_the_last_day_begins_on_a_minute():
    """A day before the minute that is under way."""
    assert NOW_MS - DAY_MS == day_begins(NOW_MS + MINUTE_MS - 1)
