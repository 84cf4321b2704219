"""The reasons why a message was answered, or was not: one enum that is the log field, the counter and the status row.

What else a new reason touches stands in CONTRIBUTING.md.
"""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """The gate's reasons in the order in which it checks them, then those that an HTTP request gets outside it."""

    PAUSED = "paused"
    NOT_A_PERSON = "not_a_person"
    OPTED_OUT = "opted_out"
    UNSERVED = "unserved"
    DUPLICATE = "duplicate"
    SENDER_LIMIT = "sender_limit"
    BLOCK_LIMIT = "block_limit"
    PACE_LIMIT = "pace_limit"
    KITTY_SPENT = "kitty_spent"
    LEDGER_DOWN = "ledger_down"
    ANSWERED = "answered"

    FAULT = "fault"
    NOT_A_MESSAGE = "not_a_message"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    WRONG_METHOD = "wrong_method"
    WRONG_TYPE = "wrong_type"
    NOT_FOUND = "not_found"
    NOT_OUR_EDGE = "not_our_edge"

    @property
    def from_provider(self) -> bool:
        """Whether a message stands behind it; the rest is HTTP traffic that nobody charges us for."""
        return self not in HTTP_STATUS and self is not Reason.NOT_A_MESSAGE

    @property
    def received(self) -> bool:
        """Whether the provider charges us for receiving it: a retry of a message is not a new one."""
        return self.from_provider and self is not Reason.DUPLICATE


AGAIN = (Reason.SENDER_LIMIT, Reason.OPTED_OUT)
"""Those of messages from senders who were answered before."""

HTTP_STATUS = {
    Reason.BAD_SIGNATURE: 403,
    Reason.MALFORMED: 400,
    Reason.TOO_LARGE: 413,
    Reason.TOO_SLOW: 408,
    Reason.WRONG_METHOD: 405,
    Reason.WRONG_TYPE: 415,
    Reason.NOT_FOUND: 404,
    Reason.NOT_OUR_EDGE: 403,
}


def received_in(counts: Mapping[Reason, int]) -> int:
    """Return how many of these messages the provider charges us for receiving."""
    return sum(count for reason, count in counts.items() if reason.received)


def again_in(counts: Mapping[Reason, int]) -> int:
    """Return how many of these messages came from senders who were answered before."""
    return sum(counts.get(reason, 0) for reason in AGAIN)
