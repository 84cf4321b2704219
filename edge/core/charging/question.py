"""The questions that a worker puts to the ledger, and the route of a sender. Values only."""

import msgspec

from edge.core.charging.charge import Charge
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Cost
from edge.core.wire.message import Message


class Route(msgspec.Struct, frozen=True, gc=False):
    """The route that a sender's prefix leads to: which reply, at which cost."""

    reply: int
    cost: Cost
    segments: int = 1
    """Of the reply."""
    block_limit: Limit | None = None
    """That of a block there, if it is not that of the rules."""


class Question(msgspec.Struct, frozen=True, gc=False):
    """A question to the ledger: whether this reply may be paid."""

    message: Message
    block: str
    route: Route
    charge: Charge
    booked_micros: int | None
    """So much of what receiving has cost was booked for this delivery; None if it had been delivered before."""
    asked_ms: int
    era: int
    """The era of the gate's memory in which it was asked."""
    took: bool
    """False for the twin of a message that is being asked about already."""

    @property
    def sender(self) -> str:
        """The sender of the message."""
        return self.message.sender


class OptOut(msgspec.Struct, frozen=True, gc=False):
    """A request to the ledger: never answer this sender again."""

    message: Message
    key: bytes
    asked_ms: int
