"""The time of day where the people are."""

import datetime as dt
from zoneinfo import ZoneInfo

from edge.errors import ConfigError


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name. Raises ConfigError where this machine knows none of that name."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # a folder of zones, a path out of them, and no zone at all
        raise ConfigError(
            f'alert.time-zone: found {name!r}, which this machine does not know; write one such as "Europe/Paris", or '
            "install tzdata"
        ) from None


def until_said(zone: ZoneInfo, until_ms: int) -> str | None:
    """Return an instant to come for people there, to the minute; None for what is beyond the calendar, which has no end."""
    try:
        until = dt.datetime.fromtimestamp(-(-until_ms // 60_000) * 60, zone)
    except (ValueError, OverflowError):
        return None
    return f"{until:%Y-%m-%d %H:%M} ({zone.key})"


def day_and_minute(zone: ZoneInfo, now_ms: int) -> tuple[str, int]:
    """Return the day there, and the minute of it."""
    now = dt.datetime.fromtimestamp(now_ms // 1000, zone)
    return now.date().isoformat(), now.hour * 60 + now.minute
