"""What is booked of several numbers, held against a bill: what says no number may be any one's."""

from edge.core.kept.hours import Hour
from edge.core.kept.paid import Paid
from edge.core.showing.booked import Booked
from edge.core.showing.reconciling import Billed, Inbound, Span
from edge.units import HOUR_MS

NOW_MS = 500_000 * HOUR_MS
FIRST, SECOND = "+33937000000", "+33937000001"
SPAN = Span(NOW_MS, NOW_MS + HOUR_MS)


def paid(person, number):
    """Return a reply of ours."""
    return Paid(NOW_MS, person.encode(), 1, 76_300, number)


def billed(person):
    """Return a reply of the bill."""
    return Billed(2, NOW_MS + 1, person, is_reply=True, segments=1, micros=76_300)


def hour(messages, at_ms=NOW_MS):
    """Return an hour with so many messages."""
    return Hour(at_ms, messages, messages, messages * 7_500, 0, 0, is_attached=True)


def booked(*ours, hours=(), several=True, **of_each):
    """Return what is booked; what came to each number by its name."""
    return Booked(
        ours, hours, {FIRST: of_each.get("first", []), SECOND: of_each.get("second", [])}, str.encode, several=several
    )


def test_a_reply_is_missing_on_the_bill_of_its_number_only():
    """One that says no number is set apart; only one that is on a bill by now is not looked for on the next."""
    both = booked(paid("a", FIRST), paid("b", SECOND), paid("c", ""), paid("d", ""))
    first = both.replies(FIRST, [billed("c")], SPAN)
    second = both.replies(SECOND, [billed("c"), billed("b")], SPAN)

    assert (["c"], ["a"], ["d"]) == (
        [row.person for _, row in first.matched],
        [ours.sender.decode() for ours in first.missing],
        [ours.sender.decode() for ours in first.of_no_number],
    )
    assert (["b"], ["c"]) == ([row.person for _, row in second.matched], [row.person for row in second.extra])
    assert [] == second.missing


def test_one_number_has_all_of_it():
    """Also what was paid and told before anybody kept to which number."""
    alone = booked(paid("a", ""), several=False, hours=[hour(3), hour(9, NOW_MS + 5 * HOUR_MS)])
    found = alone.replies(FIRST, [], SPAN)

    assert (["a"], []) == ([ours.sender.decode() for ours in found.missing], found.of_no_number)
    assert (Inbound(3, 22_500), Inbound(0, 0)) == alone.received(FIRST, [], SPAN)
    assert 0 == alone.explained(5, SPAN)


def test_what_is_said_of_a_number_that_the_file_had_before_is_not_the_last_ones():
    """It is on a bill of its own; all else is the last one's, whether it says so or says no number."""
    last = booked(
        paid("a", FIRST), paid("b", SECOND), paid("c", ""),
        hours=[hour(10)], first=[hour(3)], second=[hour(2)], several=False,
    )  # fmt: skip
    found = last.replies(FIRST, [billed("a")], SPAN)

    assert (["c"], []) == ([ours.sender.decode() for ours in found.missing], found.of_no_number)
    assert Inbound(8, 60_000) == last.received(FIRST, [], SPAN)[0]


def test_messages_of_no_number_are_on_one_bill_each():
    """Of those in the hours that the bill touches; what one bill has more, the next cannot have; fewer than are booked explains nothing."""
    both = booked(hours=[hour(10), hour(90, NOW_MS + 5 * HOUR_MS)], first=[hour(3)], second=[hour(2)])

    assert [(3, 22_500), (2, 15_000)] == [
        (ours.messages, ours.micros) for ours, _ in (both.received(number, [], SPAN) for number in (FIRST, SECOND))
    ]
    assert [0, 0, 4, 1, 0] == [both.explained(more, SPAN) for more in (-1, 0, 4, 4, 4)]
