"""Turns a scenario into the stream of its arrivals: who sends what when.

1. One scenario, seed and rate give one flood, on every machine and for any number of Locust processes.
2. Phases do not disturb each other: each has its own chance, and within it instants, senders, texts and ids have their own,
   so a changed text moves no message.
3. Who has been in a ledger before is somebody else: a flood that is told how many messages that has received (`after`) has
   people, and message ids, that no flood before it has used. After none it is the flood that the seed says.
4. Nothing is stored but what must be: a flood of any length streams.
"""

import heapq
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate, count
from random import Random
from typing import NamedTuple

from loadtest.flood.addressees import Addressees, addressees
from loadtest.flood.arrival import Arrival, Planned
from loadtest.flood.instants import instants_us
from loadtest.flood.phones import PHASE_NUMBERS, in_blocks, number, scattered
from loadtest.flood.replay import replay
from loadtest.flood.scenario import (
    Block,
    Distinct,
    Exactly,
    Exponential,
    Farm,
    Fixed,
    Geometric,
    Listed,
    One,
    Phase,
    Pool,
    Scenario,
    Senders,
    Uniform,
)
from loadtest.flood.texts import TEXTS
from loadtest.flood.trace import Say, silent

_BLOCK = 10_000
"""The numbers of a farm that were not used before begin at the next block, which is so large unless a static file says otherwise."""


def arrivals(
    scenario: Scenario,
    *,
    seed: int | None = None,
    rate: float = 1.0,
    phone: str = "",
    after: int = 0,
    numbers: int = 1,
    say: Say = silent,
) -> Iterator[Arrival]:
    """Yield a scenario's arrivals in the order in which they are due.

    `rate` scales every phase's number of messages; `phone` is the number under attack, which a phase may name as "own".
    Written is to one of so many `numbers`; if there is one, whichever the scenario means, to that. `say` gets what is missing in a trace. Raises TraceError.
    """
    seed = scenario.seed if seed is None else seed
    who_knows = addressees(scenario, seed, numbers)
    parts = (
        _Part(phase, place, seed, rate, phone, _home(scenario, place), after, who_knows)
        for place, phase in enumerate(scenario.phase)
    )
    sources = [*map(_phase, parts)]
    if scenario.trace is not None:
        sources.append(replay(scenario.trace, len(scenario.phase), Random(f"{seed}/trace{_turn(after)}"), after, say))
    for index, (at_us, _, _, sender, text, message_id, kind, genuine, picture, to) in enumerate(heapq.merge(*sources)):
        due_us = int(at_us / scenario.speed)
        yield Arrival(index, due_us, sender, text, message_id, kind, genuine, picture, to % numbers)


class _Part(NamedTuple):
    """A phase in its place, and what decides its chances."""

    phase: Phase
    place: int
    seed: int
    rate: float
    phone: str
    home: int
    """The phase whose numbers its senders have: its own, or the first with the same pool."""
    after: int
    who_knows: Addressees | None
    """Which number is known to whom; None where all is written to one number."""

    def number(self, sender: str) -> int:
        """Return the place of the number that a sender writes to."""
        return 0 if self.who_knows is None else self.who_knows.of(sender, genuine=self.phase.genuine)

    def chance(self, purpose: str) -> Random:
        return Random(f"{self.seed}/{self.place}/{purpose}")

    def texts(self, purpose: str) -> Callable[[], str]:
        """Return a function that names the next text."""
        chance, texts = self.chance(purpose), [TEXTS[name] for name in self.phase.texts]
        return lambda: chance.choice(texts)(chance)

    def pictures(self, purpose: str) -> Callable[[], bool]:
        """Return a function that says whether the next message has a picture."""
        chance, share = self.chance(purpose), self.phase.pictures
        return lambda: chance.random() < share

    def ids(self, purpose: str) -> Callable[[], str]:
        """Return a function that names the next message id."""
        chance = self.chance(f"{purpose}{_turn(self.after)}")
        return lambda: f"SM{chance.getrandbits(128):032x}"


def _turn(after: int) -> str:
    return f"/{after}" if after else ""


def _home(scenario: Scenario, place: int) -> int:
    """Return the first phase whose senders are the same people."""
    senders = [phase.senders for phase in scenario.phase]
    mine = senders[place]
    if not isinstance(mine, Pool) or not mine.name:
        return place
    return next(
        home
        for home, other in enumerate(senders)
        if isinstance(other, Pool) and (other.name, other.prefix) == (mine.name, mine.prefix)
    )


