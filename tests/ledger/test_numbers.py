"""What came to each of several numbers, on every kind of ledger: by the hour and by the minute, beside what came to all."""

import pytest

from edge.core.charging.charge import Came, Tally
from edge.core.charging.pace import cost_at
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import KEPT_COUNT
from edge.core.kept.minutes import KEPT_COUNT as MINUTES_KEPT
from edge.core.kept.minutes import KeptMinute
from edge.core.limits.rules import Pace, Sharing
from edge.core.wire.reason import Reason
from edge.ledger import opening
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import MICROS, NOW_MS, InMemory, charge, rules
from tests.ledger.test_hours import hour

FIRST, SECOND = NUMBERS = ("+33937000000", "+33937000001")
SHARING = Sharing(MICROS, 0, 2)
RULES = rules(sharing=SHARING, numbers=NUMBERS)
COST = cost_at(MICROS, Pace(100 * MICROS, 100 * MICROS), SHARING)


def seen(**messages):
    """Return sums of so many messages of two segments that met silence, at the first number and at the second one."""
    counts = [messages.get(name, 0) for name in ("first", "second")]
    numbers = {
        number: Came(count, count, count * 15_000, count * 2) for number, count in zip(NUMBERS, counts, strict=True)
    }
    both = sum(counts)
    return Tally({Reason.SENDER_LIMIT: both}, both * 15_000, both * 2, numbers)


def pay(ledger, message, number):
    """Have a reply paid at a number."""
    assert Reason.ANSWERED is ledger.admit(charge(message, cost=COST, number=number)).reason


def put(books, key, at_ms):
    """Have an hour or a minute of each number there, and of all of them, as if it came at another instant."""
    if isinstance(books, InMemory):
        kept, of_each = getattr(books.books, key), getattr(books.books, f"number_{key}")
        kept[at_ms], of_each[at_ms] = kept.pop(next(iter(kept))), of_each.pop(next(iter(of_each)))
    elif hasattr(books, "server"):
        with books.server.client() as client:
            for name in (key, f"number_{key}"):
                [(was, value)] = client.hgetall(books.key(name)).items()
                client.hdel(books.key(name), was)
                client.hset(books.key(name), at_ms, value)
    else:
        for name in (key[:-1], f"number_{key[:-1]}"):
            books.run(f"UPDATE {name} SET at_ms = {at_ms}")


def test_each_number_has_hours_of_its_own(books):
    """Messages, segments, what receiving and replies cost, and replies; those of all are their sums."""
    ledger = books.ledger(RULES)
    pay(ledger, 1, FIRST)
    ledger.tell(seen(first=3, second=1))
    books.step(HOUR_MS)
    pay(ledger, 2, SECOND)
    ledger.tell(seen(first=3, second=2))

    first, second = NOW_MS, NOW_MS + HOUR_MS
    assert {
        FIRST: [hour(first, 4, 6, 45_000, 1, MICROS), hour(second, 0, 0, 0, 0, 0)],
        SECOND: [hour(first, 1, 2, 15_000, 0, 0), hour(second, 2, 2, 15_000, 1, MICROS)],
    } == ledger.hours_of_each(0)
    assert [hour(first, 5, 8, 60_000, 1, MICROS), hour(second, 2, 2, 15_000, 1, MICROS)] == ledger.hours(0)
    assert [second] == [kept.at_ms for kept in ledger.hours_of_each(NOW_MS + 1)[FIRST]]


def test_each_number_has_minutes_of_its_own(books):
    """A minute in which nothing came to a number is not there."""
    ledger = books.ledger(RULES)
    pay(ledger, 1, FIRST)
    ledger.tell(seen(first=3, second=1))
    books.step(MINUTE_MS)
    ledger.tell(seen(first=3, second=2))

    later = KeptMinute(NOW_MS + MINUTE_MS, 1, 1, 15_000, 0, 0)
    assert {
        FIRST: [KeptMinute(NOW_MS, 4, 3, 45_000, 1, MICROS)],
        SECOND: [KeptMinute(NOW_MS, 1, 1, 15_000, 0, 0), later],
    } == ledger.minutes_of_each(0)
    assert {SECOND: [later]} == ledger.minutes_of_each(NOW_MS + 1)


def test_what_came_to_a_number_is_told_once(books):
    """By whoever goes on with the sums; and without a name by each worker from its beginning."""
    books.ledger(RULES, teller="one").tell(seen(first=3))
    books.ledger(RULES, teller="one").tell(seen(first=3, second=1))
    books.ledger(RULES, teller="one").tell(seen(first=4, second=1))
    nameless = books.ledger(RULES)
    nameless.tell(seen(second=2))
    nameless.tell(seen(second=3))

    assert {FIRST: 4, SECOND: 4} == {number: kept.messages for number, [kept] in nameless.hours_of_each(0).items()}
    assert [8] == [kept.messages for kept in nameless.hours(0)]


def test_what_an_earlier_version_tells_is_of_no_number(books):
    """It knows the numbers and tells nothing of them: it is in the hours of all."""
    ledger = books.ledger(RULES)
    ledger.tell(Tally({Reason.PACE_LIMIT: 3}, 22_500, 3))
    ledger.tell(Tally({Reason.PACE_LIMIT: 3}, 22_500, 3, {FIRST: Came(1, 0, 7_500, 1)}))

    assert [3] == [kept.messages for kept in ledger.hours(0)]
    assert [3] == [minute.messages for minute in ledger.minutes(0)]
    assert {FIRST: 1, SECOND: 0} == {number: kept.messages for number, [kept] in ledger.hours_of_each(0).items()}


