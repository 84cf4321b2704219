"""How likely a file refuses a person only because of their block, for each numbering plan that it answers, in words. Pure."""

from collections.abc import Iterator
from typing import Any

from edge.config import Config, Limit
from edge.meaning.blocklimits import FIVE_AN_HOUR, TWO_A_DAY, given_of, grants_once_a_day, limits_of, plans_of
from edge.units import format_duration

_TOO_MANY = 0.01
_NOBODY = 1e-9
_PREFIXES_SHOWN = 6


def limit_line(config: Config) -> str:
    """Say which limit a block has, and why."""
    given, limits = given_of(config.limit.block), limits_of(config)
    if given is not None:
        return f"block: {_limit(given)} from numbers that are alike, as limit.block says"
    few = "two a day would refuse people by chance, or no numbering plan is known"
    told = {
        TWO_A_DAY: "where numbers that are alike are strangers'",
        FIVE_AN_HOUR: f"where {few}"
        if grants_once_a_day(config.limit.sender)
        else "since limit.sender grants more than one a day",
    }
    said = []
    for limit, why in told.items():
        prefixes = sorted(prefix for prefix, own in limits.items() if own == limit)
        if prefixes:
            more = f" and {len(prefixes) - _PREFIXES_SHOWN} more" if len(prefixes) > _PREFIXES_SHOWN else ""
            said.append(f"{_limit(limit)} in {', '.join(prefixes[:_PREFIXES_SHOWN])}{more}, {why}")
    return f"block: {'; '.join(said)} (by the numbering plan, as limit.block says nothing)"


def line(config: Config) -> str:
    """Say how many are refused only because of their block, in the plan where most are; blank where no plan is known."""
    worst = next(iter(plans_of(config)), None)
    if worst is None:
        return ""
    many = f"{worst.blocks:,} block{'s' if worst.blocks > 1 else ''}"
    where = f"one town of {worst.code} with {many}" if worst.is_of_places else f"the {many} of {worst.code}"
    return f"block: of {config.receiving.people_per_day:,} people a day from {where}, {_shown(worst.refused)} is refused only because of it"


def warning(config: Config) -> Iterator[str]:
    """Say so where these are too many."""
    worst = next(iter(plans_of(config)), None)
    if worst is not None and worst.refused > _TOO_MANY:
        yield (
            f"limit.block: {worst.refused:.0%} of {config.receiving.people_per_day:,} people a day from {worst.code} are refused "
            "only because others from their block wrote before them; raise its burst and count"
        )


def as_json(config: Config) -> list[dict[str, Any]]:
    """Return it for programs."""
    by = "plan" if given_of(config.limit.block) is None else "file"
    return [
        {
            "prefix": one.code,
            "blocks": one.blocks,
            "of_places": one.is_of_places,
            "refused": one.refused,
            "burst": one.limit.burst,
            "count": one.limit.count,
            "period_ms": int(one.limit.period),
            "limit_by": by,
        }
        for one in plans_of(config)
    ]


def _limit(limit: Limit) -> str:
    return f"{limit.burst} at once and {limit.count} every {format_duration(limit.period)}"


def _shown(share: float) -> str:
    if share < _NOBODY:
        return "nobody"
    return f"{share:.1%}" if share > _TOO_MANY else f"one in {round(1 / share):,}"
