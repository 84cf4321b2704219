"""Facts about verdicts: which of the four answers a run gets, and how they are told."""

import json
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest

from loadtest.flood.arrival import Kind
from loadtest.flood.thresholds import NAMES
from loadtest.judge.evidence import Evidence
from loadtest.judge.judging import money_breaches
from loadtest.judge.verdict import State, number
from loadtest.report.printout import as_dict, as_json, as_junit, as_table, margin
from tests.loadtest.floods import config_of, judged, message, people, run_of
from tests.loadtest.paperworker import PaperWorker


class LateGenerator(PaperWorker):
    """An honest worker; the harness sends everything a second late."""

    def record(self, arrival, reading):
        """Count what the client sees, late."""
        price = self.prices_at(arrival).price_micros(arrival.sender, reading.segments)
        self.tally.record(arrival, reading, price, arrival.at_us + 1_000_000, arrival.at_us + 1_001_000)


class Stalls(PaperWorker):
    """Takes two seconds for every answer."""

    def __init__(self, config):
        super().__init__(config, service_us=2_000_000)


FLOOD = people(20, genuine=True, every_s=0.1)


def verdict_of(worker, *limits, flood=FLOOD):
    """Return the verdict on a flood of twenty people."""
    return judged(worker(config_of()), flood, *limits).verdict


def test_kept_is_0():
    """All promises and all limits held."""
    assert State.KEPT is verdict_of(PaperWorker, "cost.total <= 2", "corrected.p99_ms < 50").state
    assert (0, 2, 3, 4) == tuple(state.value for state in (State.KEPT, State.FAILED, State.BROKEN, State.INCONCLUSIVE))


def test_a_limit_that_does_not_hold_is_broken():
    """With its figure and what was asked."""
    assert ["cost.total = 1.526: cost.total <= 1 was asked"] == verdict_of(PaperWorker, "cost.total <= 1").broken


def test_a_worker_that_stalls_breaks_a_limit_on_latency():
    """Two seconds are more than 50 ms, and the generator was in time."""
    verdict = verdict_of(Stalls, "corrected.p99_ms < 50")

    assert (["corrected.p99_ms = 2000: corrected.p99_ms < 50 was asked"], State.BROKEN) == (
        verdict.broken,
        verdict.state,
    )


def test_a_late_generator_is_inconclusive_and_accuses_nobody():
    """Latency means nothing then, though it is outside its limit."""
    verdict = verdict_of(LateGenerator, "corrected.p99_ms < 50")

    assert (State.INCONCLUSIVE, []) == (verdict.state, verdict.broken)
    assert "the generator was not up to it: lag.p99_ms = 1000" in verdict.undecided


def test_a_late_generator_never_passes():
    """Not even if nothing else was asked."""
    assert State.INCONCLUSIVE is verdict_of(LateGenerator).state


def test_a_scenario_may_say_how_late_is_late():
    """Its own limit on lag takes the place of the default."""
    assert State.KEPT is verdict_of(LateGenerator, "lag.p99_ms < 2000").state


def test_a_late_generator_does_not_excuse_money():
    """What was overspent is overspent, whoever was late."""
    assert State.BROKEN is verdict_of(LateGenerator, "cost.total <= 1").state


def test_a_generator_without_cpu_is_inconclusive():
    """Its figures say what it could do, not what the worker can."""

    class Busy(PaperWorker):
        def play(self, arrivals):
            self.tally.cpu_share = 0.99
            return super().play(arrivals)

    verdict = verdict_of(Busy)

    assert (State.INCONCLUSIVE, ["the generator was not up to it: generator.cpu_share = 0.99"]) == (
        verdict.state,
        verdict.undecided,
    )


def test_a_figure_that_the_flood_has_not_is_undecided():
    """A share of genuine senders where nobody is genuine."""
    verdict = verdict_of(PaperWorker, "genuine.answered_share >= 0.9", flood=[message(0)])

    assert (State.INCONCLUSIVE, ["genuine.answered_share: this flood has no such figure"]) == (
        verdict.state,
        verdict.undecided,
    )


def test_nothing_sent_is_nothing_shown():
    """An empty run is no pass."""
    assert "nothing was sent" in verdict_of(PaperWorker, flood=[]).undecided


def test_every_figure_that_can_be_asked_is_worked_out():
    """Names and figures are the same set, for a flood and for none."""
    assert set(NAMES) == set(verdict_of(PaperWorker).figures) == set(verdict_of(PaperWorker, flood=[]).figures)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "\u2013"),
        (Fraction(5), "5"),
        (Fraction(1, 3), "0.3333"),
        (Fraction(1525, 100), "15.25"),
        (Fraction(20001, 2), "10000.5"),
    ],
)
def test_figures_are_shown_short(value, shown):
    """Four decimals below ten, two above, none where there are none."""
    assert shown == number(value)


JUDGEMENT = judged(PaperWorker(config_of()), FLOOD, "cost.total <= 1", "genuine.answered_share >= 0.9")
LATE = judged(LateGenerator(config_of()), FLOOD, "corrected.p99_ms < 50")


