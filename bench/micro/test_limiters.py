"""The limiter of one worker beside those of the libraries: one a day for each sender, in memory.

`refused` is one sender over and over, `first` a new sender each time, which is why its calls include making the number.
"""

import itertools
from collections.abc import Callable, Iterator

import limits
import limits.storage
import limits.strategies
import pyrate_limiter
import pytest
import throttled
from pytest_benchmark.fixture import BenchmarkFixture

from bench.stand import START_MS
from bench.workload import sender_at
from edge.core.limits.bucket import count_limit, grants, take
from edge.core.limits.generations import Generations
from edge.units import DAY_MS

Allows = Callable[[str], bool]

KEYS_MAX = 1_000_000
"""The size of the store of a library that forgets live entries beyond 1,024 unless told otherwise."""


def ours() -> Allows:
    """Return the bucket and the table, with the instant as an argument."""
    limit = count_limit(burst=1, count=1, period_ms=DAY_MS)
    table = Generations[str](limit.refill_ms)

    def allows(sender: str) -> bool:
        clear = table.get(sender)
        if not grants(limit, clear, START_MS):
            return False
        table.put(sender, take(limit, clear, START_MS), START_MS)
        return True

    return allows


def limits_fixed() -> Allows:
    """Return the default strategy of `limits`."""
    limiter = limits.strategies.FixedWindowRateLimiter(limits.storage.MemoryStorage())
    once = limits.parse("1 per day")
    return lambda sender: limiter.hit(once, sender)


def limits_moving() -> Allows:
    """Return the exact strategy of `limits`."""
    limiter = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
    once = limits.parse("1 per day")
    return lambda sender: limiter.hit(once, sender)


class _BySender(pyrate_limiter.BucketFactory):
    """A bucket for each name, as the documentation of pyrate-limiter has it; without one, all names share a bucket."""

    def __init__(self) -> None:
        self._buckets: dict[str, pyrate_limiter.InMemoryBucket] = {}
        self._clock = pyrate_limiter.MonotonicClock()

    def wrap_item(self, name: str, weight: int = 1) -> pyrate_limiter.RateItem:
        return pyrate_limiter.RateItem(name, self._clock.now(), weight=weight)

    def get(self, item: pyrate_limiter.RateItem) -> pyrate_limiter.InMemoryBucket:
        bucket = self._buckets.get(item.name)
        if bucket is None:
            rates = [pyrate_limiter.Rate(1, pyrate_limiter.Duration.DAY)]
            bucket = self._buckets[item.name] = pyrate_limiter.InMemoryBucket(rates)
        return bucket


def pyrate() -> Allows:
    """Return pyrate-limiter with a bucket a sender; nothing is scheduled to leak, since a day is longer than the run."""
    limiter = pyrate_limiter.Limiter(_BySender())
    return lambda sender: bool(limiter.try_acquire(sender, blocking=False))


def throttled_gcra() -> Allows:
    """Return throttled-py with the same algorithm as ours."""
    throttle = throttled.Throttled(
        using="gcra", quota=throttled.per_day(1), store=throttled.MemoryStore(options={"MAX_SIZE": KEYS_MAX})
    )
    return lambda sender: not throttle.limit(sender).limited


LIMITERS = [ours, limits_fixed, limits_moving, pyrate, throttled_gcra]


@pytest.mark.benchmark(group="limiter: refused")
@pytest.mark.parametrize("make", LIMITERS, ids=lambda make: make.__name__)
def test_refused(benchmark: BenchmarkFixture, make: Callable[[], Allows]) -> None:
    """Somebody who was let through once is refused."""
    allows = make()
    assert allows(sender_at(0))

    assert not benchmark(allows, sender_at(0))


@pytest.mark.benchmark(group="limiter: first")
@pytest.mark.parametrize("make", LIMITERS, ids=lambda make: make.__name__)
def test_first(benchmark: BenchmarkFixture, make: Callable[[], Allows]) -> None:
    """Everybody is let through once."""
    allows = make()
    senders: Iterator[str] = map(sender_at, itertools.count())

    assert benchmark.pedantic(lambda: allows(next(senders)), rounds=100, iterations=200, warmup_rounds=2)
