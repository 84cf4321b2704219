"""The breaker lets one try where nobody else may wait."""

import pytest

from edge.errors import LedgerDown
from edge.ledger.breaker import RETRY_S, Breaker

PATIENCE_S = 2.0


def passes(breaker, now):
    """Return whether a question at an instant is let through."""
    try:
        breaker.enter(now)
    except LedgerDown:
        return False
    return True


def test_everybody_asks_while_it_answers():
    """A ledger that never failed is asked by all."""
    breaker = Breaker(PATIENCE_S)

    assert [True] * 3 == [passes(breaker, 0.0) for _ in range(3)]


def test_nobody_asks_right_after_a_failure():
    """Whoever comes before the next try is due hears at once what went wrong."""
    breaker = Breaker(PATIENCE_S)
    breaker.failed(100.0, "the disk is full")

    with pytest.raises(LedgerDown, match="the disk is full"):
        breaker.enter(100.0 + RETRY_S / 2)


def test_one_tries_when_it_is_due():
    """The first one after the wait is let through, and nobody with it, for as long as it may take."""
    breaker = Breaker(PATIENCE_S)
    breaker.failed(100.0, "gone")
    due = 100.0 + RETRY_S

    assert [True, False, False, True] == [passes(breaker, due + after) for after in (0, 0, 1.9, 2.0)]


def test_an_answer_lets_everybody_in():
    """After one success it is as if nothing had happened."""
    breaker = Breaker(PATIENCE_S)
    breaker.failed(100.0, "gone")
    breaker.worked()

    assert [True] * 3 == [passes(breaker, 100.0) for _ in range(3)]
