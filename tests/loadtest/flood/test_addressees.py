"""Facts about who knows which of several numbers."""

from collections import Counter

import pytest

from loadtest.flood.addressees import Addressees
from loadtest.flood.choice import check_numbers, choose
from loadtest.flood.file import ScenarioError, load, parse
from loadtest.flood.scenario import Numbers
from loadtest.flood.stream import arrivals
from tests.loadtest.locusts import TROLLS
from tests.loadtest.traces import HEAD, line, write

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


KNOWN = "numbers = { count = 4, known = 1 }\n"


def written_to(text, numbers):
    """Return the numbers that people write to, and those that others do."""
    flood = list(arrivals(parse(text, "flood"), numbers=numbers))
    people = {arrival.sender for arrival in flood if arrival.genuine}
    return tuple({one.number for one in flood if (one.sender in people) == genuine} for genuine in (True, False))


def test_a_flood_is_written_to_as_many_numbers_as_there_are():
    """As the scenario says who knows which; where it says nothing each is known to some of all. One gets all of it."""
    assert ({0, 1, 2, 3}, {0}) == written_to(KNOWN + TROLLS, 4)
    assert ({0, 1}, {0, 1}) == written_to(TROLLS, 2)
    assert ({0}, {0}) == written_to(KNOWN + TROLLS, 1) == written_to(TROLLS, 1)


def test_what_comes_again_comes_to_the_number_of_the_first():
    """A retry is the same message, and who writes again knows the same number."""
    writes = 'writes = { times = { law = "fixed", times = 2 }, gap = { law = "exactly", after = "10ms" } }\n'
    flood = list(arrivals(parse(TROLLS.replace("again =", writes + "again ="), "flood"), numbers=3))

    assert len(flood) > 150
    assert len({(one.sender, one.number) for one in flood}) == len({one.sender for one in flood})
    assert len({(one.message_id, one.number) for one in flood}) == len({one.message_id for one in flood})


def traced(path, *numbers, told=2):
    """Write a trace of several numbers to which one after the other is written."""
    head = HEAD.replace('"genuine"]', f'"genuine","number"],"numbers":{told}')
    lines = (line(at, message=f"{at % 2:016x}").replace("]\n", f",{to}]\n") for at, to in enumerate(numbers))
    return write(path, *lines, head=head)


def test_a_trace_says_to_which_number_was_written(tmp_path):
    """An id is one number's: the same one at another is another message, and comes with another id. One number gets all of it."""
    night = choose("", [traced(tmp_path / "night.jsonl", 0, 1, 1, 1)])
    both, one = (list(arrivals(night, numbers=numbers)) for numbers in (2, 1))
    ids = [arrival.message_id for arrival in both]

    assert [[0, 1, 1, 1], [0, 0, 0, 0]] == [[arrival.number for arrival in flood] for flood in (both, one)]
    assert ["fresh", "fresh", "fresh", "retried"] == [arrival.kind for arrival in both]
    assert (3, ids[1]) == (len(set(ids)), ids[3])


def test_a_file_with_another_count_of_numbers_is_refused(tmp_path):
    """With the counts, and what would be right; one number, and as many as are told of, are fine."""
    night = choose("", [traced(tmp_path / "night.jsonl", 0), write(tmp_path / "other.jsonl", line())])
    for flood, count in ((load("numbers"), 4), (load("numbers"), 1), (load("raid"), 7), (night, 2), (night, 1)):
        check_numbers(flood, count, "edge.toml")

    for flood, count, told in (
        (load("numbers"), 2, "4 numbers"),
        (night, 3, "2 numbers"),
        (choose("", [write(tmp_path / "one", line())]), 2, "1 number"),
    ):
        said = f"^edge.toml: number: {flood.name} is written to {told}, and this file has {count}; name a file with as many, or with one$"
        with pytest.raises(ScenarioError, match=said):
            check_numbers(flood, count, "edge.toml")
