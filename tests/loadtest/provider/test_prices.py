"""Facts about texts, prices, amounts and the worker's account of itself, as the harness reads them."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import ReplyIn
from loadtest.judge.status import Booked, Spent, Status, read_status
from loadtest.provider.money import in_units, read_money, show_money
from loadtest.provider.prices import Prices, as_sent, dearest_of
from loadtest.provider.prices import prices_of as each_of
from tests.loadtest.floods import config_of, numbers_of

STATUS = {
    "messages": 3,
    "replies": 1,
    "by_reason": {"answered": 1, "sender_limit": 2, "bad_signature": 5},
    "currency": "EUR",
    "spent": {"replies": "0.0763", "received": "0.0225"},
    "kitty_left": "1999.9012",
    "pace_left": "8.67",
    "lasts_until": "2030-01-01",
}


def prices_of() -> Prices:
    """Return the prices of a number that has several texts and prices."""
    config = config_of()
    others = [ReplyIn(["+44", "+336"], "No."), ReplyIn(["+3361"], "Nope.")]
    text = msgspec.structs.replace(config.reply, in_=others)
    price = msgspec.structs.replace(config.price, reply={"+33": 76_300, "+44": 40_000, "+3361": 80_000})
    return Prices(msgspec.structs.replace(config, reply=text, price=price))


@pytest.mark.parametrize(
    ("sender", "text", "price"),
    [
        ("+33712345678", "Non, c'est non.", 76_300),
        ("+33622345678", "No.", 76_300),
        ("+33612345678", "Nope.", 80_000),
        ("+447712345678", "No.", 40_000),
    ],
)
def test_the_longest_prefix_decides(sender, text, price):
    """The text and the price, each by its own prefixes."""
    prices = prices_of()

    assert (text, price) == (prices.text(sender), prices.expected_micros(sender))


def test_every_segment_costs():
    """Two segments are twice the price; to whom has none, the dearest that there is."""
    prices = prices_of()

    assert (152_600, 160_000) == (prices.price_micros("+33712345678", 2), prices.price_micros("+15551234567", 2))


def test_the_dearest_reply_is_to_whichever_prefix_is_priced():
    """By text and price; a prefix with a text and no price is nobody's."""
    config = config_of()
    others = [ReplyIn(["+3361"], "Non. " * 40), ReplyIn(["+1"], "No. " * 99)]
    config = msgspec.structs.replace(config, reply=msgspec.structs.replace(config.reply, in_=others))

    assert 2 * 76_300 == Prices(config).dearest_micros


def test_the_simplest_prices_are_of_one_segment():
    """Of what comes in, and of the default reply at the first price."""
    assert (7_500, 76_300) == (prices_of().received_micros, prices_of().reply_micros)


def test_a_text_travels_composed():
    """Two code points that are one letter are sent as one."""
    assert "\u00e9" == as_sent("e\u0301")


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


def test_a_status_is_read():
    """Money as micros."""
    status = read_status(json.dumps(STATUS))

    assert (76_300, 22_500, 3) == (status.replies_micros, status.received_micros, status.messages)


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", json.dumps(STATUS | {"messages": "three"}), json.dumps(STATUS | {"kitty_left": "much"})]
)
def test_what_is_no_status_is_refused(body):
    """The error is one that the harness can show."""
    with pytest.raises(ValueError, match=r"status|found"):
        read_status(body)


def test_a_flood_is_booked_as_the_difference_of_two_accounts():
    """Counts and money since the flood began, and what did not come from the provider."""
    before = Status(1, 0, {"sender_limit": 1}, "EUR", Spent("0.00", "0.0075"), "1999.99", "8.75")
    booked = Booked.between(before, read_status(json.dumps(STATUS)))

    assert Booked(2, 1, {"answered": 1, "bad_signature": 5, "sender_limit": 1}, 76_300, 15_000) == booked


def test_each_number_has_its_prices():
    """Its own where it has some, else those of all; no number of ours is a person at any of them."""
    config = config_of(number=numbers_of('received = "0.001", reply = { "+33" = "0.09", "+49" = "0.1" }', ""))
    first, second, third = each_of(config)

    assert [76_300, 90_000, 76_300] == [prices.expected_micros("+33612345678") for prices in (first, second, third)]
    assert [False, True, False] == [prices.serves("+4915123456789") for prices in (first, second, third)]
    assert [7_500, 1_000] == [prices.received_micros for prices in (first, second)]
    assert not any(prices.is_person(number.phone) for prices in (first, second) for number in config.numbers)
    assert 100_000 == dearest_of(config)


def test_the_replies_of_each_of_several_numbers_are_read():
    """In the order of the file; a worker with one says nothing of it."""
    before = read_status(
        json.dumps(STATUS | {"numbers": [{"number": "number[0]", "replies": 1}, {"number": "number[1]", "replies": 0}]})
    )
    after = read_status(
        json.dumps(STATUS | {"numbers": [{"number": "number[0]", "replies": 3}, {"number": "number[1]", "replies": 1}]})
    )

    assert [2, 1] == Booked.between(before, after).numbers
    assert [] == read_status(json.dumps(STATUS)).numbers
