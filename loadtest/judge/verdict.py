"""The verdict: whether the worker kept its promises. There are four answers, and an exit code for each.

1. A broken promise is broken, however the run went: promises hang on no clock.
2. A threshold on latency or throughput means nothing if the generator was late or had no CPU left: then the run is
   inconclusive, which is never a pass.
3. What cannot be decided (no figure, no books, nothing sent, a run that was interrupted) is inconclusive too.
4. Whatever shows the verdict (exit code, table, JSON, JUnit, pages) asks this one value.
"""

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction

import msgspec

from loadtest.flood.thresholds import Figures, Finding, Threshold, evaluate, parse
from loadtest.judge.promise import Promise

_ALWAYS = ("messages.unknown <= 0", "corrected.p99_ms < 5000", "lag.p99_ms < 50", "generator.cpu_share < 0.95")
"""Thresholds that hold where the scenario states none of the figure: a request without an answer is no good news, nor is one for
which a provider would hardly wait, and beyond the last two, on the harness itself, its figures mean nothing."""


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
    shortcomings: tuple[str, ...] = ()
    """A line for everything that makes the run less than was asked for."""
    other_charges: str = ""
    """Why fewer may have been answered than the limits allow, though the worker is honest; empty if there is no reason."""

    @property
    def generator_faults(self) -> list[Finding]:
        """The thresholds on the generator itself that it did not keep."""
        return [finding for finding in self.findings if finding.threshold.is_of_generator and finding.holds is False]

    def holds(self, finding: Finding) -> bool | None:
        """Return whether a threshold holds, as far as this run can tell: what the generator spoilt is undecided."""
        return None if finding.holds is False and self._spoilt(finding.threshold) else finding.holds

    def _spoilt(self, threshold: Threshold) -> str:
        """Return what makes a breach of a threshold say nothing about the worker; empty if nothing does."""
        if threshold.is_of_generator:
            return "the generator was not up to it"
        if threshold.is_of_clock and self.generator_faults:
            return "the generator was late"
        if threshold.is_of_answers and self.other_charges:
            return self.other_charges
        if self.shortcomings and (threshold.is_of_answers or threshold.is_of_unknown):
            return self.shortcomings[0]
        return ""

    @property
    def broken(self) -> list[str]:
        """A line for everything that did not hold, if it says something about the worker."""
        lines = [f"{promise.name}: {line}" for promise in self.promises for line in promise.broken]
        failed = [finding for finding in self.findings if self.holds(finding) is False]
        return lines + [f"{shown(finding)}: {finding.threshold.text} was asked" for finding in failed]

    @property
    def undecided(self) -> list[str]:
        """A line for everything that this run could not decide."""
        lines = [f"{promise.name}: {line}" for promise in self.promises for line in promise.undecided]
        lines += [self.why_undecided(finding) for finding in self.findings if self.holds(finding) is None]
        return [*self.of_the_run, *lines]

    @property
    def of_the_run(self) -> list[str]:
        """A line for everything that is undecided of the run as a whole."""
        return ([] if self.figures["messages.sent"] else ["nothing was sent"]) + [*self.shortcomings]

    def why_undecided(self, finding: Finding) -> str:
        """Return why this run cannot tell whether a threshold holds."""
        if finding.value is None:
            return f"{finding.threshold.name}: this flood has no such figure"
        if finding.holds is None:
            return f"chance leaves it open: {shown(finding)}, {finding.threshold.text} was asked; more seeds would tell"
        asked = "" if finding.threshold.is_of_generator else f", {finding.threshold.text} was asked"
        return f"{self._spoilt(finding.threshold)}: {shown(finding)}{asked}"

    @property
    def state(self) -> State:
        """The answer."""
        if self.broken:
            return State.BROKEN
        return State.INCONCLUSIVE if self.undecided else State.KEPT


def verdict(
    promises: Iterable[Promise],
    thresholds: Iterable[Threshold],
    figures: Figures,
    shortcomings: tuple[str, ...] = (),
    other_charges: str = "",
) -> Verdict:
    """Return the verdict on a run."""
    thresholds = list(thresholds)
    named = {threshold.name for threshold in thresholds}
    thresholds += [threshold for threshold in map(parse, _ALWAYS) if threshold.name not in named]
    return Verdict(tuple(promises), tuple(evaluate(thresholds, figures)), figures, shortcomings, other_charges)


def shown(finding: Finding) -> str:
    """Return a threshold's figure as it came out."""
    return f"{finding.threshold.name} = {came_to(finding)}"


def came_to(finding: Finding) -> str:
    """Return a threshold's figure, with its interval if it has one."""
    return with_interval(finding.value, finding.plus_minus)


def with_interval(value: Fraction | None, plus_minus: Fraction | None) -> str:
    """Return a figure as a short decimal, and how far from it the true one may lie."""
    return number(value) if plus_minus is None else f"{number(value)} ±{number(plus_minus)}"


def number(value: Fraction | None) -> str:
    """Return a figure as a short decimal; a dash where there is none."""
    if value is None:
        return "–"  # noqa: RUF001  a dash for a missing figure, not a hyphen
    if value.denominator == 1:
        return str(value.numerator)
    places = 4 if abs(value) < 10 else 2  # noqa: PLR2004  money and shares keep four decimals, latencies two
    return f"{float(value):.{places}f}".rstrip("0").rstrip(".")
