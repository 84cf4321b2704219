"""How likely a file refuses a person only because of their block, for each numbering plan that it answers. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from edge.config import BlockLimit, Config
from edge.core.blocks import refused_share
from edge.core.plans import GEOGRAPHIC, MOBILES
from edge.units import DAY_MS, Millis

TOWN_NUMBERS = 500_000
"""Where a mobile tells a place, all are taken to write from one town of fifty blocks of ten thousand."""
TWO_A_DAY = BlockLimit(burst=2, count=2, period=Millis(DAY_MS))
"""Where a mobile tells no place, neighbours in number are strangers: a farm's numbers are sold together, people's are not."""
_TOO_MANY = 0.01
_HARDLY_ANYBODY = 0.001
_NOBODY = 1e-9


class Chance(msgspec.Struct, frozen=True):
    """One numbering plan."""

    code: str
    """Its calling code, such as ``"+33"``."""
    blocks: int
    """The blocks from which people write."""
    is_of_places: bool
    """Whether a mobile tells a place there; then people write from one town."""
    refused: float
    """The share of the people who are refused only because of their block."""


def chances(config: Config) -> list[Chance]:
    """Return it for each plan, the worst first, were all people of `receiving.people-per-day` from there."""
    return _chances(config.limit.block, config.receiving.people_per_day, _priced(config))


def _priced(config: Config) -> set[str]:
    """Return the prefixes that have a price, at whichever number."""
    return {prefix for index in range(len(config.numbers)) for prefix in config.price_at(index).reply}


def limit_for(people_per_day: int, prefixes: Iterable[str]) -> BlockLimit:
    """Return the limit of a block that suits a new file: two a day where that refuses hardly anybody, else the one of a file without any."""
    found = _chances(TWO_A_DAY, people_per_day, prefixes)
    return TWO_A_DAY if found and found[0].refused <= _HARDLY_ANYBODY else BlockLimit()


def _chances(limit: BlockLimit, people_per_day: int, prefixes: Iterable[str]) -> list[Chance]:
    """Return it for each plan, the worst first.

    Of a prefix that is a part of a plan, blocks are counted as if all its parts had as many: rather too few.
    """
    found: dict[str, Chance] = {}
    for prefix in prefixes:
        digits = prefix.removeprefix("+")
        for code, numbers in MOBILES.items():
            if code.startswith(digits) or digits.startswith(code):
                part = numbers // 10 ** max(0, len(digits) - len(code))
                chance = _chance(limit, people_per_day, code, part)
                found[code] = min(found.get(code, chance), chance, key=lambda one: one.refused)
    return sorted(found.values(), key=lambda one: -one.refused)


def _chance(limit: BlockLimit, people_per_day: int, code: str, numbers: int) -> Chance:
    is_of_places = code in GEOGRAPHIC.split()
    blocks = max(1, (min(numbers, TOWN_NUMBERS) if is_of_places else numbers) // 10**limit.digits)
    share = refused_share(people_per_day, blocks, burst=limit.burst, drain_ms=limit.period / limit.count)
    return Chance(f"+{code}", blocks, is_of_places, share)


def line(config: Config) -> str:
    """Say how many are refused only because of their block, in the plan where most are; blank where no plan is known."""
    worst = next(iter(chances(config)), None)
    if worst is None:
        return ""
    many = f"{worst.blocks:,} block{'s' if worst.blocks > 1 else ''}"
    where = f"one town of {worst.code} with {many}" if worst.is_of_places else f"the {many} of {worst.code}"
    return f"block: of {config.receiving.people_per_day:,} people a day from {where}, {_shown(worst.refused)} is refused only because of it"


def warning(config: Config) -> Iterator[str]:
    """Say so where these are too many."""
    worst = next(iter(chances(config)), None)
    if worst is not None and worst.refused > _TOO_MANY:
        yield (
            f"limit.block: {worst.refused:.0%} of {config.receiving.people_per_day:,} people a day from {worst.code} are refused "
            "only because others from their block wrote before them; raise its burst and count"
        )


def as_json(config: Config) -> list[dict[str, Any]]:
    """Return it for programs."""
    return [
        {"prefix": one.code, "blocks": one.blocks, "of_places": one.is_of_places, "refused": one.refused}
        for one in chances(config)
    ]


def _shown(share: float) -> str:
    if share < _NOBODY:
        return "nobody"
    return f"{share:.1%}" if share > _TOO_MANY else f"one in {round(1 / share):,}"
