"""Facts about the figures of a run: what they are over."""

from fractions import Fraction

import pytest

from loadtest.judge.demand import Demand
from loadtest.judge.evidence import Evidence
from loadtest.judge.fairness import fairness
from loadtest.judge.figures import figures
from loadtest.judge.tally import Tally
from loadtest.provider.reading import LOST, Outcome, Reading
from tests.loadtest.floods import SECOND_US, config_of, message, run_of

SILENCE = Reading(Outcome.SILENCE)


def figures_of(played_s, *done_s, lost_s=()):
    """Return the figures of a flood of one message for each response, all sent at its begin and answered at these instants."""
    run, tally = run_of(config_of()), Tally()
    flood = [message(n, f"+336{n:08}", at_s=0) for n in range(len(done_s) + len(lost_s))]
    for arrival, at_s in zip(flood, [*done_s, *lost_s], strict=True):
        reading = LOST if at_s in lost_s else SILENCE
        tally.record(arrival, reading, 0, 0, round(at_s * SECOND_US))
    tally.played(0, round(played_s * SECOND_US))
    evidence = Evidence(run, Demand(run.prices, flood), tally)
    return figures(evidence, fairness(evidence))


@pytest.mark.parametrize(
    ("played_s", "done_s", "per_s", "least"),
    [
        (4, [0.5, 1.5, 2.5, 3.5], 1, 1),
        (4, [0.5, 1.5, 3.2, 3.5], 1, 0),
        (2, [0.5, 1.5, 2.95, 3.95], 1, 1),  # half of it was answered after the last arrival
        (0.001, [0.5, 0.6], 2, 2),  # shorter than a second is a second
    ],
)
def test_throughput_is_over_all_the_time_that_the_answers_took(played_s, done_s, per_s, least):
    """On average until the last one, however early the last arrival was; the slowest second is one of the flood's."""
    found = figures_of(played_s, *done_s)

    assert (per_s, least) == (found["throughput.per_s"], found["throughput.min_per_s"])


def test_what_was_lost_is_no_answer():
    """Neither is it counted as one, nor does the wait for it make the flood longer."""
    found = figures_of(4, 0.5, 1.5, lost_s=[2.5, 15.5])

    assert (Fraction(1, 2), 0) == (found["throughput.per_s"], found["throughput.min_per_s"])


def test_where_nothing_was_sent_there_is_no_throughput():
    """A limit on it is undecided then."""
    assert (None, None) == tuple(figures_of(4)[f"throughput.{name}"] for name in ("per_s", "min_per_s"))
