"""Facts about who knows which of several numbers."""

from collections import Counter

import pytest

from loadtest.flood.addressees import Addressees
from loadtest.flood.file import ScenarioError, parse
from loadtest.flood.scenario import Numbers
from tests.loadtest.locusts import TROLLS

PEOPLE = [f"+336{number:08}" for number in range(4_000)]


def test_people_know_one_each_and_trolls_the_known_ones():
    """A quarter of the people each, and all who flood the first; whoever writes again writes to the same one."""
    to = Addressees(Numbers(count=4, known=1), seed=1)
    people = Counter(to.of(sender, genuine=True) for sender in PEOPLE)

    assert [0, 1, 2, 3] == sorted(people)
    assert all(900 < count < 1_100 for count in people.values())
    assert {0} == {to.of(sender, genuine=False) for sender in PEOPLE}
    assert [to.of(sender, genuine=True) for sender in PEOPLE] == [to.of(sender, genuine=True) for sender in PEOPLE]


def test_another_seed_gives_the_numbers_to_others():
    """One seed is one flood."""
    first, second = (
        [Addressees(Numbers(count=4, known=2), seed).of(sender, genuine=True) for sender in PEOPLE] for seed in (1, 2)
    )

    assert first != second


def test_more_known_than_there_are_is_refused():
    """With its place."""
    with pytest.raises(ScenarioError, match="known: 3 of 2 numbers; write as many or fewer"):
        parse("numbers = { count = 2, known = 3 }\n" + TROLLS, "flood")
