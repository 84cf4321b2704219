"""The targets, and whether they hold: one line each, read off the results.

Ratios and differences are taken within a round and the median of them counts. A target whose figures are missing is left out,
not passed. No ratio to another server is promised: it moves with the price of a system call, which is the machine's affair.
"""

from collections.abc import Iterator

import msgspec

from bench.cost import Cost
from bench.results import Comparison, Share, Spread

OWN_SHARE_MAX_US = 14.0
_MIB = 1024 * 1024


class Target(msgspec.Struct, frozen=True):
    """One promise about speed or size."""

    text: str
    limit: float
    at_least: bool
    found: Spread
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the median is on the right side of the limit."""
        return self.found.median >= self.limit if self.at_least else self.found.median <= self.limit


def targets(share: Share | None, comparison: Comparison | None, cost: Cost | None) -> list[Target]:
    """Return all that can be judged."""
    return [
        *(_of_share(share) if share else ()),
        *(_of_comparison(comparison) if comparison else ()),
        *(_of_cost(cost) if cost else ()),
    ]


def _of_share(share: Share) -> Iterator[Target]:
    for workload, title in share.workloads.items():
        own = share.own_us(workload)
        if own:
            yield Target(f"{title}: own share", OWN_SHARE_MAX_US, at_least=False, found=own, unit=" µs")


def _of_comparison(comparison: Comparison) -> Iterator[Target]:
    forged = comparison.ratio_of_workloads("ours", "forged", "refused")
    if forged:
        yield Target("forged: our CPU time, against refused", 1.0, at_least=False, found=forged, unit=" times")


def _of_cost(cost: Cost) -> Iterator[Target]:
    yield Target(
        "admitted: 100 waiting share commits, against one commit a reply",
        10.0,
        at_least=True,
        found=cost.group_ratio,
        unit=" times",
    )
    yield Target(
        f"refused: speed kept while {cost.replies_per_second:.0f} replies a second are written",
        0.9,
        at_least=True,
        found=cost.refused_ratio,
        unit=" times",
    )
    yield Target("start to first reply", 0.5, at_least=False, found=cost.first_reply_s, unit=" s")
    yield Target("memory of an idle worker", 60, at_least=False, found=_exactly(cost.worker_rss_bytes), unit=" MiB")
    yield Target(
        f"growth under {cost.senders:,} distinct senders",
        10,
        at_least=False,
        found=_exactly(cost.senders_growth_bytes),
        unit=" MiB",
    )


def _exactly(size: int) -> Spread:
    mib = size / _MIB
    return Spread(mib, mib, mib)
