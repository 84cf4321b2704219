"""Several numbers on one ledger, of every kind: each has a share of the pace, and all of them together have the pace."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.charging.charge import Tally
from edge.core.charging.pace import cost_at
from edge.core.charging.shares import Share
from edge.core.limits.bucket import Bucket
from edge.core.limits.rules import Lasts, Pace, Sharing
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.units import DAY_MS, HOUR_MS
from tests.ledger.parts import MICROS, NOW_MS, Clock, charge, rules
from tests.torture import rounds

PACE = Pace(8 * MICROS, 24 * MICROS)
"""Eight replies at once, one an hour."""
FOUR = ("+33937000000", "+33937000001", "+33937000002", "+33937000003")
ONE = FOUR[:1]
ANSWERED, REFUSED = Reason.ANSWERED, Reason.PACE_LIMIT


class Numbers:
    """A worker whose file has so many numbers, on books that may have been another's."""

    count = 0
    """Of all messages: each has a sender of its own."""

    def __init__(self, books, numbers=FOUR, *, share=0, pace=PACE, **changes):
        sharing = Sharing(MICROS, share, len(numbers))
        known = numbers if len(numbers) > 1 else ()
        self.ledger = books.ledger(rules(sharing=sharing, numbers=known, **changes))
        self.cost = cost_at(MICROS, pace, sharing)

    def ask(self, number, *, knock=False):
        """Return what the ledger says to one more message to a number."""
        Numbers.count += 1
        charged = charge(Numbers.count, cost=self.cost, knock=knock, number=number)
        return self.ledger.admit(charged)

    def answered(self, number, times, *, knock=False):
        """Return how many of so many messages to a number are answered; those that are not are refused by the pace."""
        reasons = [self.ask(number, knock=knock).reason for _ in range(times)]
        assert {ANSWERED, REFUSED} >= set(reasons)
        return reasons.count(ANSWERED)


def test_a_flood_on_one_number_leaves_the_others_answering(books):
    """Of eight replies each of four has two, whatever the first is asked; and what the others do not spend stays their own."""
    numbers = Numbers(books)

    assert [2, 2, 2, 2] == [numbers.answered(number, 9) for number in FOUR]
    books.step(8 * HOUR_MS)
    assert [2, 0] == [numbers.answered(FOUR[0], 9) for _ in range(2)]
    assert [2, 2, 2] == [numbers.answered(number, 9) for number in FOUR[1:]]


def test_a_number_that_is_added_brings_nothing_with_it(books):
    """What one number has used is used of all evenly: of three that are free by then none gets more than what is freed for it."""
    alone = Numbers(books, ONE)
    alone.answered("", 8)
    numbers = Numbers(books)

    assert [0, 0, 0, 0] == [numbers.answered(number, 3) for number in FOUR]
    books.step(4 * HOUR_MS)
    assert [1, 1, 1, 1] == [numbers.answered(number, 3) for number in FOUR]


@pytest.mark.parametrize(("left", "expected"), [(2, [3, 3]), (1, [6])], ids=["two stay", "one stays"])
def test_numbers_that_go_leave_what_they_used(books, left, expected):
    """The first of four has spent its two replies: six are there for whoever stays, evenly."""
    Numbers(books).answered(FOUR[0], 3)
    numbers = Numbers(books, FOUR[-left:])

    assert expected == [numbers.answered(number if left > 1 else "", 9) for number in FOUR[-left:]]


def test_machines_with_different_files_have_one_pace(books):
    """One has four numbers and the other one: together they are paid the eight replies that the pace lets go at once."""
    numbers, alone = Numbers(books), Numbers(books, ONE)

    assert (2, 6) == (numbers.answered(FOUR[1], 9), alone.answered("", 9))
    assert [0, 0, 0, 0] == [numbers.answered(number, 2) for number in FOUR]


def test_each_number_keeps_a_reserve_of_its_own(books):
    """A share of four with half of it kept: two for strangers, two for those who knock, on each of both."""
    numbers = Numbers(books, FOUR[:2], share=500)

    assert [(2, 2), (2, 2)] == [
        (numbers.answered(number, 5), numbers.answered(number, 5, knock=True)) for number in FOUR[:2]
    ]
    assert Bucket(4 * MICROS, NOW_MS) == numbers.ledger.totals().reserve


