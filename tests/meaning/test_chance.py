"""Facts about what `check` says of blocks."""

import pytest

from edge.configfile import parse
from edge.meaning import chance
from edge.meaning.findings import as_json, examine
from edge.units import DAY_MS
from tests import ROOT

EXAMPLE = (ROOT / "edge.toml").read_text(encoding="utf-8")


def config(prices='"+33" = "0.0763"', more=""):
    """Return the example with other prices."""
    return parse(EXAMPLE.replace('"+33" = "0.0763"', prices) + more, "edge.toml")


def test_the_example_refuses_nobody():
    """Hardly: two a day of each of 16,200 blocks. Five an hour would not do it either, and stop nobody."""
    five = config(more="\n[limit]\nblock = { burst = 5 }\n")
    told = "block: of 100 people a day from the 16,200 blocks of +33, {} is refused only because of it"

    assert told.format("one in 210,169") == chance.line(config())
    assert told.format("nobody") == chance.line(five)


def test_the_limit_is_told_with_its_reason():
    """Which holds where, and why: by the plan, or because the file says so."""
    several = config('"+33" = "1", "+1" = "1", "+881" = "1"')
    many = config(", ".join(f'"+33{n}" = "1"' for n in range(1, 9)))
    given = config(more="\n[limit]\nblock = { burst = 3 }\n")
    silent = "(by the numbering plan, as limit.block says nothing)"

    assert (
        "block: 2 at once and 2 every 1d in +33, where numbers that are alike are strangers'; 5 at once and 5 every 1h in +1, "
        f"+881, where two a day would refuse people by chance, or no numbering plan is known {silent}"
        == chance.limit_line(several)
    )
    often = config(more="\n[limit]\nsender = { burst = 3 }\n")

    assert "every 1h in +33, since limit.sender grants more than one a day (by" in chance.limit_line(often)
    assert "every 1h in +331, +332, +333, +334, +335, +338, where" in chance.limit_line(many)
    assert "block: 3 at once and 5 every 1h from numbers that are alike, as limit.block says" == chance.limit_line(
        given
    )


def test_a_long_list_of_prefixes_is_cut():
    """The line stays one that is read."""
    assert "in +20, +30, +31, +32, +33, +34 and 2 more, where" in chance.limit_line(
        config(", ".join(f'"+{code}" = "1"' for code in (20, 30, 31, 32, 33, 34, 36, 41)))
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
    """One that is part of several reaches them all."""
    told = as_json(
        examine(
            config('"+33" = "0.1", "+41" = "0.1"', '\n[limit]\nblock = { burst = 2, count = 2, period = "24h" }\n'), 0
        )
    )

    assert ["+41", "+33"] == [one["prefix"] for one in told["blocks"]]
    assert [9_000, 16_200] == [one["blocks"] for one in told["blocks"]]
    assert [(2, 2, DAY_MS, "file")] * 2 == [
        (one["burst"], one["count"], one["period_ms"], one["limit_by"]) for one in told["blocks"]
    ]
    assert "plan" == as_json(examine(config(), 0))["blocks"][0]["limit_by"]
    assert {"+40", "+41", "+49"} < {one["prefix"] for one in chance.as_json(config('"+4" = "0.1"'))}


def test_a_chance_is_told_as_people_say_it():
    """One in so many, where it is small."""
    file = config(more='\n[limit]\nblock = { burst = 2, count = 2, period = "24h" }\n')

    assert "one in 2" in chance.line(file)


@pytest.mark.parametrize("code", ["+881", "+979"])
def test_where_no_plan_is_known_nothing_is_said(code):
    """Satellite telephones belong to no country."""
    assert ("", []) == (chance.line(config(f'"{code}" = "1"')), list(chance.warning(config(f'"{code}" = "1"'))))
