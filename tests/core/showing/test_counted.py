"""Facts about what everybody may see of a number."""

from edge.core.charging.charge import Totals
from edge.core.kept.hours import Hour
from edge.core.limits.bucket import UNUSED
from edge.core.showing.counted import Counted, counted, midnight_before, until_today
from edge.core.wire.reason import Reason
from edge.units import DAY_MS, HOUR_MS

NOW_MS = 1_800_000_000_000
COUNTS = {Reason.ANSWERED: 10, Reason.SENDER_LIMIT: 90, Reason.DUPLICATE: 5, Reason.NOT_FOUND: 7}
TOTALS = Totals(COUNTS, 763_000, 750_000, UNUSED, NOW_MS)


def test_the_sums_are_those_of_messages():
    """Retries of answered ones and what is none are left out."""
    assert Counted(100, 10, 1_513_000) == counted(TOTALS)


def test_a_day_begins_at_midnight():
    """In UTC."""
    assert (0, DAY_MS) == (midnight_before(DAY_MS - 1), midnight_before(DAY_MS))


def test_what_came_today_is_left_out():
    """Messages, replies and both kinds of money."""
    today = [Hour(NOW_MS - n * HOUR_MS, 20, 20, 150_000, 2, 152_600, is_attached=n > 0) for n in (0, 1)]

    assert Counted(60, 6, 1_513_000 - 2 * 302_600) == until_today(TOTALS, today)
    assert counted(TOTALS) == until_today(TOTALS, [])


def test_a_sum_is_never_below_nothing():
    """Hours may know of more than the last tally does."""
    assert Counted(0, 0, 0) == until_today(TOTALS, [Hour(NOW_MS, 999, 999, 999_999_999, 99, 0, is_attached=True)])
