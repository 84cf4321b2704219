"""Chooses a flood: a scenario by its name or file, or traces that workers recorded; how fast it is played, and to how many numbers."""

import math
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from loadtest.flood.file import ScenarioError, load
from loadtest.flood.scenario import Scenario, Trace
from loadtest.flood.trace import numbers_of

_INVARIANTS = ("replies.forged <= 0", "messages.errors <= 0")
"""These hold for any trace; the promises do anyway."""


def choose(scenario: str, traces: Sequence[str] = (), speed: float | None = None) -> Scenario:
    """Return the flood that is meant: that of the traces, if there are any. Raises ScenarioError."""
    chosen = _replaying(traces) if traces else load(scenario)
    if speed is None:
        return chosen
    if not (speed > 0 and math.isfinite(speed)):
        raise ScenarioError(f"speed: found {speed:g}; write a factor above 0, such as 60")
    return msgspec.structs.replace(chosen, speed=speed)


def check_numbers(scenario: Scenario, count: int, file: str) -> None:
    """Refuse a file whose count of numbers is not the flood's; one gets all of it. Raises ScenarioError, TraceError."""
    if count == 1:
        return
    given = [] if scenario.numbers is None else [scenario.numbers.count]
    traced = [] if scenario.trace is None else [numbers_of(scenario.trace.files)]
    for told in (*given, *traced):
        if told != count:
            raise ScenarioError(
                f"{file}: number: {scenario.name} is written to {told} number{'s' if told > 1 else ''}, and this file has "
                f"{count}; name a file with as many, or with one"
            )


def _replaying(traces: Sequence[str]) -> Scenario:
    return Scenario(
        name=Path(os.path.abspath(traces[0])).stem,  # noqa: PTH100  a link keeps its name, and nothing is looked up
        description="What workers met, recorded and played again.",
        trace=Trace(files=tuple(traces)),
        thresholds=_INVARIANTS,
    )
