"""What a ledger is: the truth about the money, for all workers and all machines.

1. `admit` is one atomic step: message id, opt-out, sender, block, pace and kitty are checked in the order of
   :mod:`edge.rules`, and either all of it is written or nothing.
2. An outcome `answered` means written: it survives `kill -9`, and a power cut where the disk keeps its word.
3. The ledger decides by its own clock. A step back of it never grants more.
4. What a worker has not been told, it does not know: every contact tells it the message ids that were charged since its
   last one, by whichever worker. So a worker that refuses from memory never refuses a retry of a paid message.
5. State is created by spending only: a refusal and a stranger's STOP leave nothing behind.
6. When it cannot say, it raises LedgerDown, at memory speed while it is away; a charge may then be counted but not
   answered, never the other way round.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from edge.rules import Price
from edge.verdict import Reason


class Charge(msgspec.Struct, frozen=True, gc=False):
    """One reply that a worker would like to pay."""

    message_id: str
    sender: bytes
    """A keyed hash, 16 bytes; so is `block`. Numbers never reach a ledger."""
    block: bytes
    price: Price
    received_micros: int
    """What receiving has cost since this worker started, this message included: cumulative, never a difference."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a charge, and what the ledger knows that bears on it.

    The reason is one of `answered`, `duplicate` (paid before, answer it again), `opted_out`, `sender_limit`,
    `block_limit`, `pace_limit`, `kitty_spent`. The states are those after the decision.
    """

    reason: Reason
    sender_tat_ms: int
    block_tat_ms: int
    pace_tat_ms: int
    spent_micros: int
    news: tuple[str, ...] = ()
    """Message ids charged since this worker's last contact; given once, with the first outcome of a batch."""


class Tally(msgspec.Struct, frozen=True):
    """What a worker has seen since it started: cumulative, so that telling it twice counts it once."""

    counts: Mapping[Reason, int]
    received_micros: int


class Totals(msgspec.Struct, frozen=True):
    """What all workers have seen and spent since the ledger was made."""

    counts: Mapping[Reason, int]
    """`answered` and the money are exact at once, the rest is as of each worker's last tally."""
    replies_micros: int
    received_micros: int
    pace_tat_ms: int

    @property
    def spent_micros(self) -> int:
        """All that is gone from the kitty."""
        return self.replies_micros + self.received_micros


class Ledger(Protocol):
    """One worker's connection to the truth. Every method raises LedgerDown when it gets no answer in time."""

    async def admit(self, charge: Charge) -> Outcome:
        """Charge a reply, or say why not."""
        ...

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again; return False, and keep nothing, if none was ever paid for them."""
        ...

    async def tell(self, tally: Tally) -> tuple[tuple[str, ...], int]:
        """Add what a worker has seen since it last told; return the news and all that is spent."""
        ...

    async def totals(self) -> Totals:
        """Return the sums over all workers."""
        ...

    async def close(self) -> None:
        """Finish what waits, and let go of the files or sockets."""
        ...
