"""A trial: the same flood with several seeds, judged as one run.

1. A promise has to be kept in each of them: one that breaks it has broken it.
2. A figure is a mean with its 95 % interval, and a threshold holds when its whole interval does. One that chance leaves open is
   undecided, and so is one that some seed has no figure for.
3. What bounds the harness itself is held against the worst of them: a generator that was late once has spoilt the means as well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import msgspec

from edge.interval import interval
from loadtest.flood.thresholds import Finding, Threshold
from loadtest.judge.judgement import Judgement
from loadtest.judge.promise import Promise
from loadtest.judge.seen import SECOND_US
from loadtest.judge.verdict import Verdict

Figure = tuple[Fraction | None, Fraction | None]
"""A mean, None where some seed has no such figure; and how far from it the true one may lie, None for a single seed."""


class Played(msgspec.Struct, frozen=True):
    """What is kept of one seed's flood."""

    seed: int
    requests: int
    seconds: float
    """For so long it was played."""
    began: str
    verdict: Verdict


class Head(msgspec.Struct, frozen=True):
    """What all floods of a trial have in common."""

    scenario: str
    description: str
    currency: str
    rate: float
    speed: float
    processes: int
    host: str
    versions: dict[str, str]


def played(judgement: Judgement) -> bytes:
    """Return what is kept of a flood, as one process writes it for another; `read` reads it, to the last digit."""
    run, tally = judgement.run, judgement.evidence.tally
    head = Head(
        run.scenario.name,
        run.scenario.description,
        run.config.price.currency,
        run.rate,
        run.scenario.speed,
        run.processes,
        run.host,
        run.versions,
    )
    lasted_s = max(tally.played_us.values(), default=0) / SECOND_US
    flood = Played(run.seed, tally.count(), lasted_s, run.began, judgement.verdict)
    return msgspec.json.encode((head, flood), enc_hook=str)


def read(written: bytes) -> tuple[Head, Played]:
    """Return what `played` has written."""
    return msgspec.json.decode(written, type=tuple[Head, Played], dec_hook=_fraction)


def _fraction(kind: type, value: Any) -> Any:
    return kind(value)


@dataclass(frozen=True)
class Trial:
    """Several seeds of one flood; at least one. What follows from them is worked out once."""

    head: Head
    floods: tuple[Played, ...]
    asked: int
    """So many were to be played."""

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict on all of them."""
        means = {name: mean for name, (mean, _) in self.figures.items()}
        missing = self.asked - len(self.floods)
        cut_short = [f"{len(self.floods)} of {self.asked} seeds were played"] if missing else []
        others = [line for line in self._lines(lambda verdict: [verdict.other_charges]) if line]
        return Verdict(
            self._promises(),
            tuple(self._finding(threshold) for threshold in self._thresholds),
            means,
            (*cut_short, *self._lines(lambda verdict: verdict.of_the_run)),
            others[0] if others else "",
        )

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure, over all seeds."""
        return {name: _figure(self._values(name)) for name in self.floods[0].verdict.figures}

    @property
    def _thresholds(self) -> list[Threshold]:
        return [finding.threshold for finding in self.floods[0].verdict.findings]

    def _values(self, name: str) -> list[Fraction | None]:
        return [flood.verdict.figures[name] for flood in self.floods]

    def _finding(self, threshold: Threshold) -> Finding:
        values = [value for value in self._values(threshold.name) if value is not None]
        if threshold.is_of_generator and len(values) == len(self.floods):
            worst = max(values) if threshold.sign.startswith("<") else min(values)
            return Finding(threshold, worst)
        return Finding(threshold, *self.figures[threshold.name])

    def _promises(self) -> tuple[Promise, ...]:
        told = [flood.verdict.promises for flood in self.floods]
        return tuple(
            Promise(
                _name([promises[place].name for promises in told]),
                self._lines(lambda verdict, at=place: verdict.promises[at].broken),
                self._lines(lambda verdict, at=place: verdict.promises[at].undecided),
            )
            for place in range(len(told[0]))
        )

    def _lines(self, of: Any) -> tuple[str, ...]:
        """Return what each flood's verdict says, with its seed."""
        return tuple(f"seed {flood.seed}: {line}" for flood in self.floods for line in of(flood.verdict) if line)


def _figure(values: Sequence[Fraction | None]) -> Figure:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None, None
    around = interval(known).plus_minus
    return sum(known, Fraction(0)) / len(known), None if around is None else Fraction(around)


def _name(names: Sequence[str]) -> str:
    """Return the name of a promise; where it holds numbers, and they are not the same in all, without them."""
    return names[0] if len(set(names)) == 1 else re.sub(r"\d[\d,]*", "…", names[0])
