"""Regular expressions over digits, taken apart digit by digit: which lengths can follow a beginning.

Only what numbering plans are written with: digits, classes of digits, groups, alternatives and bounded repetitions.
"""

from functools import cache
from re import _constants as opcodes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

DIGITS = "0123456789"

Step = tuple[Any, ...]
"""``("digit", which)``, ``("either", alternatives)`` or ``("times", least, most, what)``."""
Steps = tuple[Step, ...]
Rest = frozenset[Steps]
"""What may follow: any one of these."""


def rest_of(*patterns: str) -> Rest:
    """Return what may follow before any digit was read."""
    return frozenset(_steps(parser.parse(pattern)) for pattern in patterns)


def after(rest: Rest, digit: str) -> Rest:
    """Return what may follow once that digit was read."""
    return frozenset().union(*(_after(steps, digit) for steps in rest))


def lengths_of(rest: Rest) -> frozenset[int]:
    """Return how many digits may follow."""
    return frozenset().union(*(_lengths(steps) for steps in rest))


@cache
def count_of(rest: Rest) -> int:
    """Return how many different runs of digits may follow; none of them is endless."""
    return (0 in lengths_of(rest)) + sum(count_of(below) for digit in DIGITS if (below := after(rest, digit)))


def _steps(parsed: Any) -> Steps:
    return tuple(_step(opcode, argument) for opcode, argument in parsed)


def _step(opcode: Any, argument: Any) -> Step:
    if opcode is opcodes.LITERAL:
        return ("digit", frozenset(chr(argument)))
    if opcode is opcodes.IN:
        return ("digit", frozenset().union(*(_digits(*member) for member in argument)))
    if opcode is opcodes.BRANCH:
        return ("either", tuple(_steps(branch) for branch in argument[1]))
    if opcode is opcodes.SUBPATTERN:
        return ("either", (_steps(argument[3]),))
    if opcode is opcodes.MAX_REPEAT:
        return ("times", argument[0], argument[1], _steps(argument[2]))
    raise ValueError(f"{opcode}: no numbering plan is written with it")


def _digits(opcode: Any, argument: Any) -> frozenset[str]:
    if opcode is opcodes.LITERAL:
        return frozenset(chr(argument))
    if opcode is opcodes.RANGE:
        return frozenset(chr(code) for code in range(argument[0], argument[1] + 1))
    if argument is opcodes.CATEGORY_DIGIT:
        return frozenset(DIGITS)
    raise ValueError(f"{opcode}: no class of digits is written with it")


@cache
def _after(steps: Steps, digit: str) -> Rest:
    if not steps:
        return frozenset()
    (kind, *arguments), following = steps[0], steps[1:]
    if kind == "digit":
        return frozenset([following]) if digit in arguments[0] else frozenset()
    if kind == "either":
        return frozenset().union(*(_after(alternative + following, digit) for alternative in arguments[0]))
    least, most, what = arguments
    skipped = _after(following, digit) if least == 0 else frozenset()
    if most == 0:
        return skipped
    return skipped | _after((*what, ("times", max(0, least - 1), most - 1, what), *following), digit)


@cache
def _lengths(steps: Steps) -> frozenset[int]:
    found = frozenset([0])
    for kind, *arguments in steps:
        if kind == "digit":
            step = frozenset([1])
        elif kind == "either":
            step = frozenset().union(*(_lengths(alternative) for alternative in arguments[0]))
        else:
            least, most, what = arguments
            step = frozenset().union(*(_times(_lengths(what), count) for count in range(least, most + 1)))
        found = frozenset(a + b for a in found for b in step)
    return found


def _times(lengths: frozenset[int], count: int) -> frozenset[int]:
    found = frozenset([0])
    for _ in range(count):
        found = frozenset(a + b for a in found for b in lengths)
    return found
