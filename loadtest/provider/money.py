"""Money in whole micros, millionths of the currency unit; the harness's own way in and out of decimal strings."""

from decimal import Decimal
from fractions import Fraction

MICROS = 1_000_000


def read_money(text: str) -> int:
    """Return the micros of a decimal string. Raises ValueError for a fraction of one, and for what is no number."""
    try:
        micros = Decimal(text) * MICROS
        exact = int(micros)
    except (ArithmeticError, ValueError):
        raise ValueError(f"found {text!r}; an amount of money is a decimal string") from None
    if exact != micros:
        raise ValueError(f"found {text!r}; money is counted in millionths")
    return exact


def show_money(micros: int) -> str:
    """Return an amount with at least two decimals, and no more than it has."""
    sign, (whole, rest) = "-" if micros < 0 else "", divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{f'{rest:06}'.rstrip('0'):0<2}"


def in_units(micros: int) -> Fraction:
    """Return an amount in units of its currency, exactly."""
    return Fraction(micros, MICROS)
