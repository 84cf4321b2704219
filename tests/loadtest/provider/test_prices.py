"""Facts about texts and prices, as the harness reads them."""

import msgspec
import pytest

from edge.config import ReplyIn
from loadtest.provider.prices import Prices, as_sent, dearest_of
from loadtest.provider.prices import prices_of as each_of
from tests.loadtest.floods import config_of, numbers_of


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


def test_each_number_has_its_prices():
    """Its own where it has some, else those of all; no number of ours is a person at any of them."""
    config = config_of(number=numbers_of('received = "0.001", reply = { "+33" = "0.09", "+49" = "0.1" }', ""))
    first, second, third = each_of(config)

    assert [76_300, 90_000, 76_300] == [prices.expected_micros("+33612345678") for prices in (first, second, third)]
    assert [False, True, False] == [prices.serves("+4915123456789") for prices in (first, second, third)]
    assert [7_500, 1_000] == [prices.received_micros for prices in (first, second)]
    assert not any(prices.is_person(number.phone) for prices in (first, second) for number in config.numbers)
    assert 100_000 == dearest_of(config)
