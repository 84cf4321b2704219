"""Fairness: who got the money, the genuine senders (as many as the pace allows ought to be answered) or the trolls.

Also what the same flood costs without a gate, at the price of 2017 (0.0075 EUR to receive, twice 0.07627 EUR to reply:
https://www.clubic.com/mag/actualite-838168-numero-anti-relou-interview.html) and at one segment of today's file.
"""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import msgspec

from loadtest.judge.evidence import Evidence
from loadtest.judge.model import admitted

EXCHANGE_2017_MICROS = 160_040
"""EUR: 0.0075 + 2 x 0.07627."""


class Part(msgspec.Struct, frozen=True):
    """What came of the flood at one of several numbers."""

    where: str
    """The number's key in the static file."""
    genuine: int
    """Senders who wrote for the first time, and wrote there."""
    answered: int
    """Those of them who were answered, wherever."""
    replies: int
    replies_micros: int
    held_back: int
    """The messages, and repeats, that the provider did not deliver there."""


class Fairness(msgspec.Struct, frozen=True):
    """The shares of a flood's money."""

    genuine: int
    """Senders who wrote for the first time."""
    answered: int
    possible: int
    """So many of them the pace could have answered, had nobody else written: each number out of its share."""
    genuine_micros: int
    trolls_micros: int
    messages: int
    """The messages that the provider charges for receiving."""
    received_micros: int
    without_gate_2017_micros: int
    without_gate_micros: int
    numbers: tuple[Part, ...] = ()
    """For each number its part, in the order of the file; nothing where there is one."""

    @property
    def replies_micros(self) -> int:
        """The cost of the replies."""
        return self.genuine_micros + self.trolls_micros

    @property
    def with_gate_micros(self) -> int:
        """The whole bill."""
        return self.replies_micros + self.received_micros

    @property
    def share(self) -> Fraction | None:
        """The share of genuine senders who were answered."""
        return Fraction(self.answered, self.genuine) if self.genuine else None

    @property
    def share_of_possible(self) -> Fraction | None:
        """The share of those who could have been."""
        return Fraction(self.answered, self.possible) if self.possible else None

    @property
    def per_genuine_micros(self) -> Fraction | None:
        """The cost of answering one of them, everything paid to whomever included."""
        return Fraction(self.replies_micros, self.answered) if self.answered else None


def fairness(evidence: Evidence) -> Fairness:
    """Return who got what in a flood."""
    prices, demand, account = evidence.run.prices, evidence.demand, evidence.account
    by_sender = account.by_sender()
    genuine_micros = sum(reply.price_micros for sender in demand.genuine for reply in by_sender.get(sender, []))
    by_number = Counter(demand.received_at + demand.held_back_at)
    written = demand.messages + len(demand.held_back_us)  # without a gate nobody has a number detached
    written_micros = demand.received_micros + sum(demand.held_back_micros)
    return Fairness(
        genuine=len(demand.genuine),
        answered=sum(sender in by_sender for sender in demand.genuine),
        possible=_possible(evidence),
        genuine_micros=genuine_micros,
        trolls_micros=account.seen_micros - genuine_micros,
        messages=demand.messages,
        received_micros=demand.received_micros,
        without_gate_2017_micros=written * EXCHANGE_2017_MICROS,
        without_gate_micros=written_micros + sum(prices[at].reply_micros * count for at, count in by_number.items()),
        numbers=tuple(_parts(evidence)) if len(prices) > 1 else (),
    )


def _parts(evidence: Evidence) -> Iterator[Part]:
    config, by_sender = evidence.run.config, evidence.account.by_sender()
    for number in range(len(config.numbers)):
        people = [sender for sender, first in evidence.demand.genuine.items() if first.number == number]
        paid = [reply.price_micros for reply in evidence.account.replies() if reply.number == number]
        answered = sum(sender in by_sender for sender in people)
        held_back = evidence.demand.held_back[number]
        yield Part(config.where(number), len(people), answered, len(paid), sum(paid), held_back)


def _possible(evidence: Evidence) -> int:
    """Return how many genuine senders the pace answers if nobody else writes."""
    people, count = evidence.demand.genuine.items(), 0
    for number, prices in enumerate(evidence.run.prices):
        served = {sender: at_us for sender, (at_us, to) in people if to == number and prices.serves(sender)}
        price = min(map(prices.expected_micros, served), default=0)
        count += admitted(evidence.run.share, price, served.values())
    return count
