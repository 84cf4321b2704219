"""How likely a person is refused by chance, because others from the same block were answered just before. Pure.

People who know nothing of each other write at a rate, spread evenly over the blocks of a plan, so they come to one block as a
Poisson process. Its limit grants `burst` at once and one every `period / count`: a bucket that drains evenly, takes nothing for
a refusal, and refuses where another one would not fit. That is a queue in which each is served in the same time and at most
`burst` may be (M/D/1/K): who finds it full is lost. By Kendall's chain at the instants at which one leaves: with p the share of
those that leave nobody behind, and r the people who come in one such time, the share of the lost is 1 - 1 / (p + r).
"""

from math import exp

BURST_MAX = 100
"""A larger burst refuses fewer: it is taken for this one, so that what is said is never too little."""
_NOBODY_LEFT = 1e300
_MANY = 600.0
"""So many in one time leave no time without anybody, to the last digit."""


def refused_share(per_day: float, blocks: int, *, burst: int, drain_ms: float, day_ms: int = 86_400_000) -> float:
    """Return the share of the people who are refused because of their block; `drain_ms` is the time for one grant."""
    rate = per_day / blocks * drain_ms / day_ms
    if rate <= 0:
        return 0.0
    return max(0.0, 1 - 1 / (_alone(rate, min(burst, BURST_MAX)) + rate))


def _alone(rate: float, most: int) -> float:
    """Return the share of the departures that leave nobody behind.

    From n the chain goes down by at most one, so what goes up across n comes down across it: no term is ever subtracted.
    """
    if rate > _MANY:
        return 0.0
    tails = _tails(rate, most + 1)
    weights, total = [1.0], 1.0
    for n in range(1, most):
        up = tails[n] + sum(weights[i] * tails[n - i + 1] for i in range(1, n))
        weights.append(up / exp(-rate))
        total += weights[-1]
        if total > _NOBODY_LEFT:
            return 0.0
    return 1 / total


def _tails(rate: float, most: int) -> list[float]:
    """Return how likely at least so many come in one time, for none to `most`; summed from the smallest, so that none is lost."""
    terms, n = [exp(-rate)], 0
    while n < most or terms[-1] > terms[0] * 1e-18 or n < rate:
        n += 1
        terms.append(terms[-1] * rate / n)
    for n in range(len(terms) - 2, -1, -1):
        terms[n] += terms[n + 1]
    return terms
