"""The instants at which messages come: pure, seeded point processes, each a stream in order.

1. `constant`, `poisson`, `ramp` and `decay` give exactly the messages asked for. A Poisson process whose count is known is
   that many independent draws from its rate: here uniform ones, made in ascending order without storing any, and taken
   through the inverse of the cumulated rate. (Thinning would give the same law but only an expected count.)
2. `hawkes` has no such inverse and is thinned (Ogata, https://doi.org/10.1109/TIT.1981.1056305); `bursts` alternates
   between two rates. Their counts are chance, with the asked number as expectation.
3. Instants are microseconds of the world's time, in [0, lasts).
"""

import math
from collections.abc import Iterator
from random import Random

from loadtest.flood.scenario import Bursts, Constant, Decay, Hawkes, Poisson, Process, Ramp


def instants_us(process: Process, chance: Random, messages: int, lasts_us: int) -> Iterator[int]:
    """Yield the instants of a phase in order."""
    return (min(int(share * lasts_us), lasts_us - 1) for share in _shares(process, chance, messages, lasts_us))


def _shares(process: Process, chance: Random, messages: int, lasts_us: int) -> Iterator[float]:
    """Yield the instants as shares of the phase."""
    match process:
        case Constant():
            return ((k + 0.5) / messages for k in range(messages))
        case Poisson():
            return _ascending(chance, messages)
        case Ramp(from_=start, to=end):
            return (_ramp(u, start, end) for u in _ascending(chance, messages))
        case Decay(knee=knee, exponent=exponent):
            return (_decay(u, knee / lasts_us, exponent) for u in _ascending(chance, messages))
        case Bursts():
            return _bursts(process, chance, messages, lasts_us)
        case Hawkes():
            return _hawkes(chance, messages, process.branching, process.delay / lasts_us)


def _ascending(chance: Random, n: int) -> Iterator[float]:
    """Yield n uniform numbers in ascending order: of k that are left, the smallest is as far as the k-th root says."""
    left = 1.0
    for k in range(n, 0, -1):
        left *= chance.random() ** (1 / k)
        yield 1.0 - left


def _ramp(u: float, start: float, end: float) -> float:
    """Return where a rate that goes from `start` to `end` has had the share u of its messages."""
    return u * (start + end) / (start + math.sqrt(start * start + u * (end * end - start * start)) or 1.0)


def _decay(u: float, knee: float, exponent: float) -> float:
    """Return where a rate of (t + knee) ** -exponent has had the share u of its messages."""
    power = 1.0 - exponent
    if abs(power) < 1e-9:  # noqa: PLR2004  the limit of the formula below, which divides by it
        return knee * (math.pow((1.0 + knee) / knee, u) - 1.0)
    first, last = math.pow(knee, power), math.pow(1.0 + knee, power)
    return math.pow(first + u * (last - first), 1.0 / power) - knee


def _bursts(process: Bursts, chance: Random, messages: int, lasts_us: int) -> Iterator[float]:
    burst_share = process.burst / (process.quiet + process.burst)
    quiet_rate = messages / (1.0 + burst_share * (process.times - 1.0))
    states = ((quiet_rate, process.quiet / lasts_us), (quiet_rate * process.times, process.burst / lasts_us))
    start, state = 0.0, 0
    while start < 1.0:
        rate, mean = states[state]
        end = start + chance.expovariate(1.0 / mean)
        at = start + chance.expovariate(rate)
        while at < min(end, 1.0):
            yield at
            at += chance.expovariate(rate)
        start, state = end, 1 - state


def _hawkes(chance: Random, messages: int, branching: float, delay: float) -> Iterator[float]:
    """Yield the instants of a Hawkes process with an exponential kernel, by thinning."""
    # Its expected count over [0, 1] is `base` times this: what starts near the end has its offspring after it.
    fade = (1.0 - branching) / delay
    family = (1.0 - branching * -math.expm1(-fade) / fade) / (1.0 - branching)
    base, excited, at = messages / family, 0.0, 0.0
    while True:
        bound = base + excited
        step = chance.expovariate(bound)
        at += step
        if at >= 1.0:
            return
        excited *= math.exp(-step / delay)
        if chance.random() * bound <= base + excited:
            yield at
            excited += branching / delay
