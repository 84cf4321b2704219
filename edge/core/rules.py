"""The rules for every reply of a number, and the cost of one. Values only."""

import msgspec

from edge.core.limit import Limit


class Rules(msgspec.Struct, frozen=True, gc=False):
    """The limits and the kitty, which hold for every reply of a number."""

    sender: Limit
    block: Limit
    kitty_micros: int


class Cost(msgspec.Struct, frozen=True, gc=False):
    """The cost of one reply, and what it takes out of the pace."""

    micros: int
    pace: Limit
