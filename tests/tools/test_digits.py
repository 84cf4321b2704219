"""Facts about patterns of digits that are taken apart, held against the standard library's own matching."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.digits import after, count_of, lengths_of, rest_of

_digit = st.sampled_from([r"\d", "[1-79]", "[05]", "0", "7", "9"])
_repeated = st.tuples(_digit, st.sampled_from(["", "{2}", "{1,3}", "?", "{0,2}"])).map("".join)
_patterns = st.recursive(
    _repeated,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
        | inner.map(lambda part: f"(?:{part})?")
        | inner.map(lambda part: f"(?:{part}){{2}}")
    ),
    max_leaves=6,
)


@given(_patterns, st.text("0579", max_size=6))
def test_what_may_follow_is_what_the_pattern_says(pattern, digits):
    """Read digit by digit, a number is at an end exactly where the whole of it matches."""
    rest = rest_of(pattern)
    for digit in digits:
        rest = after(rest, digit)

    assert (re.fullmatch(pattern, digits) is not None) == (0 in lengths_of(rest))


@given(_patterns)
def test_the_lengths_are_those_of_the_numbers(pattern):
    """One digit read, one digit fewer to come, over all digits."""
    rest = rest_of(pattern)

    assert {n - 1 for n in lengths_of(rest) if n} == set().union(
        *(lengths_of(after(rest, digit)) for digit in "0123456789")
    )


@pytest.mark.parametrize(
    ("patterns", "count"), [([r"[67]\d{2}"], 200), ([r"1\d", r"(?:12|[34])"], 12), ([r"\d{0,2}"], 111)]
)
def test_each_number_is_counted_once(patterns, count):
    """Whichever of the patterns it is in."""
    assert count == count_of(rest_of(*patterns))


def test_several_patterns_are_either_of_them():
    """A plan has a pattern for each kind of number."""
    assert {2, 3} == lengths_of(rest_of(r"\d\d", r"[12]\d{2}"))
    assert {1} == lengths_of(after(rest_of(r"\d\d", r"[12]\d{2}"), "3"))


@pytest.mark.parametrize("pattern", ["a*?", "^1", "[^1]", r"\w"])
def test_what_no_plan_is_written_with_is_refused(pattern):
    """Rather than read as something else."""
    with pytest.raises(ValueError, match="is written with it"):
        rest_of(pattern)
