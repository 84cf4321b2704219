"""What each of several numbers may still spend at once, how often it has replied, and what came: for status, page, metrics and alerts."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from edge.core.charging.charge import Totals
from edge.core.charging.shares import shares_of
from edge.core.showing.forecast import Purse
from edge.core.showing.history import Lately


class ShareLeft(msgspec.Struct, frozen=True):
    """One number's."""

    where: str
    """Its key in the static file, such as ``number[1]``; never the number itself."""
    left_micros: int
    """What its share would let go at once."""
    first_micros: int
    """The same for first messages: what is kept for second ones is not theirs."""
    replies: int
    """Since it is one of several."""
    lately: Lately = Lately()


def shares_left(
    totals: Totals, purse: Purse, numbers: Sequence[str], lately: Mapping[str, Lately] = MappingProxyType({})
) -> list[ShareLeft]:
    """Return it for our numbers in their order; nothing where there is one, which has all of the pace.

    `lately` is what came to each, where somebody asks for that.
    """
    if not numbers:
        return []
    shares, part = shares_of(totals.shares, numbers, totals.pace, totals.reserve), purse.part(len(numbers))
    left_micros = min(
        max(0, purse.kitty_micros - totals.spent_micros), purse.pace_left_micros(totals.pace, totals.now_ms)
    )
    found = []
    for index, number in enumerate(numbers):
        share = shares[number]
        own_micros = part.pace_left_micros(share.pace, totals.now_ms)
        first_micros = part.first_left_micros(share.pace, share.reserve, totals.now_ms)
        found.append(
            ShareLeft(
                f"number[{index}]",
                min(left_micros, own_micros),
                min(left_micros, first_micros),
                share.replies,
                lately.get(number, Lately()),
            )
        )
    return found
