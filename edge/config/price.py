"""`[price]`: what the provider charges, and what one number costs otherwise."""

import re

import msgspec

from edge.config.prefixes import require_prefix
from edge.config.table import Table, require
from edge.units import MICROS, Micros, format_money

PRICE_MAX = 100_000
"""For a segment, in whole units: dearer than in any currency, and small enough for the sums."""


def _require_price(micros: Micros, where: str) -> None:
    require(
        micros <= PRICE_MAX * MICROS,
        f'{where}: found {format_money(micros)!r}; the largest price that can be counted is "{PRICE_MAX}"',
    )


def _require_prices(reply: dict[str, Micros], received: Micros | None, received_media: Micros | None) -> None:
    for prefix, micros in reply.items():
        require_prefix(prefix, "reply")
        _require_price(micros, "reply")
        require(
            micros > 0,
            f'reply: the price of {prefix!r} is zero, and what costs nothing has no limit; write what a segment costs, such as "0.0763"',
        )
    _require_price(received or Micros(0), "received")
    _require_price(received_media or Micros(0), "received-media")


class OwnPrice(Table, frozen=True):
    """What costs another amount at one number than `[price]` says; the currency is the same."""

    received: Micros | None = None
    received_media: Micros | None = None
    reply: dict[str, Micros] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_prices(self.reply, self.received, self.received_media)


class Price(Table, frozen=True):
    """The provider's prices for a segment; a prefix without a price is never answered."""

    currency: str
    received: Micros
    """For each segment of a message that comes in, answered or not."""
    reply: dict[str, Micros]
    received_media: Micros | None = None
    """For a message with pictures, instead of its segments. Default: as much as one segment."""

    def __post_init__(self) -> None:
        require(
            re.fullmatch(r"[A-Z]{3}", self.currency) is not None,
            f'currency: found {self.currency!r}; write its three-letter code, such as "EUR"',
        )
        require(bool(self.reply), 'reply: empty; write at least one prefix such as "+33"')
        _require_prices(self.reply, self.received, self.received_media)
