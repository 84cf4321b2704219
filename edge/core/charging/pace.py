"""The pace of a kitty that is to last until a day: worked out anew each hour, in the ledger, for all workers and machines.

1. What is left is spread over the time that is left, less what receiving has cost in the last seven days.
2. A quarter of it stays for replies, however much was received: a flood of one day must not silence the number for a week.
3. Once the day is over nothing is paid.

Whatever the pace was in which hour: what was used of it is kept as that (:mod:`edge.core.limits.bucket`), so over any interval at most
the largest burst and the fastest rate are paid. `valkey_hours.lua` says the same again.
"""

import datetime as dt

import msgspec

from edge.core.kept.hours import Week
from edge.core.limits.bucket import money_limit
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Cost, Lasts, Pace, Reserve, Sharing
from edge.units import DAY_MS, MINUTE_MS, divide_up

BURST_SHARE = 4
"""A burst of a quarter of a day, where the file names none, and of the dearest reply at least: or nobody would be answered."""
REPLIES_SHARE = 4
THOUSANDTHS = 1_000
EVEN = Sharing()
"""All replies alike, and nothing kept."""
OVER = Pace(0, 0)
"""Nothing is paid."""
_EPOCH = dt.date(1970, 1, 1)


def end_of(day: dt.date) -> int:
    """Return the instant at which a day (UTC) is over."""
    return (day.toordinal() + 1 - _EPOCH.toordinal()) * DAY_MS


def per_day_of(lasts: Lasts, kitty_micros: int, spent_micros: int, week: Week, now_ms: int) -> int:
    """Return what a day may cost from now on, in micros; 0 once the time is over.

    The time that is left is rounded up to a minute, so that on a server whole numbers stay exact.
    """
    minutes = divide_up(lasts.until_ms - now_ms, MINUTE_MS)
    if minutes <= 0:
        return 0
    even_micros = max(0, kitty_micros - spent_micros) * (DAY_MS // MINUTE_MS) // minutes
    replies_micros = max(even_micros - (week.per_day_micros or 0), even_micros // REPLIES_SHARE)
    return max(1, min(kitty_micros, replies_micros))


def pace_of(lasts: Lasts, per_day_micros: int) -> Pace:
    """Return the pace that follows from what a day may cost."""
    if per_day_micros == 0:
        return OVER
    return Pace(lasts.burst_micros or burst_of(per_day_micros, lasts.dearest_micros), per_day_micros)


def burst_of(per_day_micros: int, dearest_micros: int) -> int:
    """Return the burst where the file names none."""
    return max(divide_up(per_day_micros, BURST_SHARE), dearest_micros)


def cost_at(micros: int, pace: Pace, sharing: Sharing = EVEN) -> Cost:
    """Return a price with what it takes out of a pace, and out of the part of it that is kept for second knocks.

    A reply leaves as much unused as the dearest one costs more than it: so it is paid where that one would be, and only there.
    """
    spare_micros, share = max(0, sharing.dearest_micros - micros), share_of(pace, sharing.numbers)
    kept = reserve_of(share, sharing)
    return Cost(
        micros,
        _limit(micros, share, spare_micros),
        None if kept is None else Reserve(_limit(micros, kept, spare_micros), kept.burst_micros),
        None if sharing.numbers == 1 else cost_at(micros, pace, msgspec.structs.replace(sharing, numbers=1)),
    )


def share_of(pace: Pace, numbers: int) -> Pace:
    """Return the share of one of so many numbers, rounded down."""
    return Pace(pace.burst_micros // numbers, pace.per_day_micros // numbers)


def reserves_of(pace: Pace, sharing: Sharing) -> Pace | None:
    """Return what is kept of the pace in all shares together."""
    kept = reserve_of(share_of(pace, sharing.numbers), sharing)
    return kept and Pace(kept.burst_micros * sharing.numbers, kept.per_day_micros * sharing.numbers)


def reserve_of(pace: Pace, sharing: Sharing) -> Pace | None:
    """Return the part of a pace that is kept for second knocks; None where it, or what it leaves, would not hold the dearest reply."""
    burst_micros, per_day_micros = (
        whole * sharing.reserve_thousandths // THOUSANDTHS for whole in (pace.burst_micros, pace.per_day_micros)
    )
    least_micros = min(burst_micros, pace.burst_micros - burst_micros)
    return Pace(burst_micros, per_day_micros) if least_micros >= max(1, sharing.dearest_micros) else None


def _limit(micros: int, pace: Pace, spare_micros: int) -> Limit:
    burst_micros, amount = max(0, pace.burst_micros - spare_micros), max(1, pace.per_day_micros)
    return money_limit(price=micros, burst=burst_micros, amount=amount, period_ms=DAY_MS)
