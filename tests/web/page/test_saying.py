"""Facts about numbers, money and time in words."""

import datetime as dt

import pytest

from edge.web.page import saying
from edge.web.page.words import preferred

NOW = dt.datetime(2026, 11, 28, 21, 4, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("22,104", saying.number(22_104, "en")),
        ("22\u202f104", saying.number(22_104, "fr")),
        ("1,234.51\u00a0€", saying.money(1_234_500_001, "EUR", "en")),
        ("1\u202f234,50\u00a0€", saying.money(1_234_509_999, "EUR", "fr", left=True)),
        ("0.01\u00a0SEK", saying.money(1, "SEK", "en")),
        ("3\u00a0May\u00a02027", saying.date(dt.date(2027, 5, 3), "en")),
        ("1er\u00a0mai\u00a02027", saying.date(dt.date(2027, 5, 1), "fr")),
        ("1\u00a0May\u00a02027", saying.date(dt.date(2027, 5, 1), "en")),
        ("∞", saying.date(dt.date.max, "fr")),
        ("20:04", saying.time(NOW - dt.timedelta(hours=1), NOW, "en")),
        ("27\u00a0nov\u00a021:04", saying.time(NOW - dt.timedelta(days=1), NOW, "fr")),
        ("1\u00a0June", saying.day_and_month(dt.datetime(2027, 6, 1, tzinfo=dt.UTC), "en")),
    ],
)
def test_each_language_writes_it_its_way(expected, found):
    """What was spent is rounded up, what is left is rounded down."""
    assert expected == found


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("fr", "fr"), ("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("en-GB,fr;q=0.9", "en"), ("de,fr;q=0.2", "fr"),
        ("de", "en"), ("en;q=0.1, FR;q=0.9", "fr"), ("fr;q=x", "en"), ("*", "en"), ("fr;q=0", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_browsers(header, language):
    """The one that it wants most, of those that there are."""
    assert language == preferred(header)
