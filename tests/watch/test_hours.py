"""The time of day where the people are."""

import pytest

from edge.core.kept.pause import WITHOUT_END_MS
from edge.errors import ConfigError
from edge.watch.hours import day_and_minute, until_said, zone_of

NOW_MS = 1_800_000_000_000  # 2027-01-15 08:00 UTC


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", ("2027-01-15", 480)), ("Europe/Paris", ("2027-01-15", 540)), ("Pacific/Auckland", ("2027-01-15", 1260))],
)
def test_a_day_and_its_minute(zone, expected):
    """Summer time is the zone's own affair."""
    assert expected == day_and_minute(zone_of(zone), NOW_MS)


@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Paradis", "../etc/passwd", "/etc/localtime", "x\0"])
def test_a_zone_that_is_none_is_refused(zone):
    """One line that says what would be right."""
    with pytest.raises(ConfigError, match=r'^alert\.time-zone: found .*; write one such as "Europe/Paris"'):
        zone_of(zone)


def test_an_end_is_said_to_the_minute_and_rounded_up():
    """In the zone's own time, with its name: a telephone may be elsewhere."""
    assert "2027-01-15 09:00 (Europe/Paris)" == until_said(zone_of("Europe/Paris"), NOW_MS)
    assert "2027-01-15 08:01 (UTC)" == until_said(zone_of("UTC"), NOW_MS + 1)


def test_a_pause_without_an_end_has_none():
    """It is beyond any calendar."""
    assert until_said(zone_of("UTC"), WITHOUT_END_MS) is None
