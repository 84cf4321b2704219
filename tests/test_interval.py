"""Facts about intervals: they are Student's, and a difference is beyond chance where zero lies outside."""

from math import sqrt

import pytest

from edge.interval import interval, paired


@pytest.mark.parametrize(
    ("count", "quantile"), [(2, 12.706), (10, 2.262), (20, 2.093), (31, 2.042), (61, 2.000), (121, 1.980)]
)
def test_an_interval_is_students(count, quantile):
    """Of so many values of deviation 1, in tables of the distribution."""
    spread = sqrt((count - 1) / count) if count % 2 == 0 else sqrt((count - 1) / (count - 1))
    values = [(-1.0) ** n * spread for n in range(count - count % 2)] + [0.0] * (count % 2)

    found = interval(values)

    assert pytest.approx(0) == found.mean
    assert pytest.approx(quantile / sqrt(count), rel=2e-3) == found.plus_minus


def test_a_single_value_tells_nothing_about_chance():
    """So no difference of two is beyond it."""
    assert (5.0, None, False) == (interval([5.0]).mean, interval([5.0]).plus_minus, interval([5.0]).is_beyond_chance)


def test_differences_are_those_of_the_same_floods():
    """What floods have in common cancels out."""
    assert paired([1, 100, 50], [2, 101, 51]).is_beyond_chance
    assert not paired([1, 100, 50], [100, 50, 2]).is_beyond_chance
    assert (1.0, 0.0) == (paired([1, 2], [2, 3]).mean, paired([1, 2], [2, 3]).plus_minus)
