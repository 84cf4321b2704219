"""The values that go between a worker and the ledger: a charge and its decision, a tally and the totals."""

from collections.abc import Mapping

import msgspec

from edge.core.charging.shares import Share
from edge.core.kept.attachment import Attachment
from edge.core.kept.hourly import Hourly
from edge.core.kept.pause import NOT_PAUSED
from edge.core.limits.bucket import UNUSED, Bucket
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Cost, Pace
from edge.core.wire.reason import Reason


class Charge(msgspec.Struct, frozen=True, gc=False):
    """One reply that a worker would like to pay."""

    message_id: str
    sender: bytes
    """A keyed hash, 16 bytes; so is `block`. Numbers never reach a ledger."""
    block: bytes
    cost: Cost
    received_micros: int
    """The cost of receiving since the worker's sums began, this message included: cumulative, never a difference."""
    segments: int = 1
    """Of the reply."""
    knock: bool = False
    """Whether its sender has knocked before. That is the machine's word: a lie costs fairness, never money."""
    number: str = ""
    """The one of our numbers that was written to; blank where there is one."""
    block_limit: Limit | None = None
    """That of the block, if it is not that of the rules."""


class Decision(msgspec.Struct, frozen=True):
    """The ledger's decision on a charge, and the states that bear on it.

    The reason is one of `answered`, `paused`, `duplicate` (paid before, answer it again), `opted_out`, `sender_limit`,
    `block_limit`, `pace_limit`, `kitty_spent`. The states are those after the decision.
    """

    reason: Reason
    sender: Bucket
    block: Bucket
    pace: Bucket
    spent_micros: int
    now_ms: int
    """The instant of the decision by the ledger's time, which need not be the worker's."""
    paced: Pace | None = None
    """The pace by which it was decided, where it is that of the hour and not the file's."""
    reserve: Bucket = UNUSED
    whole: Bucket = UNUSED
    """The pace of all numbers together, where there are several; `pace` and `reserve` are the share of one then."""


class Came(msgspec.Struct, frozen=True):
    """What came to one of several numbers, since the sums of a worker began, which outlive it: cumulative."""

    messages: int = 0
    """Without the answered ones, which the ledger counts as it pays, and without their retries."""
    again: int = 0
    """Those of senders who were answered before."""
    received_micros: int = 0
    segments: int = 0


class Tally(msgspec.Struct, frozen=True):
    """Everything that was seen since the sums of a worker began, which outlive it: cumulative, so that telling it twice counts it once."""

    counts: Mapping[Reason, int]
    received_micros: int
    segments: int = 0
    """Of all that was received."""
    numbers: Mapping[str, Came] = {}
    """What of it came to each number, where there are several."""


class Totals(msgspec.Struct, frozen=True):
    """The sums of all that workers have seen and spent since the ledger was made."""

    counts: Mapping[Reason, int]
    """`answered` and the money are exact at once, the rest is as of each worker's last tally."""
    replies_micros: int
    received_micros: int
    pace: Bucket
    now_ms: int
    """By the ledger's time."""
    last_ms: int = 0
    """When a reply was last paid, by the ledger's time; 0 where none was."""
    paused_until_ms: int = NOT_PAUSED
    """Until when no reply is paid, by the ledger's time; an instant that is over where it is not paused."""
    attachments: Mapping[str, Attachment] = {}
    """What is wanted of each of our numbers; one that was never detached need not be among them."""
    reserve: Bucket = UNUSED
    shares: Mapping[str, Share] = {}
    """The share of each number, as it was last written; see :func:`edge.core.charging.shares.shares_of`."""
    hourly: Hourly | None = None
    """The pace of the hour, where somebody has worked one out."""

    @property
    def replies(self) -> int:
        """The number of replies that were paid."""
        return self.counts.get(Reason.ANSWERED, 0)

    @property
    def spent_micros(self) -> int:
        """The money that is gone from the kitty."""
        return self.replies_micros + self.received_micros
