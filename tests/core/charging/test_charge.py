"""Facts about what goes between a worker and the ledger."""

from edge.core.charging.charge import Totals
from edge.core.limits.bucket import UNUSED
from edge.core.wire.reason import Reason


def test_replies_are_what_was_answered():
    """Nothing but a paid reply counts as one; a ledger that has paid none has none."""
    assert 7 == Totals({Reason.ANSWERED: 7, Reason.DUPLICATE: 3}, 0, 0, UNUSED, 0).replies
    assert 0 == Totals({}, 0, 0, UNUSED, 0).replies


def test_what_receiving_has_cost_is_spent_like_any_other_money():
    """The kitty pays for messages as well as for replies."""
    assert 534_100 + 52_500 == Totals({}, 534_100, 52_500, UNUSED, 0).spent_micros
