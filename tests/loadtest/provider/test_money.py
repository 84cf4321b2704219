"""Facts about money as the harness reads and shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.provider.money import in_units, read_money, show_money


@given(st.integers(-(10**15), 10**15))
def test_money_reads_itself_back(micros):
    """What is shown is exact, with at least two decimals and at most six."""
    shown = show_money(micros)

    assert micros == read_money(shown)
    assert 2 <= len(shown.partition(".")[2]) <= 6


@pytest.mark.parametrize(("micros", "shown"), [(0, "0.00"), (76_300, "0.0763"), (10, "0.00001"), (-1_500_000, "-1.50")])
def test_money_is_shown_short(micros, shown):
    """No trailing zeros beyond the cent."""
    assert shown == show_money(micros)


@pytest.mark.parametrize("text", ["", "1,5", "abc", "0.0000001", "NaN", "Infinity"])
def test_what_is_no_money_is_refused(text):
    """A fraction of a micro too."""
    with pytest.raises(ValueError, match="money"):
        read_money(text)


def test_units_are_exact():
    """No float between an amount and its limit."""
    assert (763, 10_000) == in_units(76_300).as_integer_ratio()
