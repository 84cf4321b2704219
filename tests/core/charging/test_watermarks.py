"""What was told already is not told again."""

from hypothesis import given
from hypothesis import strategies as st

from edge.core.charging.watermarks import Watermarks
from edge.core.wire.reason import Reason

REASONS = st.sampled_from([reason for reason in Reason if reason is not Reason.ANSWERED])


@given(st.lists(st.integers(0, 1_000_000)))
def test_what_is_owed_adds_up_to_the_most_that_was_said(amounts):
    """However often and in whatever order cumulative amounts are told, the sum is the largest of them."""
    told = Watermarks()

    assert max(amounts, default=0) == sum(told.receive(amount) for amount in amounts)


@given(st.lists(st.dictionaries(REASONS, st.integers(0, 9)), max_size=9))
def test_what_is_counted_adds_up_to_the_last_count(steps):
    """Counts that only grow add up to the last ones."""
    told, seen, added = Watermarks(), {}, {}
    for step in steps:
        seen = {reason: seen.get(reason, 0) + step.get(reason, 0) for reason in {**seen, **step}}
        for reason, count in told.count(seen).items():
            added[reason] = added.get(reason, 0) + count

    assert {reason: count for reason, count in seen.items() if count} == added


def test_answers_are_not_told():
    """The ledger counts what it pays by itself."""
    assert {Reason.PAUSED: 2} == Watermarks().count({Reason.ANSWERED: 5, Reason.PAUSED: 2})