def test_questions_at_once_get_what_they_would_one_by_one(books):
    """Two of four for strangers and two for those who knock, on each of both numbers, though all are decided in one commit."""
    numbers = Numbers(books, FOUR[:2], share=500)
    questions = [
        charge(count, cost=numbers.cost, knock=count % 2 == 1, number=FOUR[count // 10]) for count in range(20)
    ]

    async def ask():
        return await asyncio.gather(*map(numbers.ledger.ledger.admit, questions))

    answered = [
        question.number
        for question, said in zip(questions, books.runner.run(ask()), strict=True)
        if said.reason is ANSWERED
    ]

    assert [FOUR[0]] * 4 + [FOUR[1]] * 4 == answered
    assert Bucket(4 * MICROS, NOW_MS) == numbers.ledger.totals().reserve


def test_what_is_kept_for_knocks_is_known_to_who_has_one_number_again(books):
    """One of two that were kept was drawn on: one is left."""
    numbers = Numbers(books, FOUR[:2], share=250)
    numbers.answered(FOUR[0], 5)
    assert 1 == numbers.answered(FOUR[0], 1, knock=True)
    alone = Numbers(books, ONE, share=250)

    assert (3, 1) == (alone.answered("", 9), alone.answered("", 9, knock=True))


def test_a_decision_says_the_share_and_the_whole(books):
    """A worker learns both: what its number has used, and what all have."""
    numbers = Numbers(books)
    numbers.ask(FOUR[0])
    decision = numbers.ask(FOUR[1])

    assert (Bucket(MICROS, NOW_MS), Bucket(2 * MICROS, NOW_MS)) == (decision.pace, decision.whole)


def test_the_totals_say_what_each_number_has_used(books):
    """By number: what is used of its share, and how many replies were paid out of it; the pace is that of all."""
    numbers = Numbers(books)
    numbers.answered(FOUR[0], 2)
    numbers.answered(FOUR[3], 1)
    totals = numbers.ledger.totals()
    one = Share(Bucket(MICROS, NOW_MS), replies=1)

    assert {
        FOUR[0]: Share(Bucket(2 * MICROS, NOW_MS), replies=2), FOUR[1]: Share(), FOUR[2]: Share(), FOUR[3]: one,
    } == totals.shares  # fmt: skip
    assert Bucket(3 * MICROS, NOW_MS) == totals.pace


def test_the_replies_of_a_number_that_stays_are_counted_on(books):
    """What is used is shared out anew, and what was counted stays."""
    Numbers(books).answered(FOUR[0], 2)
    numbers = Numbers(books, FOUR[:2])
    numbers.answered(FOUR[0], 1)

    assert {FOUR[0]: 3, FOUR[1]: 0} == {
        number: share.replies for number, share in numbers.ledger.totals().shares.items()
    }


def test_the_pace_of_the_hour_is_shared_out_too(books):
    """Worked out in the ledger for all numbers: each of two has half of it, with a reserve in it."""
    lasts = Lasts(NOW_MS + 10 * DAY_MS, 16 * MICROS, MICROS)
    numbers = Numbers(books, FOUR[:2], share=250, kitty_micros=340 * MICROS, lasts=lasts)
    paced = numbers.ledger.tell(Tally({}, 0)).pace

    assert 16 * MICROS == paced.burst_micros
    assert [(6, 2), (6, 2)] == [
        (numbers.answered(number, 9), numbers.answered(number, 9, knock=True)) for number in FOUR[:2]
    ]


@settings(max_examples=rounds(100, 5_000), deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0, 1, 7, 40]), st.integers(0, 3), st.booleans(), st.integers(1, 4)), max_size=30
    )
)
def test_each_number_is_answered_as_if_it_were_alone_with_its_share(steps):
    """Whatever is written to the others: one ledger with four numbers, and four ledgers with a quarter of the pace each."""
    clock, sharing = Clock(), Sharing(MICROS, 250, 4)
    pace = Pace(32 * MICROS, 96 * MICROS)
    together = MemoryLedger(rules(sharing=sharing, numbers=FOUR), clock, lambda _: None, MemoryBooks())
    alone = [MemoryLedger(rules(sharing=Sharing(MICROS, 250)), clock, lambda _: None, MemoryBooks()) for _ in FOUR]
    cost, quarter = cost_at(MICROS, pace, sharing), cost_at(MICROS, Pace(8 * MICROS, 24 * MICROS), Sharing(MICROS, 250))
    count = 0
    with asyncio.Runner() as runner:
        for hours, number, knock, times in steps:
            clock.now_ms += hours * HOUR_MS
            for _ in range(times):
                count += 1
                shared = charge(count, cost=cost, knock=knock, number=FOUR[number])
                single = charge(count, cost=quarter, knock=knock)
                expected = runner.run(alone[number].admit(single))
                decision = runner.run(together.admit(shared))
                assert (expected.reason, expected.pace, expected.reserve) == (
                    decision.reason, decision.pace, decision.reserve,
                )  # fmt: skip