def _phase(part: _Part) -> Iterator[Planned]:
    """Yield what a phase sends, its repeats among it."""
    later: list[Planned] = []
    numbers = count()
    chance = part.chance("again")
    for due in _written(part, numbers):
        while later and later[0] < due:
            yield heapq.heappop(later)
        yield due
        at_us, place, _, sender, text, message_id, _, _, picture, number = due
        for again in part.phase.again:
            if chance.random() < again.share:
                repeat = (
                    at_us + again.after,
                    place,
                    next(numbers),
                    sender,
                    text,
                    message_id,
                    again.kind,
                    False,
                    picture,
                    number,
                )
                heapq.heappush(later, repeat)
    while later:
        yield heapq.heappop(later)


def _written(part: _Part, numbers: Iterator[int]) -> Iterator[Planned]:
    """Yield a phase's messages, each of them something new: the first ones, and what their senders write after them."""
    writes, new = part.phase.writes, _first_times(part, numbers)
    if writes is None:
        yield from new
        return
    later: list[Planned] = []
    chance, next_text, next_id = part.chance("writes"), part.texts("texts again"), part.ids("ids again")
    has_picture = part.pictures("pictures again")
    for first in new:
        while later and later[0] < first:
            yield heapq.heappop(later)
        yield first
        at_us, place, _, sender, _, _, kind, genuine, _, number = first
        for _ in range(_times(writes.times, chance) - 1):
            at_us += _gap_us(writes.gap, chance)
            new_message = (next_text(), next_id(), kind, genuine, has_picture(), number)
            heapq.heappush(later, (at_us, place, next(numbers), sender, *new_message))
    while later:
        yield heapq.heappop(later)


def _times(law: Fixed | Uniform | Geometric, chance: Random) -> int:
    """Return how often a sender writes."""
    match law:
        case Fixed(times=times):
            return times
        case Uniform(from_=least, to=most):
            return chance.randint(least, most)
        case Geometric(mean=mean):
            left = chance.random()
            return 1 if mean == 1 else 1 + int(math.log(1.0 - left) / math.log(1.0 - 1.0 / mean))


def _gap_us(law: Exponential | Exactly, chance: Random) -> int:
    """Return how long a sender waits before writing again."""
    return law.after if isinstance(law, Exactly) else int(chance.expovariate(1.0 / law.mean))


def _first_times(part: _Part, numbers: Iterator[int]) -> Iterator[Planned]:
    phase, place = part.phase, part.place
    messages = max(1, round(phase.messages * part.rate))
    next_sender = _senders(phase.senders, part.home, part.after, part.chance("senders"), part.phone)
    next_text, next_id, has_picture = part.texts("texts"), part.ids("ids"), part.pictures("pictures")
    for at_us in instants_us(phase.arrivals, part.chance("instants"), messages, phase.lasts):
        sender, text, message_id, due_us = next_sender(), next_text(), next_id(), phase.starts + at_us
        new = (text, message_id, phase.kind, phase.genuine, has_picture(), part.number(sender))
        yield (due_us, place, next(numbers), sender, *new)


def _senders(senders: Senders, home: int, after: int, chance: Random, phone: str) -> Callable[[], str]:
    """Return a function that names the next sender."""
    turn = count(after)
    match senders:
        case One(prefix=prefix):
            alone = scattered(prefix, home, after)
            return lambda: alone
        case Distinct(prefix=prefix):
            return lambda: scattered(prefix, home, next(turn))
        case Block(prefix=prefix):
            first, turn = home * PHASE_NUMBERS, count(-(-after // _BLOCK) * _BLOCK)
            return lambda: number(prefix, first + next(turn))
        case Farm(prefix=prefix, blocks=blocks):
            return lambda: in_blocks(prefix, home, blocks, next(turn))
        case Listed(senders=listed):
            names = [phone if name == "own" else name for name in listed]
            return lambda: names[(next(turn) - after) % len(names)]
        case Pool(prefix=prefix):
            shares = list(accumulate(_weights(senders)))
            return lambda: scattered(prefix, home, after + bisect_left(shares, chance.random() * shares[-1]))


def _weights(pool: Pool) -> Iterator[float]:
    """Yield how much each number of a pool sends, the busiest first: quantiles of the law, so that no draw decides a flood."""
    if pool.zipf is not None:
        exponent = pool.zipf
        return (rank**-exponent for rank in range(1, pool.size + 1))
    if pool.pareto is not None:
        power = -1.0 / pool.pareto
        return (((rank - 0.5) / pool.size) ** power for rank in range(1, pool.size + 1))
    return (1.0 for _ in range(pool.size))
