"""The pace of the hour in the totals of every kind of ledger: whoever looks on goes by the one that is in force."""

from edge.core.charging.charge import Tally
from edge.core.charging.pace import per_day_of
from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import Week
from edge.core.limits.rules import Lasts
from edge.ledger.opening import totals
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import MICROS, NOW_MS, InMemory, charge, rules

KITTY = 20_000_000
LASTS = Lasts(NOW_MS + 16 * HOUR_MS + 9 * DAY_MS, 0, MICROS)
RULES = rules(kitty_micros=KITTY, lasts=LASTS)
FULL = Hourly(per_day_of(LASTS, KITTY, 0, Week(0, 0), NOW_MS), KITTY, LASTS.until_ms)


def told(received_micros=0):
    """Return sums."""
    return Tally({}, received_micros)


def test_the_totals_have_the_pace_that_was_worked_out(books):
    """Whatever was received or paid in the hour since; so have those that a command reads, where it can."""
    ledger = books.ledger(RULES)
    ledger.tell(told())
    books.step(59 * MINUTE_MS)
    ledger.tell(told(19_000_000))
    ledger.admit(charge(1))
    seen = ledger.totals()
    looked = seen if isinstance(books, InMemory) else totals(books.place, RULES, seen.now_ms)

    assert (FULL, FULL) == (seen.hourly, looked.hourly)


def test_the_next_hour_has_none_before_somebody_comes(books):
    """Then it is that of what is left."""
    ledger = books.ledger(RULES)
    ledger.tell(told())
    books.step(HOUR_MS)
    before = ledger.totals()
    ledger.tell(told(10_000_000))
    after = per_day_of(LASTS, KITTY, 10_000_000, Week(1, 0), NOW_MS + HOUR_MS)

    assert (None, Hourly(after, KITTY, LASTS.until_ms)) == (before.hourly, ledger.totals().hourly)


def test_a_file_that_names_the_pace_leaves_none(books):
    """Though the hour is there."""
    ledger = books.ledger(rules(kitty_micros=KITTY))
    ledger.admit(charge(1))
    ledger.tell(told(1))
    seen = ledger.totals()
    looked = seen if isinstance(books, InMemory) else totals(books.place, RULES, seen.now_ms)

    assert (None, None) == (seen.hourly, looked.hourly)


def test_a_pace_holds_for_its_kitty_and_its_day_alone():
    """A file that has another one of them has another pace."""
    assert [FULL.per_day_micros, None, None] == [
        FULL.per_day(KITTY, LASTS.until_ms),
        FULL.per_day(KITTY + 1, LASTS.until_ms),
        FULL.per_day(KITTY, LASTS.until_ms + DAY_MS),
    ]
