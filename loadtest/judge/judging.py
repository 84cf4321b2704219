"""Judges: takes the evidence, and puts the pieces of the judgement in order."""

from loadtest.flood.thresholds import evaluate
from loadtest.judge.evidence import Evidence
from loadtest.judge.fairness import fairness
from loadtest.judge.figures import figures
from loadtest.judge.judgement import Judgement
from loadtest.judge.oracle import overspent, promises
from loadtest.judge.verdict import shown, verdict


def judge(evidence: Evidence) -> Judgement:
    """Return the judgement on a run, or on what there is of it so far."""
    fair = fairness(evidence)
    thresholds, seen = evidence.run.all_thresholds, figures(evidence, fair)
    answer = verdict(promises(evidence), thresholds, seen, evidence.shortcomings, evidence.other_charges)
    return Judgement(evidence, fair, answer)


def money_breaches(evidence: Evidence) -> list[str]:
    """Return a line for every breach that no later message can heal: reason enough to stop the flood.

    That is a promise about money, or a threshold that caps what is spent.
    """
    seen = figures(evidence, fairness(evidence))
    caps = [threshold for threshold in evidence.run.all_thresholds if threshold.is_cap_on_money]
    breached = [
        f"{shown(found)}: {found.threshold.text} was asked" for found in evaluate(caps, seen) if found.holds is False
    ]
    return [*overspent(evidence), *breached]
