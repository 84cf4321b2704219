"""Texts and prices: what a reply to a sender must say, and what it costs, worked out from the static file.

1. A sender is a person if written as a plus sign and 7 to 15 digits, and none of our own numbers; nobody else is answered.
2. The longest prefix with a price decides the price of a segment, the longest prefix of a `[[reply.in]]` the text.
3. A text is sent in its composed form (NFC).
"""

import re
import unicodedata
from collections.abc import Iterable

from edge.config import Config
from loadtest.provider.billing import Billed
from loadtest.provider.segments import segments

_PERSON = re.compile(r"\+[0-9]{7,15}")


class Prices:
    """The texts and prices of one number: the first, or that with an index."""

    def __init__(self, config: Config, index: int = 0) -> None:
        price = config.price_at(index)
        self.received_micros = int(price.received)
        """The price of a segment that is received."""
        picture = price.received_media
        self._picture_micros = self.received_micros if picture is None else int(picture)
        self._own = frozenset(number.phone for number in config.numbers)
        self._per_segment = {prefix: int(micros) for prefix, micros in price.reply.items()}
        self._texts = {prefix: other.text for other in config.reply.in_ for prefix in other.prefixes}
        self._default = config.reply.text

    @property
    def prefixes(self) -> list[str]:
        """Return the prefixes that have a price, or a text and a price."""
        texts = (prefix for prefix in self._texts if longest(self._per_segment, prefix) is not None)
        return sorted({*self._per_segment, *texts})

    def is_person(self, sender: str) -> bool:
        """Return whether a sender is a person, who may be answered where there is a price."""
        return _PERSON.fullmatch(sender) is not None and sender not in self._own

    def prefix(self, sender: str) -> str:
        """Return the longest prefix that decides the price and the text of a sender; blank for who is not served."""
        return longest(dict.fromkeys(self.prefixes, 0), sender) or "" if self.is_person(sender) else ""

    def serves(self, sender: str) -> bool:
        """Return whether a sender may be answered at all."""
        return self.is_person(sender) and longest(self._per_segment, sender) is not None

    def text(self, sender: str) -> str:
        """Return what a reply to a sender must say."""
        prefix = longest(self._texts, sender)
        return as_sent(self._default if prefix is None else self._texts[prefix])

    def price_micros(self, sender: str, reply_segments: int) -> int:
        """Return what the provider charges for a reply; to a sender without a price, the dearest that there is."""
        prefix = longest(self._per_segment, sender)
        return reply_segments * (max(self._per_segment.values()) if prefix is None else self._per_segment[prefix])

    def receiving_micros(self, billed: Billed) -> int:
        """Return what the provider charges for what was received."""
        return billed.segments * self.received_micros + billed.pictures * self._picture_micros

    def expected_micros(self, sender: str) -> int:
        """Return what the configured reply to a sender costs."""
        return self.price_micros(sender, segments(self.text(sender)))

    @property
    def dearest_micros(self) -> int:
        """The cost of the dearest reply, to whichever prefix."""
        served = [
            prefix for prefix in {*self._per_segment, *self._texts} if longest(self._per_segment, prefix) is not None
        ]
        return max(map(self.expected_micros, served))

    @property
    def reply_micros(self) -> int:
        """The cost of the default reply, in one segment at the first price."""
        return next(iter(self._per_segment.values()))


def prices_of(config: Config) -> list[Prices]:
    """Return the texts and prices of each number, in the order of the file."""
    return [Prices(config, index) for index in range(len(config.numbers))]


def dearest_of(config: Config) -> int:
    """Return the cost of the dearest reply, to whichever prefix at whichever number."""
    return max(prices.dearest_micros for prices in prices_of(config))


def as_sent(text: str) -> str:
    """Return a text as it travels: in Unicode's composed form, which is cheaper and reads the same."""
    return unicodedata.normalize("NFC", text)


def longest(prefixes: Iterable[str], sender: str) -> str | None:
    """Return the longest of the prefixes that a sender has; None for none."""
    return max((prefix for prefix in prefixes if sender.startswith(prefix)), key=len, default=None)
