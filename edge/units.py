"""Money and time as integers: millionths of the currency unit (`micros`) and milliseconds (`ms`).

Decimal strings come in and go out here, and nowhere else; no float ever holds money or time.
Rounding, where there is any, is against us: what we pay rounds up, what we may spend rounds down.
"""

import re

MICROS = 1_000_000
SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

MONEY_MAX = "999999999.999999"
"""The largest amount that is exact in every ledger: on a server, whole numbers are so up to 2^53."""
_MONEY = re.compile(r"(\d{1,9})(?:\.(\d{1,6})0*)?")
"""Zeros beyond the sixth decimal say nothing, and price lists write them."""
_TOO_MUCH = re.compile(r"\d{10,}(?:\.\d+)?")
_DURATION_UNITS_MS = {"ms": 1, "s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_DURATION_PART = re.compile(r"(\d{1,9})(ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_DURATION_PART.pattern})+")


class Micros(int):
    """An amount of money in millionths of the currency unit."""


class Millis(int):
    """A length of time in milliseconds."""


def parse_money(text: str) -> Micros:
    """Return the micros of a decimal string such as ``"0.0763"``.

    Raises ValueError for anything but up to nine digits, a point and up to six decimals, zeros after them aside.
    """
    found = _MONEY.fullmatch(text) if text.isascii() else None
    if text.isascii() and _TOO_MUCH.fullmatch(text):
        raise ValueError(f'found {text!r}; the largest amount that can be counted is "{MONEY_MAX}"')
    if found is None:
        raise ValueError(f'found {text!r}; write an amount as a decimal string, such as "2000" or "0.0763"')
    whole, decimals = found.group(1), found.group(2) or ""
    return Micros(int(whole) * MICROS + int(decimals.ljust(6, "0")))


def format_money(micros: int) -> str:
    """Return the shortest decimal string of an amount: at least two decimals, at most six."""
    sign = "-" if micros < 0 else ""
    whole, decimals = divmod(abs(micros), MICROS)
    shown = f"{decimals:06}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{shown}"


def parse_duration(text: str) -> Millis:
    """Return the milliseconds of a duration such as ``"24h"``, ``"15m"`` or ``"1h30m"``.

    Raises ValueError for anything but numbers with the units ms, s, m, h and d.
    """
    if not text.isascii() or _DURATION.fullmatch(text) is None:
        raise ValueError(f'found {text!r}; write a duration such as "24h", "15m" or "1h30m" (units: ms, s, m, h, d)')
    return Millis(sum(int(n) * _DURATION_UNITS_MS[unit] for n, unit in _DURATION_PART.findall(text)))


def format_duration(ms: int) -> str:
    """Return a duration in the largest unit that holds it whole."""
    units = reversed(_DURATION_UNITS_MS.items())
    return next((f"{ms // unit_ms}{unit}" for unit, unit_ms in units if ms and not ms % unit_ms), f"{ms}ms")


def divide_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded up, for what we pay."""
    return -(-numerator // denominator)
