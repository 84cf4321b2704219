"""Facts about trials: several seeds are one run, whose figures are means and whose promises hold in each."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.interval import interval
from loadtest.flood.thresholds import Finding, parse
from loadtest.judge.promise import Promise
from loadtest.judge.trial import played, read
from loadtest.judge.verdict import State, came_to
from tests.loadtest.floods import config_of, judged, people
from tests.loadtest.paperworker import PaperWorker
from tests.loadtest.trials import shares, trial_of


def test_a_figure_is_the_mean_with_simulates_interval():
    """One piece of code says what chance leaves open, there and here."""
    mean, around = trial_of(shares("0.8", "0.9", "0.85")).figures["genuine.answered_share"]

    assert (Fraction("0.85"), interval([0.8, 0.9, 0.85]).plus_minus) == (mean, float(around))


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        ("genuine.answered_share >= 0.7", State.KEPT),
        ("genuine.answered_share <= 1", State.KEPT),
        ("genuine.answered_share >= 0.84", State.INCONCLUSIVE),  # the mean is above, its interval is not
        ("genuine.answered_share >= 0.86", State.INCONCLUSIVE),
        ("genuine.answered_share == 0.85", State.INCONCLUSIVE),
        ("genuine.answered_share >= 0.99", State.BROKEN),
        ("genuine.answered_share < 0.7", State.BROKEN),
        ("genuine.answered_share == 0.1", State.BROKEN),
    ],
)
def test_a_threshold_holds_when_its_whole_interval_does(asked, state):
    """0.85 ±0.124: what lies inside is for chance to decide, and never a pass."""
    assert state is trial_of(shares("0.8", "0.9", "0.85"), asked).verdict.state


def test_what_chance_leaves_open_says_that_more_seeds_would_tell():
    """With the figure, its interval and what was asked."""
    (line,) = trial_of(shares("0.8", "0.9", "0.85"), "genuine.answered_share >= 0.84").verdict.undecided

    assert (
        "chance leaves it open: genuine.answered_share = 0.85 ±0.1242, genuine.answered_share >= 0.84 was asked; "
        "more seeds would tell"
    ) == line


@given(st.fractions(0, 100, max_denominator=997), st.integers(1, 30))
def test_what_comes_out_alike_each_time_is_judged_to_the_last_digit(value, count):
    """No rounding makes a bound that is just kept a broken one."""
    bound = Fraction(round(value * 1000), 1000)
    text = f"genuine.answered_share <= {float(bound):.3f}"
    trial = trial_of(
        [{"genuine.answered_share": bound}] * count, text, text.replace("<=", ">="), text.replace("<=", "==")
    )

    assert State.KEPT is trial.verdict.state


def test_one_seed_has_no_interval():
    """It is judged as it came out."""
    trial = trial_of(shares("0.8"), "genuine.answered_share >= 0.8")

    assert (State.KEPT, "0.8") == (trial.verdict.state, came_to(trial.verdict.findings[0]))


def test_a_margin_is_that_of_the_worse_end():
    """1 ±0.5 is a quarter inside 2."""
    finding = Finding(parse("cost.total <= 2"), Fraction(1), Fraction(1, 2))

    assert (Fraction(1, 4), True) == (finding.margin, finding.holds)


def test_a_promise_that_one_seed_breaks_is_broken():
    """However many kept it; the line names the seed."""
    broken = (Promise("nobody is robbed", ("a cent too much",)), Promise("between 1 and 2 replies"))
    verdict = trial_of(shares(*["0.9"] * 20), promises={7: broken}).verdict

    assert (State.BROKEN, ["nobody is robbed: seed 7: a cent too much"]) == (verdict.state, verdict.broken)


def test_a_promise_with_numbers_in_its_name_is_named_without_them_where_they_differ():
    """Between how many replies differs from seed to seed."""
    assert ["nobody is robbed", "between … and … replies"] == [
        p.name for p in trial_of(shares("1", "1")).verdict.promises
    ]
    assert "between 1 and 1,100 replies" == trial_of(shares("1")).verdict.promises[1].name


def test_a_figure_that_one_seed_has_not_is_undecided():
    """Nobody was genuine there; a mean of the others would be of other floods."""
    verdict = trial_of(shares("0.9", None, "0.9"), "genuine.answered_share >= 0.8").verdict

    assert State.INCONCLUSIVE is verdict.state
    assert ["genuine.answered_share: this flood has no such figure"] == verdict.undecided


def test_a_generator_that_was_late_once_has_spoilt_the_means():
    """On average it was in time, and the latency is outside its limit: that accuses nobody."""
    slow = [{"corrected.p99_ms": Fraction(70), "lag.p99_ms": Fraction(lag)} for lag in (1, 1, 60)]
    verdict = trial_of(slow, "corrected.p99_ms < 50").verdict

    assert (State.INCONCLUSIVE, []) == (verdict.state, verdict.broken)
    assert "the generator was not up to it: lag.p99_ms = 60" in verdict.undecided


def test_what_made_one_seed_less_than_was_asked_for_makes_the_trial_so():
    """Interrupted there, undecided here; and so are seeds that were never played."""
    verdict = trial_of(shares("0.9", "0.9"), shortcomings={2: ("interrupted before its end",)}, asked=5).verdict

    assert State.INCONCLUSIVE is verdict.state
    assert ["2 of 5 seeds were played", "seed 2: interrupted before its end"] == verdict.undecided


def test_what_is_kept_of_a_flood_is_read_to_the_last_digit():
    """Shares are fractions, and stay what they are on the way from one process to another."""
    judgement = judged(PaperWorker(config_of()), people(7, genuine=True), "genuine.answered_share >= 0.123456789")
    _, flood = read(played(judgement))

    assert judgement.verdict == flood.verdict
