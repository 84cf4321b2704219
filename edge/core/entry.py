"""Everything in a ledger's books that bears on one charge."""

import msgspec


class Entry(msgspec.Struct, gc=False):
    """Everything in the books that bears on one charge."""

    paid: bool
    """Whether its message id was charged before."""
    opted_out: bool
    sender_tat_ms: int
    block_tat_ms: int
    pace_tat_ms: int
    spent_micros: int
