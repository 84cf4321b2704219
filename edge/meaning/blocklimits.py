"""The limit of a block of numbers for each prefix that has a price: the file's own, or by the numbering plan. Pure.

1. Where a mobile tells no place, neighbours in number are strangers, and a farm's numbers are sold together: two a day from a
   block refuse hardly anybody and stop the farm. Where that would refuse people by chance it is five an hour: where a mobile
   tells a place, where a plan has few blocks, and where none is known. So it is where the file grants one sender more than one
   a day: a limit that nobody wrote must not take that away.
2. Each plan has its own, so that a price for Guadeloupe opens nothing in France. A prefix that reaches several plans has the
   most generous one of them.
3. Whatever of burst, count and period the operator has written holds for all prefixes; what they left out of it is then five,
   five and an hour.
"""

import functools
from collections.abc import Collection

import msgspec

from edge.config import BlockLimit, Config, Limit
from edge.core.people.blocks import refused_share
from edge.core.people.plans import GEOGRAPHIC, MOBILES
from edge.units import DAY_MS, HOUR_MS, Millis

TWO_A_DAY = Limit(burst=2, count=2, period=Millis(DAY_MS))
FIVE_AN_HOUR = Limit(burst=5, count=5, period=Millis(HOUR_MS))
TOWN_NUMBERS = 500_000
"""Where a mobile tells a place, all are taken to write from one town of fifty blocks of ten thousand."""
_HARDLY_ANYBODY = 0.001


class Plan(msgspec.Struct, frozen=True):
    """A numbering plan that a file's prices reach."""

    code: str
    """Its calling code, such as ``"+33"``."""
    blocks: int
    """The blocks from which people write."""
    is_of_places: bool
    """Whether a mobile tells a place there; then people write from one town."""
    limit: Limit
    """That of each of its blocks."""
    refused: float
    """The share of the people who are refused only because of their block, were all of `receiving.people-per-day` from there."""


def given_of(block: BlockLimit) -> Limit | None:
    """Return the limit that the operator has written; None where they leave it to the numbering plans."""
    if block.burst is None and block.count is None and block.period is None:
        return None
    otherwise = FIVE_AN_HOUR
    return Limit(
        burst=block.burst or otherwise.burst,
        count=block.count or otherwise.count,
        period=otherwise.period if block.period is None else block.period,
    )


def grants_once_a_day(sender: Limit) -> bool:
    """Return whether a sender gets at most one reply a day."""
    return sender.burst == 1 and sender.count * DAY_MS <= sender.period


def priced(config: Config) -> list[str]:
    """Return the prefixes that have a price, at whichever number: a block is one block for all of them."""
    return sorted({prefix for index in range(len(config.numbers)) for prefix in config.price_at(index).reply})


def plans_of(config: Config) -> list[Plan]:
    """Return the plans that the file's prices reach, that in which most people are refused first."""
    digits = [prefix.removeprefix("+") for prefix in priced(config)]
    outer = [one for one in digits if not any(other != one and one.startswith(other) for other in digits)]
    found = [_plan(config, code, numbers) for code in MOBILES if (numbers := _reached(code, outer))]
    return sorted(found, key=lambda plan: -plan.refused)


def limits_of(config: Config) -> dict[str, Limit]:
    """Return the limit of a block for each prefix that has a price."""
    given = given_of(config.limit.block)
    if given is not None:
        return dict.fromkeys(priced(config), given)
    plans, found = plans_of(config), {}
    for prefix in priced(config):
        own = [plan.limit for plan in plans if _is_near(plan.code, prefix) and _reached(plan.code[1:], [prefix[1:]])]
        found[prefix] = TWO_A_DAY if own and FIVE_AN_HOUR not in own else FIVE_AN_HOUR
    return found


def _plan(config: Config, code: str, numbers: int) -> Plan:
    block, is_of_places = config.limit.block, code in GEOGRAPHIC.split()
    blocks = max(1, (min(numbers, TOWN_NUMBERS) if is_of_places else numbers) // 10**block.digits)

    def refused(limit: Limit) -> float:
        return refused_share(
            config.receiving.people_per_day, blocks, burst=limit.burst, drain_ms=limit.period / limit.count
        )

    is_strict = grants_once_a_day(config.limit.sender) and refused(TWO_A_DAY) <= _HARDLY_ANYBODY
    limit = given_of(block) or (TWO_A_DAY if is_strict else FIVE_AN_HOUR)
    return Plan(f"+{code}", blocks, is_of_places, limit, refused(limit))


def _reached(code: str, prefixes: Collection[str]) -> int:
    """Return how many mobiles of a plan have one of the prefixes, none of which lies within another; all are digits."""
    near = [prefix for prefix in prefixes if _is_near(code, prefix)]
    return sum(_part(code + first, count, near) for first, count in _counts(code)) if near else 0


def _is_near(code: str, prefix: str) -> bool:
    """Return whether numbers of a plan can have a prefix at all: most have not, and nothing else of those is looked at."""
    return prefix.startswith(code) or code.startswith(prefix)


def _part(first: str, count: int, prefixes: Collection[str]) -> int:
    """Return how many of the numbers that begin so have one of the prefixes; all that follow are equally many."""
    if any(first.startswith(prefix) for prefix in prefixes):
        return count
    return sum(max(1, count // 10 ** (len(one) - len(first))) for one in prefixes if one.startswith(first))


@functools.cache
def _counts(code: str) -> list[tuple[str, int]]:
    """Return the first digits that mobiles of a plan have after its code, and how many have each."""
    parts = (part.partition("=") for part in MOBILES[code].split())
    return [(first, int(count)) for firsts, _, count in parts for first in firsts.split(",")]
