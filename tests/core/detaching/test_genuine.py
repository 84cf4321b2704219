"""Facts about the genuine senders that are to be expected."""

from edge.core.detaching.genuine import Genuine, expected
from edge.core.kept.hours import Hour
from edge.units import DAY_MS, HOUR_MS

NOW_MS = 1_800_000_000_000 + HOUR_MS // 2
GIVEN = Genuine(100, 24)


def hours(count, *, messages=20, replies=10, attached=True, end_ms=NOW_MS - HOUR_MS // 2):
    """Return so many hours alike, the last one before an instant."""
    return [Hour(end_ms - (n + 1) * HOUR_MS, messages, messages, 0, replies, 0, attached) for n in range(count)]


def test_without_a_history_it_is_what_the_file_says():
    """A day's worth of hours is needed, quiet and wholly attached."""
    assert GIVEN == expected([], NOW_MS, 100)
    assert GIVEN == expected(hours(23), NOW_MS, 100)
    assert GIVEN == expected(hours(100, attached=False), NOW_MS, 100)
    assert GIVEN == expected(hours(100, messages=111), NOW_MS, 100)


def test_it_is_the_mean_of_the_answers_in_quiet_hours():
    """Ten messages for each answer are quiet, and ten more; nights without anybody count."""
    assert Genuine(240, 24) == expected(hours(24), NOW_MS, 100)
    assert Genuine(240, 24) == expected(hours(24, messages=110), NOW_MS, 100)
    assert Genuine(240, 48) == expected(hours(24) + hours(24, messages=0, replies=0), NOW_MS, 100)


def test_it_is_never_below_what_the_file_says():
    """A week in which nobody wrote expects no less."""
    assert GIVEN == expected(hours(168, messages=4, replies=4), NOW_MS, 100)
    assert Genuine(5 * 168, 168) == expected(hours(168, messages=5, replies=5), NOW_MS, 100)


def test_each_of_several_numbers_is_expected_to_get_an_equal_share():
    """Of what the file says; its own history is its own, and can only raise that."""
    assert Genuine(100, 96) == expected([], NOW_MS, 100, 4)
    assert Genuine(100, 96) == expected(hours(168, messages=1, replies=1), NOW_MS, 100, 4)
    assert Genuine(2 * 168, 168) == expected(hours(168, messages=2, replies=2), NOW_MS, 100, 4)


def test_only_the_last_seven_days_count():
    """The hour that is not over does not, nor do older ones."""
    assert GIVEN == expected(hours(24, end_ms=NOW_MS - HOUR_MS // 2 - 7 * DAY_MS), NOW_MS, 100)
    assert Genuine(230, 23 + 1) == expected(hours(25)[1:24] + hours(1, messages=0, replies=0), NOW_MS, 100)
    assert GIVEN == expected(hours(24, end_ms=NOW_MS + HOUR_MS // 2), NOW_MS, 100)
