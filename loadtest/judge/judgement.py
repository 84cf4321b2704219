"""From what was seen to the verdict: the one place that puts the pieces in order."""

import msgspec

from edge.config import Config
from loadtest.flood.scenario import Scenario
from loadtest.flood.stream import arrivals
from loadtest.flood.thresholds import evaluate, parse
from loadtest.judge.demand import Demand
from loadtest.judge.fairness import Fairness, fairness
from loadtest.judge.figures import figures
from loadtest.judge.oracle import Evidence, overspent, promises
from loadtest.judge.status import Status
from loadtest.judge.tally import Tally
from loadtest.judge.verdict import Verdict, shown, verdict


class Run(msgspec.Struct, frozen=True):
    """Which flood is played against which number."""

    scenario: Scenario
    config: Config
    """That of the worker under test: the compressed one, if it was made by :mod:`loadtest.worker.file`."""
    seed: int
    rate: float = 1.0
    thresholds: tuple[str, ...] = ()
    """Those of the command line; one on a figure of the scenario's own takes its place."""
    processes: int = 1
    versions: dict[str, str] = {}

    def demand(self) -> Demand:
        """Return what the whole flood asks for. It takes some microseconds a message: work it out once."""
        flood = arrivals(self.scenario, seed=self.seed, rate=self.rate, phone=self.config.number.phone)
        return Demand(self.config, flood)

    def all_thresholds(self) -> list[str]:
        """Return the thresholds that hold for this run."""
        given = {parse(text).name for text in self.thresholds}
        return [*(text for text in self.scenario.thresholds if parse(text).name not in given), *self.thresholds]


class Judgement(msgspec.Struct, frozen=True):
    """A run, and everything that came of it: what terminal, files and reports show."""

    run: Run
    evidence: Evidence
    fairness: Fairness
    verdict: Verdict


def judge(
    run: Run, demand: Demand, tally: Tally, before: Status | None = None, after: Status | None = None
) -> Judgement:
    """Return the judgement on a run, or on what there is of it so far. The statuses are those around the flood."""
    evidence = Evidence(run.config, demand, tally, before, after)
    fair = fairness(run.config, demand, evidence.account)
    thresholds = map(parse, run.all_thresholds())
    return Judgement(run, evidence, fair, verdict(promises(evidence), thresholds, figures(evidence, fair)))


def money_breaches(run: Run, demand: Demand, tally: Tally, before: Status | None = None) -> list[str]:
    """Return a line for every breach of a threshold on money that no later message can heal: reason enough to stop the flood."""
    evidence = Evidence(run.config, demand, tally, before)
    seen = figures(evidence, fairness(run.config, demand, evidence.account))
    caps = [threshold for threshold in map(parse, run.all_thresholds()) if threshold.is_cap_on_money]
    breached = [
        f"{shown(found)}: {found.threshold.text} was asked" for found in evaluate(caps, seen) if found.holds is False
    ]
    return [*overspent(evidence), *breached]
