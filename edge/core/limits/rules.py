"""The rules for every reply of a number, and the cost of one. Values only."""

import msgspec

from edge.core.limits.limit import Limit


class Pace(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How fast replies may cost money."""

    burst_micros: int
    per_day_micros: int


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What holds now for all workers, as the ledger has it."""

    paused: bool = False
    """Whether nobody is answered, by hand."""
    pace: Pace | None = None
    """The pace of the hour, where it is not the file's."""


class Sharing(msgspec.Struct, frozen=True, gc=False):
    """How replies share the pace."""

    dearest_micros: int = 0
    """The dearest reply. There must be room for it, whatever a reply costs: or cheap ones would push dear ones aside."""
    reserve_thousandths: int = 0
    """The part that is kept for second knocks, of the burst and of the rate."""
    numbers: int = 1
    """So many numbers have an equal share each, with such a reserve in each of them."""


class Lasts(msgspec.Struct, frozen=True, gc=False):
    """A kitty that is to last until an instant."""

    until_ms: int
    burst_micros: int
    """As the file has it; 0 where it follows from the pace."""
    dearest_micros: int
    """The dearest reply, at each number: the least that goes at once."""


class Rules(msgspec.Struct, frozen=True, gc=False):
    """The limits and the kitty, which hold for every reply."""

    sender: Limit
    block: Limit
    """Where blocks have several, by numbering plan: the one of which what was used counts the longest."""
    kitty_micros: int
    lasts: Lasts | None = None
    """Where the pace is not the file's, but follows from a day."""
    sharing: Sharing = Sharing()
    numbers: tuple[str, ...] = ()
    """Our numbers, where there are several, each with a share of the pace."""


class Reserve(msgspec.Struct, frozen=True, gc=False):
    """The part of the pace that is kept for second knocks: a bucket inside it."""

    limit: Limit
    """What a knock takes out of it."""
    micros: int
    """What it holds when nothing of it is used."""


class Cost(msgspec.Struct, frozen=True, gc=False):
    """The cost of one reply, and what it takes out of the pace: where there are several numbers, out of the share of one."""

    micros: int
    pace: Limit
    reserve: Reserve | None = None
    """None where nothing is kept."""
    whole: "Cost | None" = None
    """What it takes out of the pace of all numbers together; None where there is one."""
