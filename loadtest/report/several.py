"""The verdict on several seeds, for people at a terminal, for programs (JSON) and for CI (JUnit XML)."""

import json
from collections.abc import Iterator
from fractions import Fraction

from loadtest.flood.thresholds import MONEY
from loadtest.judge.trial import Played, Trial
from loadtest.judge.verdict import with_interval
from loadtest.report.printout import answer_dict, answer_lines, findings_lines, junit_of, plain

SHOWN = (
    *MONEY,
    "replies.total",
    "genuine.senders",
    "genuine.answered",
    "genuine.answered_share",
    "genuine.share_of_possible",
    "messages.sent",
    "messages.held_back",
    "throughput.per_s",
    "corrected.p50_ms",
    "corrected.p99_ms",
    "service.p99_ms",
    "lag.p99_ms",
)
"""The figures that people look at; programs get all."""


def trial_table(trial: Trial) -> str:
    """Return the verdict as lines of text, the answer last."""
    return "\n".join(_table(trial)) + "\n"


def _table(trial: Trial) -> Iterator[str]:
    yield trial_headline(trial)
    yield ""
    yield from findings_lines(trial.verdict)
    yield ""
    yield f"Figures, {means_of(trial)} (money in {trial.head.currency})"
    for name, figure in shown_figures(trial):
        yield f"  {name:<26} {figure:>20}"
    yield ""
    yield from answer_lines(trial.verdict)


def trial_headline(trial: Trial) -> str:
    """Return what was played, on one line."""
    head, requests = trial.head, sum(flood.requests for flood in trial.floods)
    return (
        f"{head.scenario}, {seeds_of(trial)}, rate {head.rate:g}: {requests:,} requests in {lasted_s(trial):.0f} s by "
        f"{head.processes} process{'es' if head.processes > 1 else ''}"
    )


def seeds_of(trial: Trial) -> str:
    """Return which seeds were played, as people write it."""
    first, last = trial.floods[0].seed, trial.floods[-1].seed
    return f"seed {first}" if first == last else f"seeds {first} to {last}"


def means_of(trial: Trial) -> str:
    """Return what the figures are."""
    count = len(trial.floods)
    return (
        "of one seed, which tells nothing about chance" if count == 1 else f"means of {count} seeds with 95 % intervals"
    )


def lasted_s(trial: Trial) -> float:
    """Return how long all floods were played, one after the other."""
    return sum(flood.seconds for flood in trial.floods)


def shown_figures(trial: Trial) -> Iterator[tuple[str, str]]:
    """Yield the figures that people look at, as they are written; those that these floods have."""
    for name in SHOWN:
        mean, plus_minus = trial.figures[name]
        if mean is not None:
            yield name, with_interval(mean, plus_minus)


def seed_line(flood: Played) -> str:
    """Return one seed's flood on one line."""
    verdict, figures = flood.verdict, flood.verdict.figures
    share = figures["genuine.answered_share"]
    people = "" if share is None else f", {float(share):.1%} of the genuine senders answered"
    return f"seed {flood.seed}: {verdict.state.name.lower()}, {flood.requests:,} requests{people}"


def trial_json(trial: Trial) -> str:
    """Return the verdict as JSON: a figure is a mean, and how far from it the true one may lie."""
    head = trial.head
    told = {
        **answer_dict(trial.verdict),
        "scenario": head.scenario,
        "seeds": [flood.seed for flood in trial.floods],
        "rate": head.rate,
        "speed": head.speed,
        "processes": head.processes,
        "began": trial.floods[0].began,
        "seconds": round(lasted_s(trial), 3),
        "host": head.host,
        "versions": head.versions,
        "currency": head.currency,
        "figures": {name: _figure(mean, around) for name, (mean, around) in trial.figures.items()},
        "floods": [
            {
                "seed": flood.seed,
                "verdict": flood.verdict.state.name.lower(),
                "requests": flood.requests,
                "seconds": round(flood.seconds, 3),
                "began": flood.began,
                "figures": {name: plain(value) for name, value in flood.verdict.figures.items()},
            }
            for flood in trial.floods
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _figure(mean: Fraction | None, plus_minus: Fraction | None) -> dict[str, float | int | None]:
    return {"mean": plain(mean), "plus_minus": plain(plus_minus)}


def trial_junit(trial: Trial) -> str:
    """Return the verdict as JUnit XML, as that on one flood."""
    return junit_of(trial.verdict, trial.head.scenario, lasted_s(trial), trial.floods[0].began, trial.head.host)
