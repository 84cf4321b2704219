"""The whole static file."""

import msgspec

from edge.config.address import path_of
from edge.config.alert import Alert
from edge.config.budget import Budget
from edge.config.knock import Knock
from edge.config.ledger import Ledger
from edge.config.limit import Limits
from edge.config.number import Number
from edge.config.price import Price
from edge.config.receiving import Receiving
from edge.config.reply import Reply
from edge.config.server import Server
from edge.config.table import Table, require

NUMBERS_MAX = 100
"""A trace tells of no more, and what a worker counts, keeps and shows of each was measured with so many."""


class Config(Table, frozen=True, kw_only=True):
    """The whole file."""

    paused: bool = False
    given: Number | list[Number] = msgspec.field(name="number")
    """`[number]`, or `[[number]]` for each of several: one kitty, and a sender is one sender on all of them."""
    reply: Reply
    price: Price
    budget: Budget
    receiving: Receiving = Receiving()
    knock: Knock = Knock()
    limit: Limits = Limits()
    ledger: Ledger = Ledger()
    server: Server = Server()
    alert: Alert = Alert()

    def __post_init__(self) -> None:
        require(self.numbers, "number: empty; write at least one [[number]]")
        require(
            len(self.numbers) <= NUMBERS_MAX,
            f"number: found {len(self.numbers)}, and a file has {NUMBERS_MAX} at most; write the others into one of their own",
        )
        phones: dict[str, int] = {}
        paths: dict[str, int] = {}
        for index, number in enumerate(self.numbers):
            first = phones.setdefault(number.phone, index)
            require(first == index, f"number[{index}].phone: that of number[{first}]; write each number once")
            first = paths.setdefault(path_of(number.url), index)
            require(
                first == index, f"number[{index}].url: its path is that of number[{first}]; write another path for each"
            )

    @property
    def numbers(self) -> list[Number]:
        """All numbers, in the order of the file."""
        return self.given if isinstance(self.given, list) else [self.given]

    @property
    def number(self) -> Number:
        """The first number: the one that the ledger was begun with."""
        return self.numbers[0]

    def price_at(self, index: int) -> Price:
        """Return the prices at the number with an index: those of all, but for its own."""
        own, common = self.numbers[index].price, self.price
        return Price(
            common.currency,
            common.received if own.received is None else own.received,
            {**common.reply, **own.reply},
            common.received_media if own.received_media is None else own.received_media,
        )

    def where(self, index: int) -> str:
        """Return the key of the number with an index, as it stands in the file."""
        return f"number[{index}]" if isinstance(self.given, list) else "number"
