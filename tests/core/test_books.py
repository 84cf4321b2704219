"""One decision on books, and what is written of it."""

import pytest

from edge.core.books import admit
from edge.core.limit import Limit
from edge.core.reason import Reason
from edge.core.watermarks import Watermarks
from edge.ledger.memory import MemoryBooks
from edge.units import HOUR_MS
from tests.ledger.parts import MICROS, NOW_MS, charge, cost, key16, rules


class Witness(MemoryBooks):
    """Books that say what was written to them."""

    def __init__(self):
        super().__init__()
        self.written = []

    def pay(self, charge, entry, now_ms):
        """Write a charge."""
        self.written.append("pay")
        super().pay(charge, entry, now_ms)

    def clamp(self, charge, entry):
        """Write states."""
        self.written.append("mend")
        super().clamp(charge, entry)


def test_a_grant_is_written_once():
    """What is granted is paid, with the states after it."""
    books = Witness()
    decision = admit(books, rules(), Watermarks(), charge(1), NOW_MS)

    assert Reason.ANSWERED is decision.reason
    assert ["pay", "mend"] == books.written


@pytest.mark.parametrize("message", [1, 2])
def test_a_refusal_is_not_written(message):
    """A duplicate and a sender who must wait change nothing."""
    books = Witness()
    admit(books, rules(), Watermarks(), charge(1, sender=1), NOW_MS)
    books.written.clear()
    decision = admit(books, rules(), Watermarks(), charge(message, sender=1), NOW_MS + 1)

    assert decision.reason in {Reason.DUPLICATE, Reason.SENDER_LIMIT}
    assert [] == books.written


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ({"sender": Limit(HOUR_MS, HOUR_MS)}, "senders"),
        ({"block": Limit(HOUR_MS, HOUR_MS)}, "blocks"),
        ({}, "pace_tat_ms"),
    ],
)
def test_a_state_that_cannot_be_is_mended_even_by_a_refusal(changes, before):
    """A bucket from after now is emptied now, once, whichever of the three it is."""
    books = Witness()
    state = NOW_MS + 9 * HOUR_MS
    setattr(books, before, state if before == "pace_tat_ms" else {key16(1): state})
    hour = cost(burst=MICROS, per_day=24 * MICROS)
    decisions = [
        admit(books, rules(**changes), Watermarks(), charge(1, sender=1, block=1, cost=hour), NOW_MS) for _ in range(2)
    ]

    assert decisions[0].reason is decisions[1].reason
    assert Reason.ANSWERED is not decisions[0].reason
    assert ["mend"] == books.written
