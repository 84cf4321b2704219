"""Everything in a ledger's books that bears on one charge."""

import msgspec

from edge.core.limits.bucket import UNUSED, Bucket


class Entry(msgspec.Struct, gc=False):
    """Everything in the books that bears on one charge."""

    paused_until_ms: int
    """Until when no reply is paid."""
    paid: bool
    """Whether its message id was charged before."""
    opted_out: bool
    sender: Bucket
    block: Bucket
    pace: Bucket
    spent_micros: int
    reserve: Bucket = UNUSED
