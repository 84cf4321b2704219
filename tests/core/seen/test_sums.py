"""Facts about what a worker has seen: of several numbers, what came to each, beside what came to all."""

from edge.core.charging.charge import Came
from edge.core.seen.sums import Sums
from edge.core.wire.reason import Reason

FIRST, SECOND = "+33937000000", "+33937000001"


def test_what_comes_to_a_number_is_in_the_sums_of_all():
    """Whoever counts for one of them counts for all."""
    sums = Sums(numbers=[FIRST, SECOND])
    for number in (FIRST, SECOND, SECOND):
        sums.of(number).receive(7_500, 1)
        sums.of(number).count(Reason.PACE_LIMIT)
    sums.of(SECOND).receive(-7_500, -1)

    assert (15_000, 2, 3) == (sums.received_micros, sums.tally().segments, sums.tally().counts[Reason.PACE_LIMIT])
    assert {FIRST: Came(1, 0, 7_500, 1), SECOND: Came(2, 0, 7_500, 1)} == sums.tally().numbers


def test_the_messages_of_a_number_are_those_that_the_ledger_does_not_count():
    """The answered ones it counts as it pays; a retry of one, and what is no message, came to nobody."""
    own = Sums(numbers=[FIRST]).of(FIRST)
    for reason in Reason:
        own.count(reason)
    came = own.tally().numbers[FIRST]

    assert sum(reason.received for reason in Reason) - 1 == came.messages
    assert 2 == came.again


def test_one_number_has_the_sums_of_all():
    """There is nothing beside them."""
    sums = Sums()

    assert sums is sums.of("")
    assert {} == sums.tally().numbers
