"""Facts about money and time: decimal strings in, integers inside, decimal strings out, and nothing lost between."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.units import (
    Micros,
    Millis,
    divide_up,
    format_money,
    parse_duration,
    parse_money,
)

_amounts = st.integers(0, 10**15 - 1)
_parts = st.lists(st.tuples(st.integers(0, 999_999_999), st.sampled_from(["ms", "s", "m", "h", "d"])), min_size=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("2000", 2_000_000_000),
        ("0.0763", 76_300),
        ("0.07627", 76_270),
        ("0.000001", 1),
        ("00012.50", 12_500_000),
        ("999999999.999999", 999_999_999_999_999),
    ],
)
def test_an_amount_is_read_to_the_millionth(text, expected):
    """A decimal string becomes millionths of the currency unit, exactly."""
    assert Micros(expected) == parse_money(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".5",
        "5.",
        "-1",
        "+1",
        "1,50",
        "1e3",
        "1_000",
        " 1",
        "1\n",
        "0.0000001",
        "\u0663",
        "1.\u0663",
        "EUR",
    ],
)
def test_what_is_not_a_plain_amount_is_refused(text):
    """No sign, exponent, comma, space, seventh decimal, tenth digit or foreign digit makes an amount."""
    with pytest.raises(ValueError, match=r'write an amount as a decimal string, such as "2000" or "0\.0763"') as caught:
        parse_money(text)

    assert str(caught.value).startswith(f"found {text!r};")


@pytest.mark.parametrize("text", ["1000000000", "12345678901.5", "9" * 40])
def test_an_amount_that_is_too_large_is_told_the_largest(text):
    """In a currency of many zeros that is the mistake; nothing is wrong with how it is written."""
    with pytest.raises(ValueError, match=r'^found .*; the largest amount that can be counted is "999999999\.999999"$'):
        parse_money(text)


@pytest.mark.parametrize(
    ("micros", "expected"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (100_000, "0.10"),
        (76_300, "0.0763"),
        (2_000_000_000, "2000.00"),
        (-1_500_000, "-1.50"),
        (-1, "-0.000001"),
    ],
)
def test_an_amount_is_shown_with_two_to_six_decimals(micros, expected):
    """As few decimals as say it all, but never fewer than two; a debt has its sign in front."""
    assert expected == format_money(micros)


@given(_amounts)
def test_money_survives_being_written_and_read(micros):
    """Reading what was written gives the same amount, for all amounts that can be read."""
    assert micros == parse_money(format_money(micros))


@given(_amounts)
def test_money_is_what_the_decimal_arithmetic_of_python_says(micros):
    """The written amount, taken as an exact decimal, is the amount."""
    assert Decimal(micros) / 1_000_000 == Decimal(format_money(micros))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0s", dt.timedelta()),
        ("250ms", dt.timedelta(milliseconds=250)),
        ("90s", dt.timedelta(seconds=90)),
        ("15m", dt.timedelta(minutes=15)),
        ("24h", dt.timedelta(hours=24)),
        ("7d", dt.timedelta(days=7)),
        ("1h30m", dt.timedelta(hours=1, minutes=30)),
        ("1d2h3m4s5ms", dt.timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        ("30m1h", dt.timedelta(hours=1, minutes=30)),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text, expected):
    """Numbers with the units ms, s, m, h and d add up, in whatever order."""
    assert Millis(expected / dt.timedelta(milliseconds=1)) == parse_duration(text)


@given(_parts)
def test_a_duration_reads_as_the_standard_library_adds(parts):
    """Any run of numbers and units is the sum that Python's own timedelta arithmetic gives, in milliseconds."""
    unit_ms = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

    assert sum(count * unit_ms[unit] for count, unit in parts) == parse_duration(
        "".join(f"{count}{unit}" for count, unit in parts)
    )


@pytest.mark.parametrize(
    "text", ["", "24", "h", "1.5h", "-1h", "1 h", "1h\n", "1H", "24hours", "\u0661h", "1234567890s"]
)
def test_what_is_not_a_duration_is_refused(text):
    """A number alone, a unit alone, fractions, signs, spaces, capitals and foreign digits make no duration."""
    with pytest.raises(ValueError, match='write a duration such as "24h", "15m" or "1h30m"') as caught:
        parse_duration(text)

    assert str(caught.value).startswith(f"found {text!r};")


@given(st.integers(0, 10**18), st.integers(1, 10**18))
def test_what_we_pay_rounds_up(numerator, denominator):
    """The quotient that is rounded up is the least whole number that covers the whole."""
    quotient = divide_up(numerator, denominator)

    assert quotient * denominator >= numerator > (quotient - 1) * denominator


def test_zeros_beyond_six_decimals_are_no_more_precision():
    """Price lists write them; any other digit there is refused."""
    assert [76_300, 1, 0, 1_000_000] == [
        parse_money(text) for text in ("0.07630000", "0.0000010", "0.0000000", "1.000000000")
    ]
    for text in ("0.0000001", "0.00000010", "1.0000000001"):
        with pytest.raises(ValueError, match="write an amount as a decimal string"):
            parse_money(text)
