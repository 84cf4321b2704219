"""What a flood asks of a worker: who wrote how often and when, and from that the least and the most replies.

1. Only what the provider vouches for counts, from a person who can be served; each message id once.
2. The most: for each sender its limit, for each block its own, and the pace and the kitty over all. Each bound holds by
   itself, so their minimum does.
3. The least: the first messages of different senders, as many in a block as its burst holds, put to the pace. Nothing but
   the pace and the kitty can refuse these, and more messages never make fewer replies.
4. The worker decides later than a message is due, by `slop` at most. What it pays in any window was due in a window that is
   `slop` longer: so a bucket that holds what the pace refills in that time more, or less, bounds it from both sides.
"""

import math
from array import array
from collections.abc import Iterable
from fractions import Fraction

import msgspec

from edge.config import Config
from loadtest.flood.arrival import Arrival
from loadtest.judge.model import Bucket, admitted, count_bucket, pace_bucket, stricter
from loadtest.provider.prices import Prices

_RACE = Fraction(1, 50)
"""Of the least: several workers ask the ledger for the same money at the same instant, and one of them in vain."""


class Bounds(msgspec.Struct, frozen=True):
    """How many replies there must be at least, and may be at most."""

    least: int
    most: int


class Funds(msgspec.Struct, frozen=True):
    """What a worker starts the flood with."""

    kitty_left_micros: int
    fresh: bool
    """Whether its ledger has paid nothing yet. Otherwise nobody outside knows who was answered, and nothing is the least."""


class Group(msgspec.Struct, gc=False):
    """The messages of one sender, or of one block."""

    first_us: int
    last_us: int
    messages: int
    """Different ones: a repeat only gives the same one another chance."""


class Demand:
    """All that arrives, kept per sender."""

    def __init__(self, config: Config, arrivals: Iterable[Arrival] = ()) -> None:
        """Count a flood. Raises ValueError if nobody outside can know the pace."""
        self._config = config
        self._prices = Prices(config)
        self._pace = pace_bucket(config)
        self.senders: dict[str, Group] = {}
        """Those who can be served."""
        self.genuine: dict[str, int] = {}
        """When each genuine sender first wrote."""
        self.counts: dict[str, int] = {}
        """Requests by sender, of whatever kind."""
        self.received_us = array("q")
        """When what the provider charges for receiving was due: each id once."""
        self.chances_us = array("q")
        """When a reply was due or not: messages and repeats of those who can be served."""
        self.last_us = 0
        for arrival in arrivals:
            self.add(arrival)

    def add(self, arrival: Arrival) -> None:
        """Count one arrival; they come in order."""
        sender, at_us = arrival.sender, arrival.at_us
        self.last_us = at_us
        self.counts[sender] = self.counts.get(sender, 0) + 1
        if arrival.genuine:
            self.genuine.setdefault(sender, at_us)
        if not arrival.kind.is_message:
            return
        new = not arrival.kind.is_repeat
        if new:
            self.received_us.append(at_us)
        known = self.senders.get(sender)
        if known is not None:
            known.last_us = at_us
            known.messages += new
        elif self._prices.serves(sender):
            self.senders[sender] = Group(at_us, at_us, 1)
        else:
            return
        self.chances_us.append(at_us)

    @property
    def messages(self) -> int:
        """How many messages the provider charges for receiving."""
        return len(self.received_us)

    def bounds(self, funds: Funds, slop_us: int, played_us: int | None = None) -> Bounds:
        """Return the least and the most replies.

        `slop_us` is the longest time from when a message was due to its answer; `played_us` the offset up to which the flood
        was certainly sent, if not to its end.
        """
        if self._config.paused or not self.senders:
            return Bounds(0, 0)
        prices = [self._prices.expected_micros(sender) for sender in self.senders]
        pace = self._pace
        shift = pace.per_us * slop_us
        most = min(
            self._most_by_sender_and_block(slop_us),
            admitted(Bucket(pace.size + shift, pace.per_us), min(prices), self.chances_us),
            funds.kitty_left_micros // min(prices),
        )
        if not funds.fresh:
            return Bounds(0, most)
        firsts = self._firsts(self.last_us + 1 if played_us is None else played_us)
        over_time = admitted(stricter(Bucket(pace.size - shift, pace.per_us), max(prices)), max(prices), firsts)
        race = math.ceil(_RACE * over_time) if self._config.server.workers > 1 else 0
        rest = funds.kitty_left_micros - self.messages * self._prices.received_micros
        least = min(over_time - race, max(0, rest) // max(prices))
        return Bounds(min(least, most), most)

    def _most_by_sender_and_block(self, slop_us: int) -> int:
        of_sender, of_block = count_bucket(self._config.limit.sender), count_bucket(self._config.limit.block)
        blocks: dict[str, Group] = {}
        for number, sender in self.senders.items():
            most = min(sender.messages, int(of_sender.most(sender.last_us - sender.first_us + slop_us)))
            block = blocks.setdefault(self._block(number), Group(sender.first_us, sender.last_us, 0))
            block.first_us = min(block.first_us, sender.first_us)
            block.last_us = max(block.last_us, sender.last_us)
            block.messages += most
        return sum(
            min(block.messages, int(of_block.most(block.last_us - block.first_us + slop_us)))
            for block in blocks.values()
        )

    def _firsts(self, before_us: int) -> list[int]:
        """Return when the first messages came that neither their sender's limit nor their block's can refuse."""
        burst, seen, firsts = self._config.limit.block.burst, dict[str, int](), list[int]()
        for number, sender in self.senders.items():
            block = self._block(number)
            seen[block] = seen.get(block, 0) + 1
            if seen[block] <= burst and sender.first_us < before_us:
                firsts.append(sender.first_us)
        return firsts

    def _block(self, number: str) -> str:
        return number[: -self._config.limit.block.digits]
