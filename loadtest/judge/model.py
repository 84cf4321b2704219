"""The harness's own model of the limits: what the worker may do at most, and must do at least.

Everything is whole micros and microseconds, with rates as exact fractions: where the worker rounds (always against
itself), this does not, except where a lower bound has to allow for it.
"""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from edge.config import Config
from edge.config import Limit as CountLimit
from edge.meaning.blocklimits import limits_of
from loadtest.provider.prices import dearest_of, longest

DAY_US = 86_400_000_000
MS_US = 1_000
_SHARE = Fraction(1, 4)
"""The documented share of `[knock]`."""
_BURST_SHARE = 4
"""Without a `burst`, a quarter of a day may go at once (the static file's documented default)."""


class Bucket(msgspec.Struct, frozen=True):
    """`size` at once, and `per_us` more each microsecond."""

    size: Fraction
    per_us: Fraction

    def most(self, window_us: int) -> Fraction:
        """Return the most that any window of that length can take."""
        return self.size + self.per_us * max(0, window_us)


def count_bucket(limit: CountLimit) -> Bucket:
    """Return a limit of the static file as a bucket of replies."""
    return Bucket(Fraction(limit.burst), Fraction(limit.count, int(limit.period) * MS_US))


class BlockLimits:
    """The limits of the blocks of a file: one for all, or for each prefix that has a price."""

    def __init__(self, config: Config) -> None:
        self._limits = limits_of(config)
        self._digits = config.limit.block.digits

    def block(self, sender: str) -> str:
        """Return the block of a sender, as numbers alike but for their last digits."""
        return sender[: -self._digits] + "x" * self._digits

    def limit(self, sender: str) -> CountLimit:
        """Return the limit of a sender's block. They have a price."""
        return self._limits[longest(self._limits, sender) or ""]


def pace_bucket(config: Config, per_day_micros: int | None = None) -> Bucket:
    """Return the pace as a bucket of micros.

    `per_day_micros` stands in where the file names a last day: then the pace depends on when the worker was started.
    Raises ValueError where it is missing.
    """
    per_day = config.budget.per_day if config.budget.per_day is not None else per_day_micros
    if per_day is None:
        raise ValueError("budget.lasts-until: the pace is the worker's secret; test with per-day instead")
    return Bucket(Fraction(burst_micros(config, per_day)), Fraction(per_day, DAY_US))


def burst_micros(config: Config, per_day_micros: int) -> int:
    """Return what may go at once: as the file says, or the share of a day, and the dearest reply at each number at least, as its reference promises."""
    if config.budget.burst is not None:
        return int(config.budget.burst)
    return max(-(-per_day_micros // _BURST_SHARE), len(config.numbers) * dearest_of(config))


def share_bucket(config: Config) -> Bucket:
    """Return the share of the pace that each number has, in whole micros: all of it where there is one.

    Raises ValueError where the pace is not in the file.
    """
    pace, numbers = pace_bucket(config), len(config.numbers)
    return Bucket(Fraction(pace.size // numbers), Fraction(pace.per_us * DAY_US // numbers, DAY_US))


def first_bucket(config: Config) -> Bucket:
    """Return a number's share for messages that do not knock: it lacks the part that is kept for those that do.

    Raises ValueError where the pace is not in the file.
    """
    pace, dearest, share = share_bucket(config), dearest_of(config), config.knock.share
    kept = int(pace.size * (_SHARE if share is None else Fraction(str(share))))
    has_reserve = dearest <= kept and dearest <= pace.size - kept
    return Bucket(pace.size - kept, pace.per_us) if has_reserve else pace


class Spending(msgspec.Struct, frozen=True, order=True):
    """Something taken out of a bucket at an unknown instant between two known ones."""

    done_us: int
    sent_us: int
    amount: int


def excess(bucket: Bucket, spendings: Iterable[Spending]) -> Fraction:
    """Return by how much some interval took more than the bucket ever allows; 0 if none provably did.

    Each spending happened before it was `done`, and `slop` earlier at most. So any interval between two `done` instants,
    `slop` longer, holds what was done in it: `bucket.most(interval + slop)` bounds it. Few slow answers would make the slop,
    and so the bound, uselessly large; leaving them out is sound as well, so every doubling of the slop is tried.
    """
    spendings = sorted(spendings)
    worst = Fraction(0)
    slops = {max(1, s.done_us - s.sent_us).bit_length() for s in spendings}
    for slop_us in (1 << bits for bits in slops):
        quick = [s for s in spendings if s.done_us - s.sent_us <= slop_us]
        worst = max(worst, _overdraft(bucket, quick) - bucket.per_us * slop_us)
    return worst


def _overdraft(bucket: Bucket, spendings: list[Spending]) -> Fraction:
    """Return how far below empty a bucket gets that starts full and is taken from at the `done` instants."""
    # In whole units of the common denominator: fractions would be slow for tens of thousands of replies.
    unit = bucket.per_us.denominator * bucket.size.denominator
    full, per_us = int(bucket.size * unit), int(bucket.per_us * unit)
    level, lowest, last_us = full, 0, 0
    for spending in spendings:
        level = min(full, level + (spending.done_us - last_us) * per_us) - spending.amount * unit
        last_us = spending.done_us
        lowest = min(lowest, level)
    return Fraction(-lowest, unit)


def admitted(bucket: Bucket, price: int, instants_us: Iterable[int]) -> int:
    """Return how many grants of one price a bucket gives to arrivals in order, each one that it can.

    No other choice among them gives more, and one arrival more never makes it fewer.
    """
    # As in `_overdraft`, in whole units; a bucket smaller than nothing is empty.
    unit = bucket.per_us.denominator * bucket.size.denominator
    full, per_us, cost = int(bucket.size * unit), int(bucket.per_us * unit), price * unit
    level, last_us, count = full, 0, 0
    for at_us in instants_us:
        level = min(full, level + (at_us - last_us) * per_us)
        last_us = at_us
        if cost <= level:
            level -= cost
            count += 1
    return count


def stricter(bucket: Bucket, price: int) -> Bucket:
    """Return the bucket as a worker may round it against the sender, for grants of one price.

    It looks at whole milliseconds, and writes whole micros down at each grant: so a grant may take one more than its price.
    """
    slower = Fraction(price, price + 1)
    return Bucket(slower * (bucket.size - bucket.per_us * MS_US), slower * bucket.per_us)