def test_one_number_has_those_of_all(books):
    """Nothing is kept twice."""
    ledger = books.ledger()
    ledger.admit(charge(1))
    ledger.tell(Tally({Reason.PACE_LIMIT: 3}, 22_500, 3))

    assert ({}, {}) == (ledger.hours_of_each(0), ledger.minutes_of_each(0))
    assert [""] == [paid.number for paid in books.paid()]


def test_an_hour_says_of_each_number_whether_it_was_attached(books):
    """The one that was detached in it was not; the hour of all says that not all were."""
    ledger = books.ledger(RULES)
    ledger.tell(seen(first=1))
    off = Attachment(attached=False)
    ledger.keep_attachment(SECOND, Attachment(), off)
    books.step(HOUR_MS)
    ledger.tell(seen(first=2))
    books.step(HOUR_MS)
    ledger.keep_attachment(SECOND, off, Attachment())
    ledger.tell(seen(first=2))
    books.step(HOUR_MS)
    ledger.tell(seen(first=3))

    assert {FIRST: [True] * 4, SECOND: [False, False, False, True]} == {
        number: [kept.is_attached for kept in hours] for number, hours in ledger.hours_of_each(0).items()
    }
    assert [False, False, False, True] == [kept.is_attached for kept in ledger.hours(0)]


def test_a_reply_says_which_number_it_was_for(books):
    """Kept as long as the reply, and read by whoever only looks; that of a file with one number says nothing."""
    ledger = books.ledger(RULES)
    for message, number in enumerate((FIRST, SECOND, "", SECOND)):
        ledger.admit(charge(message, cost=COST if number else charge().cost, number=number))

    assert [FIRST, SECOND, "", SECOND] == [paid.number for paid in books.paid()]


def test_commands_read_them_without_a_worker(books):
    """From the ledger itself, begun or not; one in memory has none, and nothing is written."""
    if isinstance(books, InMemory):
        place = opening.Place("memory:", ".", FIRST)
        assert ({}, {}) == (opening.hours_of_each(place, 0), opening.minutes_of_each(place, 0))
        return
    before = opening.hours_of_each(books.place, 0), opening.minutes_of_each(books.place, 0)
    ledger = books.ledger(RULES)
    pay(ledger, 1, FIRST)
    ledger.tell(seen(first=3, second=1))

    assert ({}, {}) == before
    assert ledger.hours_of_each(0) == opening.hours_of_each(books.place, 0)
    assert ledger.minutes_of_each(0) == opening.minutes_of_each(books.place, 0)
    assert ({}, {}) == (
        opening.hours_of_each(books.place, NOW_MS + 1), opening.minutes_of_each(books.place, NOW_MS + 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "count", "span_ms"), [("hours", KEPT_COUNT, HOUR_MS), ("minutes", MINUTES_KEPT, MINUTE_MS)]
)
def test_they_are_forgotten_with_those_of_all(books, key, count, span_ms):
    """One that is older goes as soon as as many came after it: by the hour, or by the day on a server."""
    ledger = books.ledger(RULES)
    ledger.tell(seen(first=1))
    put(books, key, NOW_MS - (count + 200) * span_ms)
    fill(books, key, [NOW_MS - n * span_ms for n in range(1, count + 100)])
    books.step(25 * HOUR_MS)
    later = books.ledger(RULES)
    later.tell(seen(first=2))
    kept = getattr(later, f"{key}_of_each")(0)[FIRST]

    assert NOW_MS - (count + 100) * span_ms < kept[0].at_ms


def fill(books, key, instants_ms):
    """Have hours or minutes there, of all and of one number, the oldest first."""
    oldest_first = sorted(instants_ms)
    sums = "0 0 0 0 0 1" if key == "hours" else "0 0 0 0 0"
    if isinstance(books, InMemory):
        make = (lambda at: hour(at, 0, 0, 0, 0, 0)) if key == "hours" else (lambda at: KeptMinute(at, *[0] * 5))
        getattr(books.books, key).update({at_ms: make(at_ms) for at_ms in oldest_first})
        getattr(books.books, f"number_{key}").update({at_ms: {FIRST: make(at_ms)} for at_ms in oldest_first})
    elif hasattr(books, "server"):
        with books.server.client() as client:
            client.hset(books.key(key), mapping=dict.fromkeys(oldest_first, sums))
            client.hset(books.key(f"number_{key}"), mapping=dict.fromkeys(oldest_first, f"{FIRST} {sums}"))
            for name in (key, f"number_{key}"):
                client.hset(books.key("account"), name, client.hlen(books.key(name)))
    else:
        values, of_all = sums.replace(" ", ", "), ", NULL, NULL, NULL" if key == "hours" else ""
        listed = f"json_each('{oldest_first}')"
        books.run(f"INSERT INTO {key[:-1]} SELECT value, {values}{of_all} FROM {listed}")
        books.run(f"INSERT INTO number_{key[:-1]} SELECT value, '{FIRST}', {values} FROM {listed}")


def test_a_year_of_hours_is_read_as_it_is(books):
    """Where all is asked for, and where a day is."""
    ledger = books.ledger(RULES)
    ledger.tell(seen(first=1))
    fill(books, "hours", [NOW_MS - n * HOUR_MS for n in range(1, 3_000)])

    assert 3_000 == len(ledger.hours_of_each(0)[FIRST])
    assert 25 == len(ledger.hours_of_each(NOW_MS - DAY_MS)[FIRST])