def test_the_table_says_everything_and_the_answer_last():
    """Promises, limits with margins, the bills, and the exit code."""
    lines = as_table(JUDGEMENT).splitlines()

    assert "test, seed 1, rate 1: 20 requests in 2 s by 1 process" == lines[0]
    assert "verdict: broken (exit 3)" == lines[-1]
    assert "  BROKEN  cost.total <= 1                     1.526  53 % outside" in lines
    assert "  ok      genuine.answered_share >= 0.9           1  11 % inside" in lines
    assert "  genuine senders: 20 of 20 answered; the pace alone allows 20" in lines


def test_the_json_says_the_same():
    """For programs: figures as numbers, money as decimal strings."""
    told = json.loads(as_json(JUDGEMENT))

    assert ("broken", 3, 1) == (told["verdict"], told["exit"], told["seed"])
    assert {"limit": "cost.total <= 1", "value": 1.526, "holds": False, "margin": -0.526} == told["limits"][0]
    assert {"least": 20, "seen": 20, "most": 20} == told["replies"]
    assert ("1.526", "0.15", "1.676", "EUR") == tuple(
        told["money"][key] for key in ("genuine", "received", "with_gate", "currency")
    )
    assert all(promise["kept"] for promise in told["promises"])


def test_junit_has_a_case_for_every_promise_and_limit():
    """And one for the run. A broken one is a failure; the suite says how long it took, when it began, and on which machine."""
    run = replace(JUDGEMENT.run, began="2026-11-29T16:05:33Z", host="a-machine")
    suite = ET.fromstring(as_junit(replace(JUDGEMENT, evidence=replace(JUDGEMENT.evidence, run=run))))

    assert (str(len(suite)), "1", "0") == (suite.get("tests"), suite.get("failures"), suite.get("errors"))
    assert ["cost.total <= 1"] == [case.get("name") for case in suite if case.find("failure") is not None]
    assert 1 + len(JUDGEMENT.verdict.promises) + len(JUDGEMENT.verdict.findings) == len(suite)
    assert float(suite.get("time")) == sum(float(case.get("time")) for case in suite) > 0
    assert ("2026-11-29T16:05:33", "a-machine") == (suite.get("timestamp"), suite.get("hostname"))


def test_junit_tells_the_undecided_as_errors():
    """A pipeline must not take them for passes."""
    suite = ET.fromstring(as_junit(LATE))

    assert ["corrected.p99_ms < 50", "lag.p99_ms < 50"] == [
        case.get("name") for case in suite if case.find("error") is not None
    ]
    assert ("0", "2") == (suite.get("failures"), suite.get("errors"))


def test_junit_survives_what_xml_cannot_carry():
    """A sender with a control character, answered wrongly, still makes a document."""

    class AnswersAnybody(PaperWorker):
        def judge(self, arrival):
            return self.pay(arrival)

    judgement = judged(AnswersAnybody(config_of()), [message(0, "a\x00b")])

    assert "failure" in {child.tag for case in ET.fromstring(as_junit(judgement)) for child in case}


def test_undecided_promises_are_told_apart():
    """Neither kept nor broken."""
    told = as_dict(judged(PaperWorker(config_of()), FLOOD, books=False))

    assert {"name": "the worker's books agree with what was seen", "kept": None} == {
        key: told["promises"][-1][key] for key in ("name", "kept")
    }


def test_a_margin_without_a_figure_is_left_out():
    """Nothing is shown where nothing is known."""
    assert "" == margin(judged(PaperWorker(config_of()), [], "genuine.answered_share >= 0.9").verdict.findings[0])


def test_limits_of_the_command_line_take_the_place_of_the_scenarios():
    """By figure; the others stay."""
    run = run_of(config_of(), "cost.total <= 5")
    scenario = run.scenario.__class__(
        description="", phase=run.scenario.phase, thresholds=("cost.total <= 1", "replies.total <= 3")
    )
    run = run.__class__(scenario, run.config, 1, thresholds=run.thresholds)

    assert ["replies.total <= 3", "cost.total <= 5"] == [threshold.text for threshold in run.all_thresholds]


def test_a_breach_of_a_cap_on_money_is_final():
    """While the flood is played: a cap that is exceeded, and a promise about money that is broken."""
    judgement = judged(PaperWorker(config_of()), FLOOD)
    run = run_of(config_of(), "cost.total <= 1", "genuine.answered_share >= 1", "cost.trolls <= 1")

    assert ["cost.total = 1.526: cost.total <= 1 was asked"] == money_breaches(
        Evidence(run, judgement.evidence.demand, judgement.evidence.tally)
    )


def test_a_run_knows_its_flood():
    """That of the scenario at its seed and rate."""
    run = run_of(config_of())

    assert [1, 3] == [len(list(replace(run, rate=rate).flood())) for rate in (1.0, 3.0)]


def test_forged_requests_cost_nothing_and_are_counted():
    """Forgeries are requests, not messages."""
    told = as_dict(judged(PaperWorker(config_of()), [message(0, kind=Kind.FORGED)]))

    assert (1, 0, "0.00") == (
        told["figures"]["messages.sent"],
        told["figures"]["replies.forged"],
        told["money"]["received"],
    )
