"""Latencies in whole microseconds: log-linear bins that add up exactly, whoever counted them.

1. Below 256 us a bin is one microsecond wide; above, every doubling is cut into 128 bins, so a quantile is wrong by
   less than 1 % (at most 1/128).
2. Merging adds counts: the histogram of n processes equals the histogram that one would have made.
3. A quantile is the upper edge of its bin: what is reported is never better than what was.
"""

from collections.abc import Iterator, Mapping
from typing import Self

_LINEAR_BITS = 8
_HALF_BITS = _LINEAR_BITS - 1
_LINEAR = 1 << _LINEAR_BITS
_TOP_BITS = 40
"""Twelve days. Longer ones are counted as that long."""
_TOP_US = (1 << _TOP_BITS) - 1
_BINS = ((_TOP_BITS - _LINEAR_BITS) << _HALF_BITS) + _LINEAR


def _upper_us(place: int) -> int:
    if place < _LINEAR:
        return place
    shift = (place >> _HALF_BITS) - 1
    return ((place - (shift << _HALF_BITS) + 1) << shift) - 1


class Histogram:
    """Counts of durations, ready for quantiles."""

    __slots__ = ("_counts", "max_us")

    def __init__(self) -> None:
        self._counts = [0] * _BINS
        self.max_us = 0

    def record(self, us: int) -> None:
        """Count one duration; a negative one, from a clock that stepped, counts as zero."""
        # Three of these for every message: branches are cheaper than calls of min and max.
        if us > self.max_us:
            self.max_us = us = min(us, _TOP_US)
        elif us < 0:
            us = 0
        shift = us.bit_length() - _LINEAR_BITS
        self._counts[us if shift <= 0 else (shift << _HALF_BITS) + (us >> shift)] += 1

    @property
    def count(self) -> int:
        """Return how many durations were counted."""
        return sum(self._counts)

    def quantile_us(self, share: float) -> int:
        """Return a duration that at least `share` of all stayed within; 0 of an empty histogram."""
        wanted, seen = share * self.count, 0
        for us, count in self:
            seen += count
            if seen >= wanted:
                return min(us, self.max_us)
        return self.max_us

    def merge(self, other: Self) -> None:
        """Add what another one counted."""
        self._counts = [mine + theirs for mine, theirs in zip(self._counts, other._counts, strict=True)]
        self.max_us = max(self.max_us, other.max_us)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield the upper edge and the count of every bin in use, shortest first."""
        return ((_upper_us(place), count) for place, count in enumerate(self._counts) if count)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def to_dict(self) -> dict[str, int]:
        """Return the counts by bin, and the longest duration under `max`."""
        counts = {str(place): count for place, count in enumerate(self._counts) if count}
        return counts | {"max": self.max_us}

    @classmethod
    def from_dict(cls, counts: Mapping[str, int]) -> Self:
        """Return what `to_dict` described."""
        histogram = cls()
        for place, count in counts.items():
            if place != "max":
                histogram._counts[int(place)] = count
        histogram.max_us = counts["max"]
        return histogram
