"""What a worker puts to the ledger, and where a sender's prefix leads. Values only."""

import msgspec

from edge.core.charge import Charge
from edge.core.message import Message
from edge.core.rules import Cost


class Route(msgspec.Struct, frozen=True, gc=False):
    """What a sender's prefix leads to: which reply, at which cost."""

    reply: int
    cost: Cost


class Question(msgspec.Struct, frozen=True, gc=False):
    """What is put to the ledger: whether this reply may be paid."""

    message: Message
    block: str
    route: Route
    charge: Charge
    asked_ms: int
    era: int
    """Which one of the memory it was asked in."""
    took: bool
    """False for the twin of a message that is being asked about already."""

    @property
    def sender(self) -> str:
        """Who wrote."""
        return self.message.sender


class OptOut(msgspec.Struct, frozen=True, gc=False):
    """A request to the ledger: never answer this sender again."""

    message: Message
    key: bytes
    asked_ms: int
