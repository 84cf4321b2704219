"""Facts about what `check` says of blocks."""

import pytest

from edge import chance
from edge.configfile import parse
from edge.findings import as_json, examine
from tests import ROOT

EXAMPLE = (ROOT / "edge.toml").read_text(encoding="utf-8")


def config(prices='"+33" = "0.0763"', more=""):
    """Return the example with other prices."""
    return parse(EXAMPLE.replace('"+33" = "0.0763"', prices) + more, "edge.toml")


def test_the_example_refuses_nobody():
    """Five an hour of each of 16,200 blocks."""
    assert (
        "block: of 100 people a day from the 16,200 blocks of +33, nobody is refused only because of it"
        == chance.line(config())
    )


def test_an_american_town_loses_people_to_two_a_day_and_check_warns():
    """A mobile tells a place there, so all are taken to write from one town."""
    file = config('"+1" = "0.01"', '\n[limit]\nblock = { burst = 2, count = 2, period = "24h" }\n')

    assert (
        "block: of 100 people a day from one town of +1 with 50 blocks, 26.9% is refused only because of it"
        == chance.line(file)
    )
    assert any(line.startswith("limit.block: 27% of 100 people a day from +1 ") for line in examine(file, 0).warnings)


def test_each_plan_has_its_own_and_the_worst_comes_first():
    """A prefix that is a part of a plan has fewer blocks; one that is part of several reaches them all."""
    told = as_json(
        examine(
            config('"+33" = "0.1", "+41" = "0.1"', '\n[limit]\nblock = { burst = 2, count = 2, period = "24h" }\n'), 0
        )
    )

    assert ["+41", "+33"] == [one["prefix"] for one in told["blocks"]]
    assert [9_000, 16_200] == [one["blocks"] for one in told["blocks"]]
    assert [1_620] == [one.blocks for one in chance.chances(config('"+336" = "0.1"'))]
    assert {"+40", "+41", "+49"} < {one.code for one in chance.chances(config('"+4" = "0.1"'))}


def test_a_chance_is_told_as_people_say_it():
    """One in so many, where it is small."""
    file = config(more='\n[limit]\nblock = { burst = 2, count = 2, period = "24h" }\n')

    assert "one in 2" in chance.line(file)


@pytest.mark.parametrize("code", ["+881", "+979"])
def test_where_no_plan_is_known_nothing_is_said(code):
    """Satellite telephones belong to no country."""
    assert ("", []) == (chance.line(config(f'"{code}" = "1"')), list(chance.warning(config(f'"{code}" = "1"'))))


@pytest.mark.parametrize(
    ("people", "prefixes", "burst"),
    [
        (100, ["+33"], 2),  # one in 210,000
        (100, ["+33", "+41"], 2),
        (2_000, ["+33"], 5),  # one in 500
        (100, ["+1"], 5),  # one town
        (100, ["+33", "+1"], 5),  # the kinder one: the ledger has one limit for all
        (100, ["+881"], 5),  # no plan
        (100, [], 5),
    ],
)
def test_a_new_file_is_strict_where_hardly_anybody_is_refused(people, prefixes, burst):
    """Two a day from a block where a mobile tells no place and blocks are many; elsewhere what holds without any limit."""
    assert burst == chance.limit_for(people, prefixes).burst
