"""A kitty that is to last until a day, on every kind of ledger: the pace of an hour is one for all, and no limit is broken by its changes."""

import random

from edge.core.answering.gate import Gate
from edge.core.answering.routes import Routes
from edge.core.charging.charge import Tally
from edge.core.charging.pace import OVER, cost_at, pace_of, per_day_of
from edge.core.charging.question import Question, Route
from edge.core.kept.hours import Week
from edge.core.limits.rules import Cost, Lasts, Pace
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import MICROS, NOW_MS, ROOMY, charge, rules
from tests.torture import rounds

KITTY = 20_000_000
UNTIL_MS = NOW_MS + 16 * HOUR_MS + 9 * DAY_MS
UNKNOWN = Week(0, 0)
LASTS = Lasts(UNTIL_MS, 0, MICROS)
RULES = rules(kitty_micros=KITTY, lasts=LASTS)


def told(received_micros=0):
    """Return sums."""
    return Tally({}, received_micros)


def expected(spent_micros, now_ms, week=UNKNOWN, lasts=LASTS, kitty=KITTY):
    """Return the pace."""
    return pace_of(lasts, per_day_of(lasts, kitty, spent_micros, week, now_ms))


def test_who_tells_first_in_an_hour_works_the_pace_out(books):
    """All who come later in it have the same one, whatever was spent since; those of the next hour begin with what is left."""
    one, other = books.ledger(RULES), books.ledger(RULES)
    paces = [one.tell(told(1_000_000)).pace]
    books.step(59 * MINUTE_MS)
    paces += [other.tell(told(9_000_000)).pace, other.admit(charge(1)).paced]
    books.step(MINUTE_MS)
    next_ = other.admit(charge(2, received=9_000_000)).paced

    assert [expected(1_000_000, NOW_MS)] * 3 == paces
    assert expected(10_000_000 + MICROS, NOW_MS + HOUR_MS, Week(1, 10_000_000)) == next_


def test_a_file_that_names_the_pace_has_no_other(books):
    """Beside one that does not."""
    books.ledger(RULES).tell(told())
    ledger = books.ledger(rules(kitty_micros=KITTY))

    assert (None, None) == (ledger.tell(told()).pace, ledger.admit(charge(1)).paced)


def test_another_day_or_another_kitty_counts_at_once(books):
    """A reload does not wait for the next hour, and a machine with the old file keeps its own pace."""
    books.ledger(RULES).tell(told())
    later, richer = Lasts(UNTIL_MS + 10 * DAY_MS, 0, MICROS), 4 * KITTY

    assert expected(0, NOW_MS, lasts=later) == books.ledger(rules(kitty_micros=KITTY, lasts=later)).tell(told()).pace
    assert expected(0, NOW_MS, kitty=richer) == books.ledger(rules(kitty_micros=richer, lasts=LASTS)).tell(told()).pace
    assert expected(0, NOW_MS) == books.ledger(RULES).tell(told()).pace


