"""Facts about a desk that hears the pace of the hour from its ledger."""

import pytest

from edge import wiring
from edge.core.charging.charge import Decision
from edge.core.charging.pace import OVER
from edge.core.charging.question import Question
from edge.core.limits.bucket import Bucket
from edge.core.limits.rules import Pace
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.tracing.traced import TracedDesk
from tests.parts import NOW_MS, setup_of
from tests.worker import config

SLOW, FAST = Pace(100_000, 100_000), Pace(10_000_000, 40_000_000)
SETUP = setup_of(
    config().replace('per-day = "100000"\nburst = "100000"', "lasts-until = 2028-01-01") + "[knock]\nshare = 0\n"
)


@pytest.fixture(name="gate")
def _gate():
    return wiring.gate_of(SETUP)


def judge(gate, number, now_ms=NOW_MS):
    """Return what a gate says of a stranger."""
    return gate.judge(Message(f"+3363998{number:04}", "Salut", f"m{number}"), 0, now_ms)


def answered(paced, used):
    """Return that a reply was paid."""
    return Decision(Reason.ANSWERED, Bucket(0, 0), Bucket(0, 0), Bucket(used, NOW_MS), 76_300, NOW_MS, paced)


def test_memory_refuses_by_the_pace_of_the_hour(gate):
    """Once it is heard; before that only the ledger does."""
    before = [judge(gate, n) for n in range(3)]
    assert [True, False, False] == [gate.paced(SLOW), gate.paced(SLOW), gate.paced(None)]

    assert all(isinstance(judged, Question) for judged in before)
    assert isinstance(judge(gate, 3), Question)
    assert Reason.PACE_LIMIT is judge(gate, 4)


def test_a_faster_pace_is_heard_with_a_decision(gate):
    """What was used of the slow one no longer counts, and what is given back of it neither."""
    asked, late = judge(gate, 1), judge(gate, 2)
    gate.paced(SLOW)
    assert isinstance(judge(gate, 3), Question)
    assert Reason.PACE_LIMIT is judge(gate, 4)
    gate.settle(asked, answered(FAST, used=9_870_000))
    gate.abandon(late)

    assert isinstance(judge(gate, 4), Question)
    assert Reason.PACE_LIMIT is judge(gate, 5)


def test_a_desk_says_once_that_its_day_is_over(gate):
    """With or without a trace."""
    desk = wiring.desk_of(SETUP, gate)
    traced = TracedDesk(desk, None)
    for pace in (FAST, OVER, OVER):
        traced.paced(pace)

    [notice] = desk.notices()
    assert notice.startswith("budget.lasts-until: the day is over, so nobody is answered")
    assert Reason.PACE_LIMIT is judge(gate, 1)


def test_a_desk_says_so_where_it_hears_it_with_a_decision(gate):
    """A charge that is the first contact of its hour: what is told afterwards is nothing new."""
    desk = wiring.desk_of(SETUP, gate)
    asked = judge(gate, 1)
    over = Decision(Reason.PACE_LIMIT, Bucket(0, 0), Bucket(0, 0), Bucket(0, 0), 0, NOW_MS, OVER)
    desk.finish(asked, over)
    desk.paced(OVER)

    assert ["budget.lasts-until: the day is over"] == [notice[:35] for notice in desk.notices()]
