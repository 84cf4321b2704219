"""A run, and everything that came of it: what terminal, files and reports show."""

from dataclasses import dataclass

from loadtest.judge.evidence import Evidence
from loadtest.judge.fairness import Fairness
from loadtest.judge.run import Run
from loadtest.judge.verdict import Verdict


@dataclass(frozen=True)
class Judgement:
    """The evidence on a run, who got the money, and whether the promises were kept."""

    evidence: Evidence
    fairness: Fairness
    verdict: Verdict

    @property
    def run(self) -> Run:
        """The flood that was played, and the number that it was played against."""
        return self.evidence.run
