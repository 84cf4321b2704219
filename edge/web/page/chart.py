"""A chart of a period: bars of messages, with the replies among them, in whole units of a drawing that is stretched to its place."""

from collections.abc import Sequence

import msgspec

from edge.core.showing.history import Step

HEIGHT, WIDTH, GAP = 100, 10, 2


class Bar(msgspec.Struct, frozen=True):
    """One bar: where it stands, and how high its two parts are."""

    x: int
    messages: int
    replies: int


class Chart(msgspec.Struct, frozen=True):
    """All bars of a chart, and how wide it is."""

    width: int
    bars: Sequence[Bar]
    most: int
    """What the highest bar stands for."""


def chart_of(steps: Sequence[Step]) -> Chart:
    """Return the chart of some steps. What is there at all can be seen: its bar is never lower than a fiftieth."""
    most = max((step.messages for step in steps), default=0)
    bars = [
        Bar(index * WIDTH, _height(step.messages, most), _height(step.replies, most))
        for index, step in enumerate(steps)
    ]
    return Chart(len(steps) * WIDTH - GAP, bars, most)


def _height(value: int, most: int) -> int:
    return max(2, min(HEIGHT, value * HEIGHT // most)) if value and most else 0
