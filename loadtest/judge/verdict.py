"""The verdict: whether the worker kept its promises. There are four answers, and an exit code for each.

1. A broken promise is broken, however the run went: promises hang on no clock.
2. A threshold on latency or throughput means nothing if the generator was late or had no CPU left: then the run is
   inconclusive, which is never a pass.
3. What cannot be decided (no figure, no books, nothing sent) is inconclusive too.
"""

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction

import msgspec

from loadtest.flood.thresholds import Figures, Finding, Threshold, evaluate, parse
from loadtest.judge.promise import Promise

_GENERATOR = ("lag.p99_ms < 50", "generator.cpu_share < 0.95")
"""Thresholds on the harness itself, where the scenario states none: beyond them its figures mean nothing."""


class State(Enum):
    """The four answers, with their exit codes."""

    KEPT = 0
    FAILED = 2
    """The harness could not do its work: wrong usage, or an error of its own."""
    BROKEN = 3
    INCONCLUSIVE = 4


class Verdict(msgspec.Struct, frozen=True):
    """All promises and thresholds of a run, and what came of each."""

    promises: tuple[Promise, ...]
    findings: tuple[Finding, ...]
    figures: Figures

    @property
    def generator_faults(self) -> list[Finding]:
        """The thresholds on the generator itself that it did not keep."""
        return [finding for finding in self.findings if finding.threshold.is_of_generator and finding.holds is False]

    def holds(self, finding: Finding) -> bool | None:
        """Return whether a threshold holds, as far as this run can tell: what the generator spoilt is undecided."""
        spoilt = finding.threshold.is_of_generator or (finding.threshold.is_of_clock and bool(self.generator_faults))
        return None if finding.holds is False and spoilt else finding.holds

    @property
    def broken(self) -> list[str]:
        """A line for everything that did not hold, if it says something about the worker."""
        lines = [f"{promise.name}: {line}" for promise in self.promises for line in promise.broken]
        failed = [finding for finding in self.findings if self.holds(finding) is False]
        return lines + [f"{shown(finding)}: {finding.threshold.text} was asked" for finding in failed]

    @property
    def undecided(self) -> list[str]:
        """A line for everything that this run could not decide."""
        lines = [f"the generator was not up to it: {shown(finding)}" for finding in self.generator_faults]
        lines += [f"{promise.name}: {line}" for promise in self.promises for line in promise.undecided]
        lines += [
            f"{finding.threshold.name}: this flood has no such figure"
            for finding in self.findings
            if finding.holds is None
        ]
        return lines if self.figures["messages.sent"] else ["nothing was sent", *lines]

    @property
    def state(self) -> State:
        """The answer."""
        if self.broken:
            return State.BROKEN
        return State.INCONCLUSIVE if self.undecided else State.KEPT


def verdict(promises: Iterable[Promise], thresholds: Iterable[Threshold], figures: Figures) -> Verdict:
    """Return the verdict on a run."""
    thresholds = list(thresholds)
    named = {threshold.name for threshold in thresholds}
    thresholds += [threshold for threshold in map(parse, _GENERATOR) if threshold.name not in named]
    return Verdict(tuple(promises), tuple(evaluate(thresholds, figures)), figures)


def shown(finding: Finding) -> str:
    """Return a threshold's figure as it came out."""
    return f"{finding.threshold.name} = {number(finding.value)}"


def number(value: Fraction | None) -> str:
    """Return a figure as a short decimal; a dash where there is none."""
    if value is None:
        return "–"  # noqa: RUF001  a dash for a missing figure, not a hyphen
    if value.denominator == 1:
        return str(value.numerator)
    places = 4 if abs(value) < 10 else 2  # noqa: PLR2004  money and shares keep four decimals, latencies two
    return f"{float(value):.{places}f}".rstrip("0").rstrip(".")
