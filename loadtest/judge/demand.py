"""The demand: all that a flood asks of a worker, counted by sender.

Only what the provider vouches for can be answered or costs anything, and only a person who can be served is answered.
Where there are several numbers, a sender is one sender on all of them.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from loadtest.flood.arrival import Arrival
from loadtest.provider.billing import Billed
from loadtest.provider.prices import Prices

_MESSAGE, _NEW, _GENUINE = 1, 2, 4


class Group(msgspec.Struct, gc=False):
    """The messages of one sender, or of one block."""

    first_us: int
    last_us: int
    messages: int
    """The number of different messages: a repeat only gives the same one another chance."""
    number: int = 0
    """The place of the number that the first of them was written to."""


class First(NamedTuple):
    """The first message of somebody genuine: when it came, and the place of the number that it was written to."""

    at_us: int
    number: int


class Demand:
    """Counts arrivals. It keeps the sender and the kind of each, so the demand at an earlier instant is known as well."""

    def __init__(self, prices: Sequence[Prices], flood: Iterable[Arrival] = ()) -> None:
        """Count a flood of numbers with these prices."""
        self._prices = prices
        self.senders: dict[str, Group] = {}
        """The senders who can be served."""
        self.genuine: dict[str, First] = {}
        """When each genuine sender first wrote, and to which number."""
        self.counts: dict[str, int] = {}
        """Requests by sender, of whatever kind."""
        self.received_us = array("q")
        """The instants at which the messages came that the provider charges for receiving: each id once."""
        self.receiving_micros = array("q")
        """The charge for each of them."""
        self.received_at = bytearray()
        """The place of the number that each of them was written to."""
        self.chances_us = [array("q") for _ in prices]
        """For each number the instants at which a reply was possible: messages and repeats of those who can be served."""
        self.held_back = [0 for _ in prices]
        """For each number the messages and repeats that the provider did not deliver."""
        self.held_back_us = array("q")
        """The instants of the messages among them, what each would have been charged for, and the place of its number."""
        self.held_back_micros = array("q")
        self.held_back_at = bytearray()
        self.last_us = 0
        self._at_us, self._who, self._marks, self._micros = array("q"), array("l"), bytearray(), array("q")
        self._numbers = bytearray()
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        for arrival in flood:
            self.add(arrival)

    @property
    def requests(self) -> int:
        """The number of requests, of whatever kind."""
        return sum(self.counts.values())

    @property
    def messages(self) -> int:
        """The number of messages that the provider charges for receiving."""
        return len(self.received_us)

    @property
    def received_micros(self) -> int:
        """The provider's charge for receiving them."""
        return sum(self.receiving_micros)

    def add(self, arrival: Arrival) -> None:
        """Count one arrival; they come in order."""
        sender, kind, number = arrival.sender, arrival.kind, arrival.number
        marks = _GENUINE if arrival.genuine else 0
        if kind.is_message:
            marks |= _MESSAGE if kind.is_repeat else _MESSAGE | _NEW
        place = self._places.setdefault(sender, len(self._names))
        if place == len(self._names):
            self._names.append(sender)
        self._at_us.append(arrival.at_us)
        self._who.append(place)
        self._marks.append(marks)
        billed = Billed.of(arrival.text, picture=arrival.picture) if marks & _NEW else Billed()
        micros = self._prices[number].receiving_micros(billed)
        self._micros.append(micros)
        self._numbers.append(number)
        self._count(arrival.at_us, sender, marks, micros, number)

    def passing(self, flood: Iterable[Arrival]) -> Iterator[Arrival]:
        """Yield a flood on, and count what passes."""
        for arrival in flood:
            self.add(arrival)
            yield arrival

    def part(self, *, until_us: int | None = None, held_back: Collection[int] = ()) -> "Demand":
        """Return the demand of what was due before an offset, as if nothing had come since.

        `held_back` are the places of the arrivals that the provider did not deliver: nobody was asked for anything by them,
        but who wrote them is genuine or not all the same.
        """
        part, held_back = Demand(self._prices), frozenset(held_back)
        arrivals = zip(self._at_us, self._who, self._marks, self._micros, self._numbers, strict=True)
        for index, (at_us, place, *rest) in enumerate(arrivals):
            if until_us is not None and at_us >= until_us:
                break
            if index in held_back:
                part._hold_back(at_us, self._names[place], *rest)
            else:
                part._count(at_us, self._names[place], *rest)
        return part

    def _hold_back(self, at_us: int, sender: str, marks: int, micros: int, number: int) -> None:
        self.last_us = at_us
        self.held_back[number] += 1
        if marks & _GENUINE:
            self.genuine.setdefault(sender, First(at_us, number))
        if marks & _NEW:
            self.held_back_us.append(at_us)
            self.held_back_micros.append(micros)
            self.held_back_at.append(number)

    def _count(self, at_us: int, sender: str, marks: int, micros: int, number: int) -> None:
        self.last_us = at_us
        self.counts[sender] = self.counts.get(sender, 0) + 1
        if marks & _GENUINE:
            self.genuine.setdefault(sender, First(at_us, number))
        if not marks & _MESSAGE:
            return
        new = bool(marks & _NEW)
        if new:
            self.received_us.append(at_us)
            self.receiving_micros.append(micros)
            self.received_at.append(number)
        known = self.senders.get(sender)
        if known is not None:
            known.last_us = at_us
            known.messages += new
        elif self._prices[number].serves(sender):
            self.senders[sender] = Group(at_us, at_us, 1, number)
        else:
            return
        self.chances_us[number].append(at_us)
