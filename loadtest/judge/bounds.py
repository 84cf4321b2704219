"""The least and the most replies that a flood can get from an honest worker.

1. The most: for each sender its limit, for each block its own, the pace and the kitty over all. Each bound holds by itself, so
   their minimum does. Of the pace each number has its share, and all shares together are never more than the whole.
2. The least: the first messages of different senders, as many in a block as its burst holds, put to the share of their number.
   Nothing but that and the kitty can refuse these, and more messages never make fewer replies. They get what of the share is not
   kept for second knocks, and only where there is room for the dearest reply; where nobody writes twice, that is the most as well.
   Where there are several numbers, one may empty a block before somebody of it writes to another, so a block's burst has to hold
   all messages that came from it before.
3. The worker decides later than a message is due, by `slop` at most. What it pays in any window was due in a window that is
   `slop` longer: so a bucket that holds what the pace refills in that time more, or less, bounds it from both sides.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from edge.config import Config
from loadtest.judge.demand import Demand, Group
from loadtest.judge.model import BlockLimits, Bucket, admitted, count_bucket, stricter
from loadtest.judge.run import Run

_RACE = Fraction(1, 50)
"""The share of the least that may be missing: several workers ask the ledger for the same money at the same instant, and one of them in vain."""


class Bounds(msgspec.Struct, frozen=True):
    """The number of replies that there must be at least, and may be at most."""

    least: int
    most: int


class Funds(msgspec.Struct, frozen=True):
    """The money that a worker starts the flood with."""

    kitty_left_micros: int
    fresh: bool
    """Whether its ledger has paid nothing yet. Otherwise nobody outside knows who was answered, and nothing is the least."""


def bounds(run: Run, demand: Demand, funds: Funds, slop_us: int, played_us: int | None = None) -> Bounds:
    """Return the least and the most replies.

    `slop_us` is the longest time from when a message was due to its answer; `played_us` the offset up to which the flood
    was certainly sent, if not to its end.
    """
    config = run.config
    if config.paused or not demand.senders:
        return Bounds(0, 0)
    prices = [sorted({one.expected_micros(sender) for sender in demand.senders}) for one in run.prices]
    most = min(
        _most_by_sender_and_block(config, demand, slop_us),
        _most_by_share(run, demand, [known[0] for known in prices], slop_us),
        funds.kitty_left_micros // min(known[0] for known in prices),
    )
    if not funds.fresh:
        return Bounds(0, most)
    firsts = _firsts(config, demand, demand.last_us + 1 if played_us is None else played_us)
    over_time = _least_by_share(run, firsts, [known[-1] for known in prices], slop_us)
    race = math.ceil(_RACE * over_time) if config.server.workers > 1 else 0
    rest = funds.kitty_left_micros - demand.received_micros
    least = min(over_time - race, max(0, rest) // max(known[-1] for known in prices))
    return Bounds(min(least, most), most)


def _most_by_share(run: Run, demand: Demand, cheapest: Sequence[int], slop_us: int) -> int:
    """Return what the shares of all numbers pay together, at the cheapest reply of each."""
    write_once = all(sender.messages == 1 for sender in demand.senders.values())
    share = run.first_share if write_once else run.share
    bucket = Bucket(share.size + share.per_us * slop_us, share.per_us)
    each = zip(cheapest, demand.chances_us, strict=True)
    return sum(admitted(bucket, price, chances_us) for price, chances_us in each)


def _least_by_share(run: Run, firsts: Sequence[Sequence[int]], dearest: Sequence[int], slop_us: int) -> int:
    """Return what they pay together for first messages, at the dearest reply of each."""
    first, dearest_of_all = run.first_share, max(prices.dearest_micros for prices in run.prices)
    count = 0
    for price, instants_us in zip(dearest, firsts, strict=True):
        room = first.size - (dearest_of_all - price) - first.per_us * slop_us
        count += admitted(stricter(Bucket(room, first.per_us), price), price, instants_us)
    return count


def _most_by_sender_and_block(config: Config, demand: Demand, slop_us: int) -> int:
    of_sender, limits = count_bucket(config.limit.sender), BlockLimits(config)
    blocks, buckets = dict[str, Group](), dict[str, Bucket]()
    for number, sender in demand.senders.items():
        most = min(sender.messages, int(of_sender.most(sender.last_us - sender.first_us + slop_us)))
        name = limits.block(number)
        if name not in blocks:
            blocks[name], buckets[name] = Group(sender.first_us, sender.last_us, 0), count_bucket(limits.limit(number))
        block = blocks[name]
        block.first_us = min(block.first_us, sender.first_us)
        block.last_us = max(block.last_us, sender.last_us)
        block.messages += most
    return sum(
        min(block.messages, int(buckets[name].most(block.last_us - block.first_us + slop_us)))
        for name, block in blocks.items()
    )


def _firsts(config: Config, demand: Demand, before_us: int) -> list[list[int]]:
    """Return for each number when the first messages came that neither their sender's limit nor their block's can refuse."""
    before, firsts, limits = dict[str, int](), [list[int]() for _ in config.numbers], BlockLimits(config)
    for number, sender in demand.senders.items():
        block = limits.block(number)
        taken = before.get(block, 0)
        if taken < limits.limit(number).burst and sender.first_us < before_us:
            firsts[sender.number].append(sender.first_us)
        before[block] = taken + (sender.messages if len(firsts) > 1 else 1)
    return firsts
