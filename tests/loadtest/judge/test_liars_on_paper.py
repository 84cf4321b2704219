"""Every lie in every shipped scenario: it is broken or inconclusive, and never kept. All of them under torture."""

import os

import pytest

from edge.configfile import parse
from loadtest.flood.file import load, shipped
from loadtest.flood.stream import arrivals
from loadtest.judge.verdict import State
from loadtest.worker.file import worker_file
from tests.loadtest.floods import EXAMPLE, QUICK, judged
from tests.loadtest.paperliars import LIARS
from tests.loadtest.paperworker import PaperWorker

OCCASIONS = {"AnswersForgers": "forged", "PaysFromAnothersShare": "numbers"}
"""The scenario that gives a liar an occasion, where the quickest one does not."""
FEWER = 10_000
"""About as many messages as one of the long scenarios gets."""
HARMLESS = {("RefusesPeople", "replay"), ("RefusesPeople", "spend-race")}
"""Who is refused there is answered a moment later, or somebody else is in their place: as many as can be."""
ALL = [(liar, name) for liar in LIARS for name in shipped() if (liar.__name__, name) not in HARMLESS]
SOME = [(liar, OCCASIONS.get(liar.__name__, "one-troll")) for liar in LIARS]


def played(worker, name):
    """Return what the harness makes of a worker that meets a shipped scenario, at its own speed; of a long one, with fewer messages."""
    scenario = load(name)
    made = worker(parse(worker_file(EXAMPLE, scenario)))
    config = made.config
    rate = 1.0 if name in QUICK else FEWER / sum(phase.messages_mean for phase in scenario.phase)
    flood = list(arrivals(scenario, rate=rate, phone=config.number.phone, numbers=len(config.numbers)))
    return made, judged(made, flood, *scenario.thresholds)


@pytest.mark.parametrize(("liar", "name"), ALL if os.environ.get("TORTURE") else SOME)
def test_a_lie_is_never_kept(liar, name, shows):
    """Nor is anybody blamed who had no occasion to lie."""
    made, judgement = played(liar, name)
    shows("P6", rounds=1, requests=made.met, faults=made.lies)

    assert made.lies or os.environ.get("TORTURE")
    assert (made.lies > 0) == (judgement.verdict.state is not State.KEPT), judgement.verdict.undecided


@pytest.mark.parametrize("name", shipped() if os.environ.get("TORTURE") else ["one-troll", "forged"])
def test_who_does_not_lie_is_believed(name):
    """In the same scenarios."""
    _, judgement = played(PaperWorker, name)

    assert (State.KEPT, []) == (judgement.verdict.state, judgement.verdict.undecided)
