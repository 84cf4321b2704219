"""Facts about the limit of a block: the file's own, or by the numbering plan."""

import pytest

from edge.config import Limit
from edge.configfile import parse
from edge.core.limits.bucket import count_limit
from edge.meaning.blocklimits import FIVE_AN_HOUR, TWO_A_DAY, limits_of, plans_of
from edge.meaning.terms import purse_of, routes_of, rules_of
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests import ROOT

EXAMPLE = (ROOT / "edge.toml").read_text(encoding="utf-8")


def config(*prefixes, more="", people=100):
    """Return the example with other prefixes."""
    prices = ", ".join(f'"{prefix}" = "0.0763"' for prefix in prefixes)
    people = f"\n[receiving]\npeople-per-day = {people}\n"
    return parse(EXAMPLE.replace('"+33" = "0.0763"', prices) + people + more, "edge.toml")


def blocks(*prefixes):
    """Return the blocks of each plan that prefixes reach."""
    return {plan.code: plan.blocks for plan in plans_of(config(*prefixes))}


@pytest.mark.parametrize(
    ("people", "prefix", "limit"),
    [
        (100, "+33", TWO_A_DAY),  # one in 210,000
        (2_000, "+33", FIVE_AN_HOUR),  # one in 500
        (100, "+336", TWO_A_DAY),
        (100, "+33612", FIVE_AN_HOUR),  # a hundred blocks
        (100, "+1", FIVE_AN_HOUR),  # one town
        (100, "+590", FIVE_AN_HOUR),  # 119 blocks in all Guadeloupe
        (100, "+331", FIVE_AN_HOUR),  # no mobiles: nothing is known of who writes
        (100, "+881", FIVE_AN_HOUR),  # no plan
    ],
)
def test_it_is_strict_where_hardly_anybody_is_refused(people, prefix, limit):
    """Two a day where mobiles tell no place and blocks are many; elsewhere five an hour."""
    assert {prefix: limit} == limits_of(config(prefix, people=people))


@pytest.mark.parametrize(
    ("sender", "limit"),
    [
        ("burst = 2", FIVE_AN_HOUR),
        ("count = 2", FIVE_AN_HOUR),
        ('period = "23h"', FIVE_AN_HOUR),
        ('count = 7, period = "7d"', TWO_A_DAY),
        ('period = "7d"', TWO_A_DAY),
    ],
)
def test_it_takes_nothing_away_that_the_file_grants_a_sender(sender, limit):
    """Who is to get more than one reply a day would have the whole block's."""
    assert {"+33": limit} == limits_of(config("+33", more=f"\n[limit]\nsender = {{ {sender} }}\n"))


def test_each_plan_has_its_own():
    """A price for Guadeloupe, or for America, opens nothing in France; a prefix of several plans has the most generous."""
    assert {"+33": TWO_A_DAY, "+590": FIVE_AN_HOUR, "+1": FIVE_AN_HOUR, "+337": TWO_A_DAY} == limits_of(
        config("+33", "+590", "+1", "+337")
    )
    assert {"+5": FIVE_AN_HOUR} == limits_of(config("+5"))


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("digits = 3, burst = 7", Limit(7, 5, HOUR_MS)),
        ("count = 9", Limit(5, 9, HOUR_MS)),
        ('period = "15m"', Limit(5, 5, 15 * MINUTE_MS)),
        ('burst = 1, count = 1, period = "7d"', Limit(1, 1, 7 * DAY_MS)),
        ("digits = 3", TWO_A_DAY),
    ],
)
def test_what_the_operator_wrote_wins(written, limit):
    """For all prefixes; what they left out beside it is five, five and an hour. How large a block is says nothing of how often."""
    found = limits_of(config("+33", "+41", more=f"\n[limit]\nblock = {{ {written} }}\n"))

    assert {"+33": limit, "+41": limit} == found


def test_the_mobiles_of_a_part_of_a_plan_are_those_that_it_has():
    """The French 06 has 9,200 blocks and the 07 7,000, not a tenth of the plan each; a smaller part divides them evenly."""
    assert {"+33": 16_200} == blocks("+33")
    assert {"+33": 9_200} == blocks("+336")
    assert {"+33": 7_000} == blocks("+337")
    assert {"+33": 1_000} == blocks("+3361")
    assert {"+33": 10} == blocks("+336123")
    assert {"+33": 1} == blocks("+33612345678")


def test_all_that_is_priced_of_a_plan_counts_once():
    """Two parts are both; a part of what is priced anyway adds nothing."""
    assert {"+33": 16_200} == blocks("+336", "+337") == blocks("+33", "+336", "+3361")
    assert {} == blocks("+331")


def test_a_price_of_one_number_counts_as_well():
    """A sender is one sender on all numbers, and so is their block."""
    head, _, rest = EXAMPLE.partition("[reply]")
    first = head.replace("[number]", "[[number]]")
    second = first.replace("937000000", "937000001").replace("org/sms", "org/other")
    both = parse(f'{first}{second}price = {{ reply = {{ "+41" = "0.1" }} }}\n[reply]{rest}', "edge.toml")

    assert {"+33": TWO_A_DAY, "+41": TWO_A_DAY} == limits_of(both)
    assert {"+33", "+41"} == {plan.code for plan in plans_of(both)}


def test_rules_and_routes_say_which_holds():
    """Where several hold, the one that counts the longest is the rules', and a route has its own where it is another."""
    two, five = (count_limit(burst=n, count=n, period_ms=ms) for n, ms in ((2, DAY_MS), (5, HOUR_MS)))
    both, text = config("+33", "+1"), '\n[[reply.in]]\nprefixes = ["+1202"]\ntext = "No."\n'
    told = config("+33", "+1", more=text)

    assert (two, five) == (rules_of(both).block, rules_of(config("+1")).block)
    assert [None, five] == [
        routes_of(both, purse_of(both, 0, 0)).find(sender).block_limit for sender in ("+336", "+12")
    ]
    assert five == routes_of(told, purse_of(told, 0, 0)).find("+12025").block_limit
    assert None is routes_of(config("+1"), purse_of(both, 0, 0)).find("+12").block_limit
