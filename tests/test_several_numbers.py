"""Facts about a file with several numbers: what it means, what is refused, and which number is named."""

import re

import pytest
from click.testing import CliRunner

from edge import blocklimits, terms
from edge.cli import cli
from edge.configfile import parse
from edge.core.charging.charge import Totals
from edge.core.charging.shares import Share
from edge.core.limits.bucket import Bucket
from edge.errors import ConfigError
from edge.findings import as_json, examine
from edge.setup import lacks
from tests.parts import NOW_MS
from tests.web.test_numbers import OTHER, OTHER_URL, two
from tests.worker import PHONE, config

BOTH = two(per_day="35", burst="8")
KEYS = 'api-account-env = "A"\napi-key-env = "B"\napi-secret-env = "C"\n'
NO_NUMBER = re.sub(r"\[\[number\]\].*\[reply\]", "[reply]", BOTH, flags=re.DOTALL)


def test_one_number_may_stand_in_either_form():
    """`[number]`, or a single `[[number]]`: the same phone, no share, and each error by the key as it stands in the file."""
    one, single = parse(config()), parse(config().replace("[number]", "[[number]]"))

    assert one.numbers == single.numbers
    assert (terms.rules_of(one), ()) == (terms.rules_of(single), terms.rules_of(single).numbers)
    assert ("number", "number[0]") == (one.where(0), single.where(0))


def test_prices_are_those_of_all_but_for_a_numbers_own():
    """Of what is foreseen for all, the dearest is named; a prefix that one number alone prices is served there alone."""
    file = parse(
        BOTH.replace('reply = { "+33" = "0.05" }', 'reply = { "+33" = "0.09", "+49" = "0.1" }\nreceived-media = "0.02"')
    )

    assert [76_300, 90_000] == [terms.prices_of(file, index)["+33"][1] for index in (0, 1)]
    assert (["+33", "+44"], ["+33", "+44", "+49"]) == tuple([*terms.prices_of(file, index)] for index in (0, 1))
    assert {"+33": 90_000, "+44": 40_000, "+49": 100_000} == {
        prefix: micros for prefix, (_, micros) in terms.prices_of(file).items()
    }
    assert [(7_500, 7_500), (1_000, 20_000)] == [
        (got.segment_micros, got.media_micros) for got in (terms.receiving_of(file, index) for index in (0, 1))
    ]
    assert {"prefix": "+49", "reply": "0.10", "exchange": "0.1075"} in as_json(examine(file, NOW_MS))["prices"]
    assert "+49" in {one.code for one in blocklimits.plans_of(file)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOTH.replace(OTHER, PHONE), "number[1].phone: that of number[0]; write each number once"),
        (
            BOTH.replace(OTHER_URL, "https://elsewhere.example.org/%73ms?to=2"),
            "number[1].url: its path is that of number[0]; write another path for each",
        ),
        ("number = []\n" + NO_NUMBER, "number: empty; write at least one [[number]]"),
        (
            BOTH.replace('provider = "46elks"\n', ""),
            "number[1]: missing key 'provider'; write it, for example: provider = \"twilio\"",
        ),
        (
            BOTH.replace('"0.001"', '"0.0000001"'),
            "number[1].price.received: found '0.0000001'; ",
        ),
        (
            BOTH.replace('"+33" = "0.05"', '"33" = "0.05"'),
            "number[1].price.reply: found '33'; write \"+\" and digits, ",
        ),
    ],
    ids=["phone", "path", "none", "missing", "amount", "prefix"],
)
def test_a_file_that_does_not_hold_names_the_number(text, said):
    """By its place, counted from zero as TOML's readers do; never by the phone."""
    with pytest.raises(ConfigError) as error:
        parse(text)

    assert str(error.value).startswith(f"edge.toml: {said}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'burst = "8"', 'burst = "0.15"',
            "budget.burst: 0.15, 0.075 for each of 2 numbers, does not pay one reply to +33 (0.0763): nobody there would "
            "ever be answered; raise it",
        ),
        (
            'burst = "8"\n', 'burst = "0.4"\n[knock]\nshare = 0.25\n',
            "knock.share: 0.25 of what goes at once at each number (0.20): what it keeps does not pay the dearest reply "
            "(0.0763); write another share, or 0 for none, or raise budget.burst",
        ),
        (
            "[limit]\n", '[receiving]\ndetach = "yes"\n[limit]\n',
            'receiving.detach: several numbers are not detached in this version; write "say" to hear of it, or "no"',
        ),
        (
            '"46elks"\n', f'"46elks"\n{KEYS}',
            "number[1].api-account-env: nothing here calls 46elks's API, only that of twilio; leave api-account-env, "
            "api-key-env and api-secret-env out",
        ),
        (
            '"46elks"\n', '"46elk"\n',
            "number[1].provider: found '46elk'; did you mean \"46elks\"? (known: twilio, signalwire, plivo, 46elks)",
        ),
        (
            OTHER_URL, "https://sms.example.org/short",
            "number[1].url: nothing in a 46elks request proves who sent what; end the path in at least 16 random "
            "characters, or have the CDN add a secret (server.origin-secret-env)",
        ),
    ],
    ids=["share", "reserve", "detach", "api", "provider", "secret path"],
)  # fmt: skip
def test_what_cannot_hold_is_said_of_the_number(old, new, said):
    """A share, or what is kept of it, below the dearest reply; what several numbers do not have yet; and what each has to have."""
    assert old in BOTH

    assert [said] == examine(parse(BOTH.replace(old, new)), NOW_MS).errors


