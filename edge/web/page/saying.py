"""Numbers, money and time for people, as each language writes them."""

import datetime as dt

from edge.units import MICROS, divide_up
from edge.web.page.words import MONTHS

_THIN, _FIXED = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


def number(value: int, language: str) -> str:
    """Return a whole number with its thousands apart."""
    grouped = f"{value:,}"
    return grouped.replace(",", _THIN) if language == "fr" else grouped


def money(micros: int, currency: str, language: str, *, left: bool = False) -> str:
    """Return an amount in hundredths: what was spent is rounded up, what is left is rounded down."""
    hundredths = micros * 100 // MICROS if left else divide_up(micros * 100, MICROS)
    whole, point = number(hundredths // 100, language), "," if language == "fr" else "."
    return f"{whole}{point}{hundredths % 100:02}{_FIXED}{'€' if currency == 'EUR' else currency}"


def date(day: dt.date, language: str) -> str:
    """Return a day; the last one that a date can hold is beyond all plans."""
    if day.year >= dt.MAXYEAR:
        return "∞"
    first = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{first}{_FIXED}{MONTHS[language][day.month - 1]}{_FIXED}{day.year}"


def day_and_month(at: dt.datetime, language: str) -> str:
    """Return a day without its year, short."""
    month = MONTHS[language][at.month - 1]
    return f"{at.day}{_FIXED}{month if len(month) <= 4 else month[:3]}"  # noqa: PLR2004  the longest that is short


def time(at: dt.datetime, now: dt.datetime, language: str) -> str:
    """Return an instant: the time of day, and the day where it is not that of now."""
    clock = f"{at:%H:%M}"
    return clock if at.date() == now.date() else f"{day_and_month(at, language)}{_FIXED}{clock}"
