"""When the number is to be detached, in words, as `check` prints it from what it has as JSON."""

from collections.abc import Iterator
from typing import Any

from edge.core.detaching.detach import LONG, LONG_FROM

_DONE = {
    "say": "an alert says that it should be",
    "yes": "the provider is asked to stop delivering for a time off",
}


def detach_lines(receiving: dict[str, Any], currency: str) -> Iterator[str]:
    """Say from what sums on, and for how long."""
    chosen = receiving["detach"]
    if chosen == "no":
        yield "detach: no: whatever is sent is received, and paid"
        return
    yield f"detach: {chosen}: {_DONE[chosen]}"
    several = receiving.get("numbers", [])
    all_ = "all of them " if several else ""
    if several:
        yield f"  each number by itself, with an equal share of {receiving['people_per_day']:,} people a day:"
    for number in several:
        yield (
            f"    {number['number']}: when nobody can be paid out of its share, and {number['time_off_worth']} {currency} of "
            f"receiving would come there; when receiving costs {number['per_answer']} for each genuine sender expected, "
            f"{number['hour']} an hour"
        )
    if not several:
        yield (
            f"  when nobody can be paid, and {receiving['time_off_worth']} {currency} of receiving would come until the time off is "
            "over"
        )
        yield (
            f"  when receiving costs {receiving['per_answer']} {currency} for each genuine sender expected: {receiving['hour']} an "
            f"hour for {receiving['people_per_day']:,} people a day, more where its own quiet hours brought more"
        )
    yield (
        f"  {all_}when receiving has used up a pace of its own, {receiving['per_day']} {currency} a day and {receiving['burst']} at "
        "once; when the kitty is spent; when it is paused for longer than a time off"
    )
    yield (
        f"  a time off is {_length(receiving['time_off_s'])}, {LONG} times that from the {LONG_FROM}th within a day on, each times 0.5 "
        "to 1.5 by chance"
    )


def _length(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"  # noqa: PLR2004  a minute
