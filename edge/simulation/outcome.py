"""What a file came to in one night: who was answered, what the trolls got, the bill; and what no policy could have bettered.

The bound: in a flood of length T the money pays C = (burst + rate x T) / price replies. Of D senders who wrote in it alone, and
cannot be told apart, no policy answers more than C / D on average. Who also writes at another time may be answered then.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from edge.config import Config
from edge.core.showing.forecast import Purse
from edge.core.wire.reason import Reason
from edge.meaning import terms
from edge.simulation.line import changes_in_a_day
from edge.simulation.night import Night, Sender
from edge.simulation.play import Off, Played
from edge.units import DAY_MS, HOUR_MS, MICROS


class Outcome(msgspec.Struct, frozen=True):
    """One night under one file. Money in micros."""

    messages: int
    senders: int
    """All who could be answered."""
    senders_answered: int
    people: int | None
    """None where nobody knows who is genuine; so are the next ones."""
    people_answered: int | None
    flood_people: int | None
    """Those who first wrote in a flood."""
    flood_people_answered: int | None
    trolls_micros: int | None
    """What replies to others than people have cost."""
    bound: float | None
    """The share of the people that no policy exceeds."""
    replies: int
    replies_micros: int
    received_micros: int
    by_day_micros: tuple[tuple[int, int], ...]
    """For each 24 hours what replies and receiving have cost."""
    kitty_micros: int
    kitty_ended_ms: int | None
    """How long after the first message somebody was refused for want of money."""
    lasted_ms: int
    reasons: dict[str, int]
    off: tuple[Off, ...]
    """How each number was detached, in the order of the file."""
    may_detach: bool
    """Whether the file lets it be detached."""

    @property
    def held_back(self) -> int:
        """The messages that no provider delivered; they cost nothing."""
        return sum(one.held_back for one in self.off)

    @property
    def off_ms(self) -> int:
        """How long the numbers were detached, all together."""
        return sum(one.off_ms for one in self.off)

    @property
    def changes(self) -> int:
        """How often a number was detached or attached, in the worst 24 hours of the worst of them."""
        return max(changes_in_a_day(one.changes_ms) for one in self.off)

    @property
    def bill_micros(self) -> int:
        """The whole bill."""
        return self.replies_micros + self.received_micros

    def figures(self) -> dict[str, float]:
        """Return what is averaged and compared: shares from 0 to 1, money in whole units, plain numbers."""
        shares = {
            "people": _share(self.people_answered, self.people),
            "people in the flood": _share(self.flood_people_answered, self.flood_people),
            "bound": self.bound,
            "senders": _share(self.senders_answered, self.senders),
            "trolls": None if self.trolls_micros is None else self.trolls_micros / MICROS,
        }
        off = {"hours off": self.off_ms / HOUR_MS, "changes in a day": float(self.changes)} if self.may_detach else {}
        told = {name: share for name, share in shares.items() if share is not None}
        money = {
            "replies": self.replies_micros / MICROS,
            "receiving": self.received_micros / MICROS,
            "bill": self.bill_micros / MICROS,
            "bill a day": self.bill_micros / MICROS / max(1.0, self.lasted_ms / DAY_MS),
        }
        return told | money | off


def outcome_of(config: Config, night: Night, played: Played) -> Outcome:
    """Return what a file came to."""
    served = {number: who for number, who in night.senders.items() if who.is_served}
    answered = {reply.sender for reply in played.replies}
    people = {number: who for number, who in night.senders.items() if who.genuine}
    known = any(who.genuine is not None for who in night.senders.values())
    floods = night.recording.floods
    flooded = {number for number, who in people.items() if _in(floods, who.first_ms, who.first_ms)}
    replies_micros = sum(reply.micros for reply in played.replies)
    began_ms, days = night.sent[0].ms, [0] * len(played.received_by_day)
    for reply in played.replies:
        days[(reply.ms - began_ms) // DAY_MS] += reply.micros
    price = min((reply.micros for reply in played.replies), default=0)
    purse = terms.purse_of(config, 0, began_ms)
    ended_ms = played.kitty_ended_ms
    return Outcome(
        messages=len(night.sent),
        senders=len(served),
        senders_answered=len(answered),
        people=len(people) if known else None,
        people_answered=len(answered & people.keys()) if known else None,
        flood_people=len(flooded) if floods else None,
        flood_people_answered=len(answered & flooded) if floods else None,
        trolls_micros=sum(r.micros for r in played.replies if r.sender not in people) if known else None,
        bound=bound(purse, price, people.values(), served.values(), floods, numbers=len(config.numbers))
        if people and price
        else None,
        replies=len(played.replies),
        replies_micros=replies_micros,
        received_micros=played.received_micros,
        by_day_micros=tuple(zip(days, played.received_by_day, strict=True)),
        kitty_micros=purse.kitty_micros,
        kitty_ended_ms=None if ended_ms is None else ended_ms - began_ms,
        lasted_ms=night.recording.lasted_ms,
        reasons={reason.value: played.counts[reason] for reason in Reason if reason in played.counts},
        off=played.off,
        may_detach=config.receiving.detach == "yes",
    )


def bound(
    purse: Purse,
    price_micros: int,
    people: Iterable[Sender],
    served: Iterable[Sender],
    floods: Iterable[tuple[int, int]],
    *,
    numbers: int = 1,
) -> float:
    """Return the share of the people that no policy exceeds, on average; with several numbers each pays out of its share."""
    people, served = list(people), list(served)
    out_of_reach = 0.0
    for start_ms, end_ms in floods:
        pays = (purse.burst_micros + purse.per_day_micros * (end_ms - start_ms) / DAY_MS) / price_micros / numbers
        pays = min(pays, purse.kitty_micros / price_micros)
        alike, lost = (
            Counter(who.number % numbers for who in group if start_ms <= who.first_ms and who.last_ms < end_ms)
            for group in (served, people)
        )
        out_of_reach += sum(count * (1.0 - min(1.0, pays / max(1, alike[number]))) for number, count in lost.items())
    return 1.0 - out_of_reach / len(people)


def _in(floods: Iterable[tuple[int, int]], from_ms: int, to_ms: int) -> bool:
    return any(start_ms <= from_ms and to_ms < end_ms for start_ms, end_ms in floods)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if whole and part is not None else None
