"""Facts about stand-in numbers: the gate treats them as it would treat the real ones, and what a trace does not tell is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.simulation.recording import TraceError
from tests.simulation.parts import configured, head, line, night, played

numbers = st.lists(st.integers(0, 99_999_999).map(lambda n: f"+336{n:08}"), min_size=2, max_size=30, unique=True)


@given(numbers)
def test_two_stand_ins_are_alike_where_the_real_ones_are(real):
    """But for their last 2, 3, 4 or 5 digits, and in no other way; no two people are one."""
    stand_ins = [sent.message.sender for sent in night(*(line(n, number) for n, number in enumerate(real))).sent]

    assert len(real) == len(set(stand_ins))
    for digits in (2, 3, 4, 5):
        assert [[a[:-digits] == b[:-digits] for a in real] for b in real] == [
            [a[:-digits] == b[:-digits] for a in stand_ins] for b in stand_ins
        ]


def test_who_was_no_person_or_had_no_price_still_is_and_has_none():
    """Whether a worker has said so, or a flood knows it."""
    counts = played(
        line(0, "INFO", prefix="", blocks=[], reason="not_a_person"),
        line(1, "", prefix="", blocks=[]),
        line(2, "+15550100000", prefix="", blocks=[], reason="unserved"),
        line(3, "+15550100001", prefix="", blocks=[], reason="paused"),
    ).counts

    assert {"not_a_person": 2, "unserved": 2} == counts


def test_a_sender_pays_the_price_of_their_prefix():
    """By the file that is asked, whose prefix may be a shorter one; who has none there is not answered."""
    lines = [line(0, "+33639000001"), line(1, "+447400000001", prefix="+4474")]
    both = played(*lines, first=head(["+33", "+4474"]))
    one = played(*lines, first=head(["+33", "+4474"]), config=configured(', "+44" = "0.04"'))

    assert [76_300, 40_000] == [reply.micros for reply in both.replies]
    assert [76_300] == [reply.micros for reply in one.replies]
    assert 1 == one.counts["unserved"]


@pytest.mark.parametrize(
    ("lines", "prices", "said"),
    [
        ([line()], '"+33" = "0.07", "+336" = "0.08"', 'price.reply: "+336" is a part of "+33", and night does not tell who has it; '),
        ([line(), line(1, "+447400000001", prefix="", blocks=[], reason="unserved")], '"+33" = "0.07", "+44" = "0.08"',
         'price.reply: "+44" had no price when night was recorded, so it does not tell who has it; '),
    ],
)  # fmt: skip
def test_a_price_that_a_trace_does_not_tell_is_refused(lines, prices, said):
    """Of a part of one of its prefixes, or of people of whom it only says that they had none."""
    with pytest.raises(TraceError) as refused:
        played(*lines, first=head(["+33"]), config=configured('"+33" = "0.0763", "+44" = "0.04"', prices))

    assert str(refused.value).startswith(said)


def test_a_price_more_is_no_matter_where_nobody_lacked_one():
    """All senders are told by their prefixes."""
    assert 1 == len(played(line(), first=head(["+33"]), config=configured('"+44" = "0.04"', '"+32" = "0.04"')).replies)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([line(blocks=[])], "has a price and no blocks"),
        ([line(n, f"x{n}", blocks=["a", "b", "c", "d"]) for n in range(101)], "more than 100 in one block"),
        ([line(n, f"x{n}", blocks=[f"a{n}", "b", "c", "d"]) for n in range(11)], "more than 10 in one block"),
        ([line(n, f"+33{n:09}", prefix=f"+33{n}") for n in range(101)], "more than 100 prefixes"),
    ],
)
def test_what_no_telephone_numbers_can_be_is_refused(lines, said):
    """A trace that somebody made up."""
    with pytest.raises(TraceError, match=said):
        night(*lines)


@pytest.mark.parametrize("digits", [1, 6])
def test_blocks_that_a_trace_does_not_tell_are_refused(digits):
    """Of 2 to 5 digits."""
    with pytest.raises(TraceError, match=f"block.digits: found {digits}, and a trace tells blocks of 2 to 5 digits"):
        played(line(), config=configured("digits = 4", f"digits = {digits}"))
