"""One decision on books, and what is written of it."""

import pytest

from edge.core.charging.books import admit
from edge.core.charging.watermarks import Watermarks
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks
from tests.ledger.parts import NOW_MS, charge, rules


class Witness(MemoryBooks):
    """Books that say what was written to them."""

    def __init__(self):
        super().__init__()
        self.written = []

    def pay(self, charge, entry, now_ms):
        """Write a charge."""
        self.written.append("pay")
        super().pay(charge, entry, now_ms)


def test_a_grant_is_written_once():
    """What is granted is paid, with the states after it."""
    books = Witness()
    decision = admit(books, rules(), Watermarks(), charge(1), NOW_MS)

    assert Reason.ANSWERED is decision.reason
    assert ["pay"] == books.written


@pytest.mark.parametrize("message", [1, 2])
def test_a_refusal_is_not_written(message):
    """A duplicate and a sender who must wait change nothing."""
    books = Witness()
    admit(books, rules(), Watermarks(), charge(1, sender=1), NOW_MS)
    books.written.clear()
    decision = admit(books, rules(), Watermarks(), charge(message, sender=1), NOW_MS + 1)

    assert decision.reason in {Reason.DUPLICATE, Reason.SENDER_LIMIT}
    assert [] == books.written