def test_the_ledger_decides_by_the_pace_of_the_hour(books):
    """The charge's own, of a file that could not know it, is not looked at."""
    ledger = books.ledger(RULES)
    burst = ledger.tell(told()).pace.burst_micros
    reasons = [ledger.admit(charge(n, cost=Cost(MICROS, ROOMY))).reason for n in range(burst // MICROS + 1)]

    assert [Reason.ANSWERED] * (burst // MICROS) + [Reason.PACE_LIMIT] == reasons


def test_once_the_day_is_over_nothing_is_paid(books):
    """From its first instant on; the retry of an answered message is answered still."""
    ledger = books.ledger(RULES)
    books.step(UNTIL_MS - NOW_MS - 1)
    before = ledger.admit(charge(1))
    books.step(1)
    after = ledger.admit(charge(2)), ledger.admit(charge(1))

    assert [Reason.ANSWERED, Reason.PACE_LIMIT, Reason.DUPLICATE] == [before.reason, *(it.reason for it in after)]
    assert [OVER, OVER] == [after[0].paced, ledger.tell(told()).pace]


def test_receiving_of_the_last_seven_days_is_set_aside(books):
    """By the mean of the hours that are known; what is older is forgotten."""
    ledger = books.ledger(rules(kitty_micros=KITTY, lasts=Lasts(NOW_MS + 30 * DAY_MS, 0, MICROS)))
    until = Lasts(NOW_MS + 30 * DAY_MS, 0, MICROS)
    ledger.tell(told(1_000_000))
    for _ in range(9):
        books.step(HOUR_MS)
        ledger.tell(told(1_000_000))
    soon = expected(1_000_000, NOW_MS + 9 * HOUR_MS, Week(9, 1_000_000), until)
    assert soon == ledger.tell(told(1_000_000)).pace
    books.step(8 * DAY_MS)

    assert expected(1_000_000, NOW_MS + 9 * HOUR_MS + 8 * DAY_MS, lasts=until) == ledger.tell(told(1_000_000)).pace


def test_no_interval_costs_more_than_the_largest_burst_and_the_fastest_rate(books, shows):
    """P1, whatever the pace was in which hour: the kitty is topped up, the day is put off, money goes on receiving."""
    chance, steps = random.Random(1789), rounds(60, many=2_000)
    events, received = [], 0
    wide = rules(sender=ROOMY, kitty_micros=KITTY, lasts=LASTS)
    files = [
        wide, rules(sender=ROOMY, kitty_micros=3 * KITTY, lasts=LASTS),
        rules(sender=ROOMY, kitty_micros=KITTY, lasts=Lasts(UNTIL_MS - 8 * DAY_MS, 0, MICROS)),
    ]  # fmt: skip
    ledger, now_ms = books.ledger(wide), NOW_MS
    for message in range(steps):
        if chance.random() < 0.1:
            ledger = books.ledger(chance.choice(files))
            received = 0
        step_ms = chance.choice([1, MINUTE_MS, 20 * MINUTE_MS, HOUR_MS])
        books.step(step_ms)
        now_ms += step_ms
        received += chance.choice([0, 7_500, 75_000])
        decision = ledger.admit(charge(message, received=received))
        events.append((now_ms, decision.paced, decision.reason is Reason.ANSWERED))
        if decision.reason is Reason.ANSWERED:
            micros = burst = rate = 0
            for at_ms, pace, was_paid in reversed(events):
                micros += was_paid * MICROS
                burst, rate = max(burst, pace.burst_micros), max(rate, pace.per_day_micros)
                assert (micros - burst) * DAY_MS <= rate * (now_ms - at_ms)
    shows("P1", rounds=1, requests=steps)

    assert 10 < sum(was_paid for _, _, was_paid in events) < steps


def test_a_gate_goes_by_the_pace_that_it_hears(books):
    """It refuses nobody for the pace of the hour before, and asks no more than a question for one that was made stricter."""
    ledger = books.ledger(RULES)
    routes = Routes({"+33": Route(0, cost_at(MICROS, Pace(KITTY, KITTY)))})
    gate = Gate(rules=RULES, routes=routes, own=[], paused=False, block_digits=4, key=b"k")
    asked = []

    def write(number, now_ms, ledger=ledger):
        judged = gate.judge(Message(f"+3363998{number:04}", "Salut", f"m{number}"), 0, now_ms)
        if isinstance(judged, Question):
            decision = ledger.admit(judged.charge)
            gate.settle(judged, decision)
            asked.append(decision.reason)
        return judged

    gate.paced(ledger.tell(told()).pace)
    first = [write(n, NOW_MS) for n in range(20)]
    books.step(HOUR_MS)
    faster = books.ledger(rules(kitty_micros=100 * KITTY, lasts=LASTS))
    gate.paced(faster.tell(told()).pace)
    second = [write(n, NOW_MS + HOUR_MS, faster) for n in range(20, 23)]

    assert Reason.PACE_LIMIT in first
    assert Reason.PACE_LIMIT not in asked
    assert all(isinstance(judged, Question) for judged in second)
