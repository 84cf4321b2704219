"""`make plans`: make `edge/core/people/plans.py`, what numbers people can have, from Google's numbering plans.

And `loadtest/flood/mobiles.py`, a mobile of each plan: the floods make up numbers of that length.

The plans are those of phonenumberslite (https://github.com/daviddrysdale/python-phonenumbers), which says for each country
which numbers are landlines, mobiles, internet telephones, premium, toll-free, pagers and so on. Of that, this keeps:

1. For each calling code the lengths that numbers of people have, by their first digits. A range in which only numbers of
   other kinds are known (premium, toll-free, shared cost, personal, pagers, companies, voice mail) holds no people.
   One of which nothing is known holds people if the length is one of the plan's: new ranges are opened every month.
2. Under which first digits another country shares a calling code.
"""

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumberFormat,
    PhoneNumberType,
    example_number_for_type,
    format_number,
    is_number_type_geographical,
    number_type,
)

from bench.arguments import Parser
from tools.digits import DIGITS, Rest, after, count_of, lengths_of, rest_of

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "edge" / "core" / "people" / "plans.py"
MOBILES = ROOT / "loadtest" / "flood" / "mobiles.py"
LIBRARY = "phonenumberslite"

PEOPLE = ("fixed_line", "mobile", "voip")
OTHERS = ("toll_free", "premium_rate", "shared_cost", "personal_number", "pager", "uan", "voicemail")
MACHINES = {"31": r"970\d{8}"}
"""Numbers of machines that the library counts as mobiles: https://www.acm.nl/en, 097 (2013). Elsewhere their length tells."""
SAME_COUNTRY = {
    "31": ("297", "599"),  # Aruba, the Caribbean Netherlands, Curacao
    "33": ("262", "508", "590", "594", "596", "681", "687", "689"),  # Reunion, Mayotte, Saint-Pierre, Guadeloupe ...
    "45": ("298", "299"),  # the Faroes, Greenland
}
"""By hand: the library knows no states, only plans."""

_LENGTHS_DEPTH = 2
"""First digits by which lengths are told apart; more would tell villages apart."""
_DEPTH = 3
"""First digits by which people are told from other numbers."""
_COUNTS_DEPTH = 2
"""First digits by which mobiles are counted: what has a price of its own is seldom a smaller part of a plan."""
_BORDER_DEPTH = 5
"""First digits by which countries that share a calling code are told apart: Jersey's mobiles are +4477003."""

Plan = tuple[int, ...] | dict[str, "Plan"]
"""The lengths that numbers of people have, or that by the next digit."""


def plan_of(code: str, regions: Iterable[str]) -> Plan:
    """Return the plan of a calling code, that of all countries that share it."""
    people, others = _rest(code, regions, PEOPLE), _rest(code, regions, OTHERS)
    if code in MACHINES:
        others |= rest_of(MACHINES[code])
    usual = lengths_of(people) - lengths_of(rest_of(*filter(None, [MACHINES.get(code)])))

    def grow(people: Rest, others: Rest, known: Rest, read: int) -> Plan:
        allowed = people or (known if not others else frozenset())
        here = tuple(sorted(usual & {length + read for length in lengths_of(allowed)}))
        if read == _DEPTH or not people:
            return here
        below = {
            digit: grow(after(people, digit), after(others, digit), after(known, digit), read + 1) for digit in DIGITS
        }
        alike = read >= _LENGTHS_DEPTH and all(below.values())
        return here if alike or set(map(repr, below.values())) == {repr(here)} else below

    return grow(people, others, _rest(code, regions, ["general_desc"]), 0)


def as_pattern(plan: Plan, read: int = 0) -> str:
    """Return a plan as a regular expression; a blank one holds nobody."""
    if isinstance(plan, tuple):
        return _either(_count(least - read, most - read) for least, most in _runs(plan))
    by_rest: dict[str, str] = {}
    for digit, below in plan.items():
        rest = as_pattern(below, read + 1)
        if rest:
            by_rest[rest] = by_rest.get(rest, "") + digit
    return _either(f"{_class(digits)}{rest}" for rest, digits in by_rest.items())


def borders_of(code: str, regions: tuple[str, ...]) -> dict[str, list[str]]:
    """Return by country the first digits that are its alone, for all but the main one of a calling code."""
    main = _rest(code, regions[:1], PEOPLE)
    found: dict[str, list[str]] = {}

    def look(region: str, own: Rest, others: Rest, read: str) -> None:
        if not own or not others:
            found.setdefault(region, []).extend([read] if own else [])
        elif len(read) < _BORDER_DEPTH:
            for digit in DIGITS:
                look(region, after(own, digit), after(others, digit), read + digit)

    for region in regions[1:]:
        look(region, _rest(code, [region], PEOPLE), main, "")
    return {region: digits for region, digits in found.items() if digits}


