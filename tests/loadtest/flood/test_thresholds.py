"""Facts about thresholds: what can be asked, how it is held against a figure, and by how much it held."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.flood.thresholds import NAMES, Finding, evaluate, parse


def finding(threshold, value):
    """Return a threshold held against a figure."""
    return Finding(parse(threshold), None if value is None else Fraction(value))


@pytest.mark.parametrize(
    ("threshold", "value", "holds"),
    [
        ("cost.total <= 8.75", "8.75", True),
        ("cost.total <= 8.75", "8.750001", False),
        ("cost.total < 8.75", "8.75", False),
        ("genuine.answered_share >= 0.9", "0.9", True),
        ("genuine.answered_share > 0.9", "0.9", False),
        ("replies.total == 10", "10", True),
        ("replies.total == 10", "11", False),
        ("genuine.answered_share >= 0.9", None, None),
    ],
)
def test_a_threshold_means_what_it_says(threshold, value, holds):
    """To the last millionth, and undecided without a figure."""
    assert holds is finding(threshold, value).holds


@pytest.mark.parametrize(
    ("threshold", "value", "margin"),
    [
        ("cost.total <= 8", "6", Fraction(1, 4)),
        ("cost.total <= 8", "10", Fraction(-1, 4)),
        ("genuine.answered_share >= 0.8", "1", Fraction(1, 4)),
        ("replies.forged <= 0", "2", Fraction(-2)),
        ("replies.total == 10", "10", None),
        ("genuine.answered_share >= 0.9", None, None),
    ],
)
def test_a_margin_is_the_share_of_the_bound_that_is_left(threshold, value, margin):
    """Negative outside; where the bound is zero, the distance itself."""
    assert margin == finding(threshold, value).margin


@given(st.sampled_from(sorted(NAMES)), st.sampled_from(["<=", ">=", "<", ">", "=="]), st.decimals(0, 10**6, places=3))
def test_a_threshold_reads_itself_back(name, sign, bound):
    """What is shown can be asked again."""
    threshold = parse(f"  {name}{sign} {bound}")

    assert threshold == parse(threshold.text)
    assert (name, sign, Fraction(bound)) == (threshold.name, threshold.sign, threshold.bound)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("cost.totl <= 1", "'cost.totl' is not a figure; did you mean \"cost.total\"?"),
        ("cost.total =< 1", "write a figure, a sign and a number, such as"),
        ("cost.total <= -1", "write a figure, a sign and a number"),
        ("cost.total <= ten", "found 'cost.total <= ten'"),
        ("", "found ''"),
    ],
)
def test_what_is_no_threshold_is_refused_with_what_would_be(text, complaint):
    """A mistyped figure is not a threshold that silently is not there."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the text is what is asserted
        parse(text)

    assert complaint in str(caught.value)


def test_a_list_of_thresholds_is_evaluated_in_its_order():
    """Each finds its figure by name."""
    thresholds = [parse("cost.total <= 1"), parse("messages.sent >= 5")]

    assert [True, False] == [
        f.holds for f in evaluate(thresholds, {"cost.total": Fraction(1), "messages.sent": Fraction(4)})
    ]


@pytest.mark.parametrize(
    ("threshold", "of_generator", "of_clock", "cap"),
    [
        ("lag.p99_ms < 20", True, False, False),
        ("generator.cpu_share < 0.9", True, False, False),
        ("corrected.p99_ms < 50", False, True, False),
        ("throughput.per_s >= 100", False, True, False),
        ("cost.total <= 1", False, False, True),
        ("cost.total >= 1", False, False, False),
        ("cost.without_gate <= 1", False, False, False),
    ],
)
def test_a_threshold_knows_what_it_bounds(threshold, of_generator, of_clock, cap):
    """The harness, something that a late harness spoils, or the money spent."""
    found = parse(threshold)

    assert (of_generator, of_clock, cap) == (found.is_of_generator, found.is_of_clock, found.is_cap_on_money)
