"""A pause by hand: until it ends, no reply is paid, by whichever worker or machine. Instants are of the ledger's time.

Pausing again only makes it longer; it is `resume` that ends it early. So whoever may pause can only lower what is spent.
"""

import datetime as dt

from edge.units import SECOND_MS, divide_up

NOT_PAUSED = 0
WITHOUT_END_MS = 2**52
"""Later than any instant, and exact in every ledger."""


def is_paused(until_ms: int, now_ms: int) -> bool:
    """Return whether a pause holds."""
    return now_ms < until_ms


def paused_until(before_ms: int, for_ms: int | None, now_ms: int) -> int:
    """Return the end of a pause of that length from now on, None for one without an end, where one may hold already."""
    asked_ms = WITHOUT_END_MS if for_ms is None else now_ms + for_ms
    return max(before_ms, min(asked_ms, WITHOUT_END_MS))


def end_of(until_ms: int) -> str | None:
    """Return the end of a pause as ISO 8601 has it, to the second; None where it has none."""
    if until_ms == WITHOUT_END_MS:
        return None
    return dt.datetime.fromtimestamp(divide_up(until_ms, SECOND_MS), dt.UTC).isoformat()