def text(made: str) -> str:
    """Return the whole module, as of a day."""
    codes = {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions != ("001",)}
    plans = {code: as_pattern(plan_of(code, codes[code])) for code in sorted(codes)}
    borders = {code: borders_of(code, codes[code]) for code in sorted(codes)}
    lines = [
        '"""What numbers people can have, by calling code. Made by `make plans` (tools/plans.py), never by hand."""',
        "",
        f'MADE = "{made}"',
        f'SOURCE = "{LIBRARY} {version(LIBRARY)}"',
        "",
        "PEOPLE = {",
        *(f'    "{code}": r"{pattern}",' for code, pattern in plans.items() if pattern),
        "}",
        '"""The digits after the calling code of a number that a person can have, as a regular expression."""',
        "",
        "SHARED = {",
    ]
    for code, by_region in borders.items():
        if by_region:
            inner = [f'        "{region}": "{" ".join(digits)}",' for region, digits in sorted(by_region.items())]
            lines += [f'    "{code}": {{', *inner, "    },"]
    lines += [
        "}",
        '"""Other countries that share a calling code, and the first digits after it that are theirs."""',
        "",
        "SAME_COUNTRY = {",
        *(f'    "{code}": "{" ".join(others)}",' for code, others in SAME_COUNTRY.items()),
        "}",
        '"""Calling codes of parts of the same country."""',
        "",
        "MOBILES = {",
        *(f'    "{code}": "{counts}",' for code, counts in mobile_counts(codes).items() if counts),
        "}",
        '"""By calling code the first digits after it that mobiles have, and behind them how many there is room for."""',
        "",
        f'GEOGRAPHIC = "{" ".join(code for code in sorted(codes) if is_geographic(code, codes[code][0]))}"',
        '"""The calling codes under which a mobile tells a place, as a landline does."""',
    ]
    return "\n".join(lines) + "\n"


def mobile_counts(codes: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return by calling code for how many mobiles its plan has room, by their first digits: `60,61=10000000 63=9000000`."""
    found = {}
    for code, regions in sorted(codes.items()):
        by_count: dict[int, list[str]] = {}
        for first, count in _counts(_rest(code, regions, ["mobile"])):
            by_count.setdefault(count, []).append(first)
        found[code] = " ".join(f"{','.join(firsts)}={count}" for count, firsts in by_count.items())
    return found


def _counts(rest: Rest, read: str = "") -> Iterator[tuple[str, int]]:
    """Yield first digits, as few as tell how many there are of each, and how many."""
    count = count_of(rest)
    below = {digit: after(rest, digit) for digit in DIGITS}
    if read and (len(read) == _COUNTS_DEPTH or all(count_of(part) * len(DIGITS) == count for part in below.values())):
        yield from [(read, count)] if count else []
    else:
        for digit, part in below.items():
            yield from _counts(part, read + digit)


def is_geographic(code: str, region: str) -> bool:
    """Return whether a plan gives mobiles to places: by the library's list, or as landlines, which it cannot tell them from."""
    example = example_number_for_type(region, PhoneNumberType.MOBILE)
    return example is not None and is_number_type_geographical(number_type(example), int(code))


def mobiles() -> str:
    """Return the whole module of mobiles."""
    lines = [
        '"""A mobile of each calling code, as its plan writes it. Made by `make plans` (tools/plans.py), never by hand."""',
        "",
        "MOBILES = {",
    ]
    for code, (region, *_) in sorted((str(code), regions) for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()):
        example = None if region == "001" else example_number_for_type(region, PhoneNumberType.MOBILE)
        if example is not None:
            written = format_number(example, PhoneNumberFormat.E164)  # with its leading zero, where that is part of it
            lines.append(f'    "{code}": "{written[1 + len(code) :]}",')
    return "\n".join([*lines, "}", '"""By calling code, the digits after it."""']) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the modules."""
    Parser(prog="python -m tools.plans", description=__doc__.splitlines()[0]).parse_args(arguments)
    MOBILES.write_text(mobiles(), encoding="utf-8")
    TARGET.write_text(text(dt.datetime.now(dt.UTC).date().isoformat()), encoding="utf-8")
    sys.stdout.write(f"{TARGET} and {MOBILES} are made; look at what changed before you commit it\n")


def _rest(code: str, regions: Iterable[str], kinds: Iterable[str]) -> Rest:
    metadata: list[Any] = [PhoneMetadata.metadata_for_region_or_calling_code(int(code), region) for region in regions]
    found = [getattr(of, kind) for of in metadata for kind in kinds]
    return rest_of(*{kind.national_number_pattern for kind in found if kind and kind.national_number_pattern})


def _either(patterns: Iterable[str]) -> str:
    alternatives = list(patterns)
    return alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})" if alternatives else ""


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and the last of each run of numbers that follow each other."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        first = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
        runs.append((first, number))
    return runs


def _count(least: int, most: int) -> str:
    return rf"\d{{{least}}}" if least == most else rf"\d{{{least},{most}}}"


def _class(digits: str) -> str:
    if len(digits) == 1 or digits == DIGITS:
        return digits if len(digits) == 1 else r"\d"
    runs = _runs(map(int, digits))
    return f"[{''.join(f'{a}-{b}' if b - a > 1 else f'{a}{b}' if b > a else str(a) for a, b in runs)}]"


if __name__ == "__main__":
    main()
