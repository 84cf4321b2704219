"""What floods cost in machines and in money, worked out from what was measured and from the example file, and nothing else."""

from collections.abc import Sequence

import msgspec

from bench import ROOT
from bench.pages.table import number, table
from bench.results import OURS, Share
from edge.configfile import load
from edge.units import DAY_MS, HOUR_MS, MICROS, MINUTE_MS, SECOND_MS

EXAMPLE = ROOT / "edge.toml"


class Flood(msgspec.Struct, frozen=True):
    """So many messages, evenly over so long a time, each of one segment."""

    title: str
    messages: int
    length_ms: int

    @property
    def per_second(self) -> float:
        """The messages in a second."""
        return self.messages * SECOND_MS / self.length_ms


FLOODS = (
    Flood("25,000 in four days", 25_000, 4 * DAY_MS),
    Flood("10,000 in a minute", 10_000, MINUTE_MS),
    Flood("1,000,000 in an hour", 1_000_000, HOUR_MS),
)


class Machine(msgspec.Struct, frozen=True):
    """One core that does nothing else, and the money of a number."""

    message_us: float
    """The CPU time of a refused message, of the whole server."""
    received_micros: int
    kitty_micros: int
    currency: str

    def gives_way(self, flood: Flood) -> str:
        """Return what ends first under a flood, and when, if it goes on for as long as it does."""
        if flood.per_second * self.message_us > MICROS:
            return "the core: messages wait, and are tried again"
        paid_for = self.kitty_micros // self.received_micros
        if paid_for < flood.messages:
            after_s = paid_for / flood.per_second
            return f"the kitty, after {paid_for:,} messages ({number(after_s / 60)} minutes): silence from then on"
        return "nothing"


def machine(share: Share) -> Machine | None:
    """Return a core like the one that was measured, with the example's money; None if nobody measured strangers."""
    found = share.cpu_us("ours", "strangers", OURS)
    if found is None:
        return None
    config = load(EXAMPLE)
    return Machine(found.median, config.price.received, config.budget.kitty, config.price.currency)


def floods_table(one: Machine, floods: Sequence[Flood] = FLOODS) -> str:
    """Return what each flood takes, and what gives way first."""
    rows = [
        [
            flood.title,
            number(flood.per_second),
            f"{100 * flood.per_second * one.message_us / MICROS:.2g}%",
            number(flood.messages * one.message_us / MICROS),
            f"{flood.messages * one.received_micros / MICROS:,.2f}",
            one.gives_way(flood),
        ]
        for flood in floods
    ]
    head = [
        "strangers' messages",
        "a second",
        "of one core",
        "CPU seconds in all",
        f"to receive, {one.currency}",
        "what gives way",
    ]
    return table(head, rows)


def capacity(one: Machine) -> str:
    """Return how many messages of strangers one core refuses."""
    return (
        f"One core refuses {number(MICROS / one.message_us)} messages of strangers a second, "
        f"{number(HOUR_MS / SECOND_MS * MICROS / one.message_us)} an hour; "
        f"the kitty of the example, {one.kitty_micros / MICROS:,.0f} {one.currency}, pays for receiving "
        f"{one.kitty_micros // one.received_micros:,}."
    )
