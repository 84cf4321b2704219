"""The whole bill in words, as `check` and `status` print it, from what they have as JSON."""

from collections.abc import Iterator
from typing import Any


def receiving_lines(bill: dict[str, Any], currency: str, *, is_over: bool) -> Iterator[str]:
    """Say what receiving costs, and how long the kitty lasts with it, unless the day is over until which it was to last."""
    first, *more = bill["receiving_a_day"].items()
    others = ", ".join(f"{cost} for {int(messages):,}" for messages, cost in more)
    yield (
        f"receiving: {first[1]} {currency} a day for {int(first[0]):,} messages of one segment, {others}; nothing bounds it "
        "but the provider"
    )
    if is_over:
        yield "receiving goes on though nobody is answered, and is paid for"
    elif bill["received_a_day"] is None:
        yield "lasts until, with receiving: not known, since no hour of the last seven days is in the ledger"
    else:
        yield (
            f"lasts until {bill['lasts_until_with_receiving']} with receiving as in the last seven days, "
            f"{bill['received_a_day']} {currency} a day"
        )
