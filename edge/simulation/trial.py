"""A trial: several nights under several files, and their figures as intervals."""

from collections.abc import Iterable, Sequence

import msgspec

from edge.config import Config
from edge.interval import Interval, interval, paired
from edge.simulation.night import Night
from edge.simulation.outcome import Outcome, outcome_of
from edge.simulation.play import DELAY_MS, play

SHARES = frozenset({"people", "people in the flood", "bound", "senders"})
"""The figures that are shares; the others are money, but for plain ones."""
PLAIN = frozenset({"hours off", "changes in a day"})


class Trial(msgspec.Struct, frozen=True):
    """One file, and what it came to in each night, in their order."""

    outcomes: tuple[Outcome, ...]

    def figures(self) -> dict[str, Interval]:
        """Return the figures that all nights have, over all of them."""
        return {name: interval(values) for name, values in _columns(self.outcomes).items()}

    def against(self, other: "Trial") -> dict[str, Interval]:
        """Return by how much the other file's figures are larger, in the same nights."""
        mine, theirs = _columns(self.outcomes), _columns(other.outcomes)
        return {name: paired(mine[name], theirs[name]) for name in mine if name in theirs}


def trials(configs: Sequence[Config], nights: Iterable[Night], delay_ms: int = DELAY_MS) -> list[Trial]:
    """Return what each file came to. The nights are taken one after the other, so that only one is held at a time.

    A provider takes `delay_ms` to detach a number. Chance is the same for a night under each of the files.
    """
    outcomes: list[list[Outcome]] = [[] for _ in configs]
    for place, night in enumerate(nights):
        for told, config in zip(outcomes, configs, strict=True):
            told.append(outcome_of(config, night, play(config, night, delay_ms=delay_ms, seed=str(place))))
    return [Trial(tuple(told)) for told in outcomes]


def _columns(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    rows = [outcome.figures() for outcome in outcomes]
    return {name: [row[name] for row in rows] for name in rows[0] if all(name in row for row in rows)}