def test_a_burst_that_is_not_written_pays_the_dearest_reply_at_each():
    """And `check` says so: where one number would do with one reply, four take four."""
    text = BOTH.replace('burst = "8"\n', "").replace('per-day = "35"', 'per-day = "0.1"')
    file = parse(text)

    assert 2 * 76_300 == terms.budget_of(file, 0, NOW_MS).burst_micros
    assert [
        "budget: a quarter of 0.10 a day does not pay the dearest reply at each number (0.1526); so that it can be paid at "
        "all, that much goes at once",
        "budget: 0.10 a day pays the dearest reply at each number once in 37 hours",
    ] == [line for line in examine(file, NOW_MS).warnings if line.startswith("budget: ")]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('secret-env = "OTHER_TOKEN"\n', "number[1].secret-env: the variable OTHER_TOKEN is not set"),
        ('secret-file = "other"\n', "number[1].secret-file: {}/other cannot be read"),
        ("", "number[1]: plivo signs its requests"),
    ],
    ids=["variable", "file", "none"],
)
def test_what_a_number_needs_is_missed_by_its_place(more, said, tmp_path):
    """Its secret in a variable, its secret in a file, or any at all; what the first number has is no help."""
    file = parse(BOTH.replace('provider = "46elks"\n', f'provider = "plivo"\n{more}'))
    [lack] = lacks(file, tmp_path, {"TWILIO_AUTH_TOKEN": "x"})

    assert lack.startswith(said.format(tmp_path))


def test_check_says_what_a_share_comes_to(tmp_path, monkeypatch):
    """One line below the pace; with one number there is none."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    said = []
    for text in (BOTH, config()):
        (tmp_path / "edge.toml").write_text(text)
        said.append(CliRunner().invoke(cli, ["check", str(tmp_path / "edge.toml")]).stdout)

    assert "numbers: 2, each with a share of the pace: 17.50 EUR a day and 4.00 at once\n" in said[0]
    assert "the file holds\n" in said[0]
    assert "numbers: " not in said[1]


def test_somebody_can_be_paid_while_one_share_has_room():
    """What a flood has spent on one number is not in the way of the other: so nobody is advised to detach them."""
    seen = terms.sight_of(parse(BOTH))
    full, part = Bucket(4_000_000, NOW_MS), Share(Bucket(3_900_000, NOW_MS))

    def totals(second):
        shares = {PHONE: Share(full), OTHER: second}
        return Totals({}, 0, 0, Bucket(4_000_000 + second.pace.used, NOW_MS), NOW_MS, shares=shares)

    assert seen(totals(Share()), []).anybody_payable
    assert seen(totals(Share(Bucket(2_000_000, NOW_MS))), []).anybody_payable
    assert not seen(totals(Share(full, Bucket(1_000_000, NOW_MS))), []).anybody_payable
    assert seen(totals(part), []).anybody_payable
