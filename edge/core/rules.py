"""What holds for every reply of a number, and what one reply costs. Values only."""

import msgspec

from edge.core.limit import Limit


class Rules(msgspec.Struct, frozen=True, gc=False):
    """What holds for every reply of a number."""

    sender: Limit
    block: Limit
    kitty_micros: int


class Cost(msgspec.Struct, frozen=True, gc=False):
    """What one reply costs, and what that takes out of the pace."""

    micros: int
    pace: Limit
