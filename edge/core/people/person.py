"""Who is a person: a sender whose number the numbering plan of its country gives to people.

Short codes are too short, alphanumeric senders are words, and premium, toll-free and machines' numbers have ranges of their
own. Which are which stands in :mod:`edge.core.people.plans`. Only the plans of what is priced are looked at, prepared at the start
as one regular expression: everybody else is told by E.164 alone, and not answered anyway.
"""

import re
from collections.abc import Callable, Iterable

from edge.core.people.plans import PEOPLE

_E164_DIGITS = r"\d{7,15}"
"""ITU-T E.164: the digits of a number, country code included."""


def persons(prefixes: Iterable[str]) -> Callable[[str], object]:
    """Return what says whether a sender is a person; `prefixes` are those that have a price, such as ``"+33"``."""
    priced = [prefix.removeprefix("+") for prefix in prefixes]
    codes = [code for code in PEOPLE if any(code.startswith(digits) or digits.startswith(code) for digits in priced)]
    plans = [f"{code}{PEOPLE[code]}" for code in codes]
    elsewhere = f"(?!{'|'.join(codes)}){_E164_DIGITS}" if codes else _E164_DIGITS
    return re.compile(rf"\+(?:{'|'.join([*plans, elsewhere])})", re.ASCII).fullmatch
