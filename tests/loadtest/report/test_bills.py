"""Facts about bills and fairness: who got the money, and what the same flood costs without a gate."""

import re
from fractions import Fraction

import pytest

from edge.configfile import parse
from edge.units import MICROS
from loadtest.flood.file import load
from loadtest.judge.demand import Demand
from loadtest.judge.evidence import Evidence
from loadtest.judge.judging import judge
from loadtest.judge.run import Run
from loadtest.report.bills import bills, show_span
from loadtest.worker.file import worker_file
from tests import ROOT
from tests.loadtest.floods import EXAMPLE, config_of, judged, message, people
from tests.loadtest.paperworker import PaperWorker

TROLL = [message(100 + k, "+33799990000", at_s=k) for k in range(10)]


def weekend():
    """Return the judgement on the four days, against the example's worker."""
    scenario = load("weekend-2017")
    config = parse(worker_file(EXAMPLE, scenario))
    run = Run(scenario, config, scenario.seed)
    worker = PaperWorker(config)
    before = worker.status()
    demand = Demand(run.prices)
    tally = worker.play(demand.passing(run.flood()))
    return judge(Evidence(run, demand, tally, before, worker.status()))


WEEKEND = weekend()


def test_the_bill_of_2017_is_the_press_s():
    """25,000 messages at 0.16004 EUR are 4,001 EUR: the papers said 4,000."""
    assert (25_000, 25_000, 4_001_000_000) == (
        bills(WEEKEND)[0].messages,
        bills(WEEKEND)[0].replies,
        bills(WEEKEND)[0].micros,
    )


def test_one_segment_saves_a_third_of_the_bill_and_no_more():
    """Replies at 0.0763 EUR; what comes in is billed by the segment, and a quarter of the texts are as long as can be."""
    fair = WEEKEND.fairness

    assert 25_000 * 76_300 + fair.received_micros == bills(WEEKEND)[1].micros
    assert 763_342_500 == fair.received_micros > 4 * 25_000 * 7_500


def test_with_the_gate_the_replies_of_the_weekend_cost_less_than_a_twentieth():
    """The rest is receiving 25,000 messages, which no worker can prevent: with it, less than a quarter."""
    with_gate, fair = bills(WEEKEND)[2].micros, WEEKEND.fairness

    assert with_gate == fair.replies_micros + fair.received_micros
    assert (with_gate * 4, fair.replies_micros * 20) < (bills(WEEKEND)[0].micros, 25_000 * 2 * 76_270)


def test_the_kitty_of_2000_lasts_longer_with_each_step():
    """Two days and some at two segments, three at one; with the gate, a week of such floods."""
    assert ["2 d 18 h", "3 d 16 h", "8 d 13 h"] == [show_span(bill.lasts_us) for bill in bills(WEEKEND)]


def test_the_page_on_the_report_has_these_bills():
    """Those without a gate, and how many segments were received."""
    page = (ROOT / "docs" / "how-to" / "read-the-report.md").read_text(encoding="utf-8")
    rows = [
        f"| {bill.name} | {bill.messages:,} | {bill.replies:,} | {bill.micros / MICROS:,.2f} | {show_span(bill.lasts_us)} |"
        for bill in bills(WEEKEND)[:2]
    ]

    assert rows == re.findall(r"^\| no gate, .*", page, re.MULTILINE)
    assert f" {WEEKEND.fairness.received_micros // 7_500:,} segments" in page


def test_the_weekend_is_fair():
    """Most of the 1,200 people are answered, and they get more of the money than the trolls."""
    assert (1200, True, True) == (
        WEEKEND.fairness.genuine,
        WEEKEND.fairness.share > Fraction(3, 4),
        WEEKEND.fairness.genuine_micros > WEEKEND.fairness.trolls_micros,
    )


def test_the_money_is_shared_out_to_the_micro():
    """Five people and a troll with ten messages: five replies and one; eleven messages more are received than answered."""
    fair = judged(PaperWorker(config_of()), sorted([*people(5, genuine=True), *TROLL], key=lambda a: a.at_us)).fairness

    assert (5, 5, 5) == (fair.genuine, fair.answered, fair.possible)
    assert (381_500, 76_300, 112_500) == (fair.genuine_micros, fair.trolls_micros, fair.received_micros)
    assert 381_500 + 76_300 + 112_500 == fair.with_gate_micros
    assert (1, Fraction(457_800, 5)) == (fair.share, fair.per_genuine_micros)


def test_what_the_pace_could_have_answered_is_counted_without_trolls():
    """With money for three at once, three of five people are possible; the troll took one of them."""
    config = config_of(price="1", budget='kitty = "2000", per-day = "1", burst = "3"')
    fair = judged(PaperWorker(config), [TROLL[0], *people(5, genuine=True)]).fairness

    assert (3, 2, Fraction(2, 3)) == (fair.possible, fair.answered, fair.share_of_possible)


def test_without_genuine_senders_there_is_no_share():
    """Nothing is divided by nothing."""
    fair = judged(PaperWorker(config_of()), TROLL).fairness

    assert (None, None, None) == (fair.share, fair.share_of_possible, fair.per_genuine_micros)


def test_genuine_senders_without_a_price_are_not_possible():
    """Nobody could have answered them."""
    flood = [message(0, "+15551234567", genuine=True)]
    fair = judged(PaperWorker(config_of()), flood).fairness

    assert (1, 0) == (fair.genuine, fair.possible)


def test_a_flood_that_costs_nothing_lasts_for_ever():
    """Receiving is free in this file, and nobody is answered."""
    flood = [message(0, "+15551234567")]

    assert None is bills(judged(PaperWorker(config_of(received="0")), flood))[2].lasts_us


@pytest.mark.parametrize(
    ("us", "shown"),
    [
        (None, "for ever"),
        (0, "0 s"),
        (59_000_000, "59 s"),
        (90_000_000, "1 min 30 s"),
        (3_600_000_000, "1 h"),
        (5_400_000_000, "1 h 30 min"),
        (234_000_000_000, "2 d 17 h"),
        (2_073_600_000_000, "24 days"),
    ],
)
def test_lengths_of_time_are_shown_in_two_units(us, shown):
    """More would be false precision, fewer would hide hours."""
    assert shown == show_span(us)
