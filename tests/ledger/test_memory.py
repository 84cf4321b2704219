"""The ledger in memory, where it is not as the others are."""

from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from tests.ledger.parts import RULES, Clock, charge


def test_a_ledger_without_books_has_its_own(runner):
    """Two ledgers that share no books know nothing of each other."""
    ledgers = [MemoryLedger(RULES, Clock(), lambda _: None) for _ in range(2)]
    reasons = [runner.run(ledger.admit(charge(1))).reason for ledger in ledgers]

    assert [Reason.ANSWERED] * 2 == reasons


def test_books_outlive_their_ledgers(runner):
    """What is closed keeps nothing; the books do."""
    books = MemoryBooks()
    before = MemoryLedger(RULES, Clock(), lambda _: None, books)
    runner.run(before.admit(charge(1)))
    runner.run(before.close())
    after = MemoryLedger(RULES, Clock(), lambda _: None, books)

    assert Reason.DUPLICATE is runner.run(after.admit(charge(1))).reason
