"""Our replies against the rows of a bill: each has one other at most, of the same person and near in time."""

from edge.core.kept.hours import Hour
from edge.core.kept.paid import Paid
from edge.core.showing.reconciling import (
    WITHIN_MS,
    Billed,
    Inbound,
    Span,
    match,
    proposals,
    received,
    span_of,
    usual_price,
)
from edge.units import HOUR_MS

NOW_MS = 500_000 * HOUR_MS
PERSON = "+33639000001"


def key_of(number):
    """Return a hash, as good as any."""
    return number.encode()


def paid(at_ms, person=PERSON, micros=76_300):
    """Return a reply of ours."""
    return Paid(NOW_MS + at_ms, key_of(person), 1, micros)


def billed(at_ms, person=PERSON, micros=76_300, line=2, *, is_reply=True, segments=1):
    """Return a row of a bill."""
    return Billed(line, NOW_MS + at_ms, person, is_reply, segments, micros)


def matched(ours, rows):
    """Return what comes of a bill that says of no time but by its rows."""
    return match(ours, rows, key_of, span_of(rows))


def test_replies_to_one_person_go_in_the_order_of_time():
    """Whatever the order in which either side has them; nothing is left over."""
    found = matched([paid(2 * HOUR_MS), paid(0)], [billed(1), billed(1, is_reply=False), billed(2 * HOUR_MS + 1)])

    assert [(NOW_MS, NOW_MS + 1), (NOW_MS + 2 * HOUR_MS, NOW_MS + 2 * HOUR_MS + 1)] == [
        (ours.at_ms, row.at_ms) for ours, row in found.matched
    ]
    assert not found.differs


def test_what_is_too_far_apart_does_not_belong_together():
    """A reply that the bill lacks, and one that is another one's: in whichever order they come."""
    rows = [billed(0), billed(10 * WITHIN_MS), billed(20 * WITHIN_MS, line=9)]
    found = matched([paid(0), paid(5 * WITHIN_MS), paid(10 * WITHIN_MS + 1), paid(25 * WITHIN_MS)], rows)

    assert ([5 * WITHIN_MS], [9], 2) == (
        [ours.at_ms - NOW_MS for ours in found.missing],
        [row.line for row in found.extra],
        len(found.matched),
    )
    later = matched([paid(WITHIN_MS + 1)], [billed(0), billed(5 * WITHIN_MS)])

    assert ([WITHIN_MS + 1], 2) == ([ours.at_ms - NOW_MS for ours in later.missing], len(later.extra))


def test_replies_outside_the_bill_are_not_missing_on_it():
    """Only near its ends may one of them be a row's."""
    rows = [billed(0), billed(HOUR_MS, "+33639000002")]
    found = matched([paid(-1), paid(-HOUR_MS, "+33639000003"), paid(9 * WITHIN_MS)], rows)

    assert ([], 1, [rows[1]]) == (found.missing, len(found.matched), found.extra)
    assert Span(NOW_MS, NOW_MS + HOUR_MS) == span_of(rows)


def test_rows_beyond_the_time_of_a_bill_only_find_their_counterparts():
    """As at midnight, between a provider's clock and ours; what is of neither day is nobody's difference."""
    rows = [
        billed(-1),
        billed(-HOUR_MS, "+33639000002"),
        billed(HOUR_MS + 5_000, "+33639000003"),
        billed(-2, "+33639000004"),
    ]
    ours = [paid(1), paid(HOUR_MS - 1, "+33639000003"), paid(-3, "+33639000004")]
    found = match(ours, rows, key_of, Span(NOW_MS, NOW_MS + HOUR_MS))

    assert ([rows[0], rows[2]], [], []) == ([row for _, row in found.matched], found.missing, found.extra)


def test_a_bill_without_rows_lacks_all_that_we_paid():
    """Where its time is known without them."""
    found = match([paid(0), paid(-HOUR_MS)], [], key_of, Span(NOW_MS, NOW_MS + HOUR_MS))

    assert [NOW_MS] == [ours.at_ms for ours in found.missing]


def test_receiving_is_compared_over_the_hours_that_the_bill_touches():
    """Hours before and after it are others' bill; rows without a price are counted apart."""
    hours = [Hour(NOW_MS + n * HOUR_MS, 10, 10, 75_000, 1, 76_300, is_attached=True) for n in range(-1, 4)]
    rows = [billed(5, is_reply=False, micros=7_500), billed(HOUR_MS + 5, is_reply=False, micros=None), billed(6)]

    assert (Inbound(20, 150_000), Inbound(2, 7_500, 1)) == received(rows, hours, span_of(rows))
    assert Inbound(0, 0) == received([], hours, Span(NOW_MS, NOW_MS + 1))[1]


def test_the_usual_price_is_that_of_most_rows_by_the_segment():
    """The dearest of equally many; none where nothing is known."""
    assert 80_000 == usual_price([billed(0, micros=160_000, segments=2), billed(0, micros=80_000), billed(0, micros=1)])
    assert 80_000 == usual_price([billed(0, micros=80_000, segments=0), billed(0, micros=1)])
    assert usual_price([billed(0, micros=None)]) is None


def test_a_price_is_proposed_for_the_prefix_that_a_person_has():
    """The longest one; not where it is the file's, nor for people without a price, nor by what was received."""
    rows = [
        billed(0, "+33639000001", 80_000), billed(0, "+33700000001", 90_000), billed(0, "+44700000001", 40_000),
        billed(0, "+1555", 1), billed(0, "+33639000001", 1, is_reply=False), billed(0, "+32470000001", None),
    ]  # fmt: skip

    assert {"+33": (76_300, 80_000), "+337": (76_300, 90_000)} == proposals(
        rows, {"+33": 76_300, "+337": 76_300, "+44": 40_000, "+32": 1}
    )
