"""Means with 95 % intervals, by Student's t; and whether a difference is beyond chance. Pure; the harness uses it too."""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt

import msgspec

_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom."""
_NORMAL, _FROM_THERE = 1.959964, 2.45
"""Beyond: the normal quantile, and what is added to it over the degrees of freedom; right to three digits."""


class Interval(msgspec.Struct, frozen=True):
    """A mean, and how far from it the true one may lie: in 19 of 20 such intervals it lies inside. None for a single value."""

    mean: float
    plus_minus: float | None

    @property
    def is_beyond_chance(self) -> bool:
        """Whether zero lies outside."""
        return self.plus_minus is not None and abs(self.mean) > self.plus_minus


def interval(values: Sequence[float | Fraction]) -> Interval:
    """Return the mean of at least one value, with its interval; of values that are all alike it is their own, to the last digit."""
    count = len(values)
    mean = float(sum(Fraction(value) for value in values) / count)
    if count == 1:
        return Interval(mean, None)
    deviation = sqrt(sum((float(value) - mean) ** 2 for value in values) / (count - 1))
    freedom = count - 1
    quantile = _T[freedom - 1] if freedom <= len(_T) else _NORMAL + _FROM_THERE / freedom
    return Interval(mean, quantile * deviation / sqrt(count))


def paired(before: Sequence[float], after: Sequence[float]) -> Interval:
    """Return by how much the second ones are larger, the same floods against each other."""
    return interval([b - a for a, b in zip(before, after, strict=True)])
