"""Facts about a file with several numbers: what it means, what is refused, and which number is named."""

import re
import sys

import msgspec
import pytest
from click.testing import CliRunner

from edge.cli import cli
from edge.commands.detaching import detach_lines
from edge.configfile import parse
from edge.core.charging.charge import Totals
from edge.core.charging.shares import Share
from edge.core.detaching.genuine import Genuine
from edge.core.limits.bucket import UNUSED, Bucket
from edge.errors import ConfigError
from edge.meaning import blocklimits, insight, terms
from edge.meaning.findings import as_json, examine
from edge.setup import lacks
from tests.parts import NOW_MS
from tests.web.test_numbers import OTHER, OTHER_URL, two
from tests.worker import PHONE, config

BOTH = two(per_day="35", burst="8")
KEYS = 'api-account-env = "A"\napi-key-env = "B"\napi-secret-env = "C"\n'
TOTALS = Totals({}, 0, 0, UNUSED, NOW_MS)
MORE = """[[number]]
phone = "+339371{index:05}"
provider = "46elks"
url = "https://sms.example.org/{index}"

"""
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
            BOTH.replace("[reply]\n", "".join(MORE.format(index=index) for index in range(99)) + "[reply]\n"),
            "number: found 101, and a file has 100 at most; write the others into one of their own",
        ),
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
    ids=["phone", "path", "none", "many", "missing", "amount", "prefix"],
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
            "receiving.detach: number[1]: at 46elks its documentation does not say whether a message is charged for while the "
            'number has no address, and nobody would be answered meanwhile; write "say" to hear of it, or "no"',
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
    """A share, or what is kept of it, below the dearest reply; a provider that charges all the same, or may; and what each has to have."""
    assert old in BOTH

    assert [said] == examine(parse(BOTH.replace(old, new)), NOW_MS).errors


def test_the_parts_of_a_country_without_a_price_are_named_for_each_number():
    """One that has a price at the second alone is not answered at the first; where lists are the same nothing is said twice."""
    own = BOTH.replace('{ "+33" = "0.05" }', '{ "+262" = "0.05" }')

    said, same = (
        [line.partition(" belong")[0] for line in examine(parse(text), NOW_MS).warnings if "same country" in line]
        for text in (own, BOTH)
    )

    assert ["price.reply: +262, +508, +590", "number[1].price.reply: +508, +590"] == [
        line.partition(", +594")[0] for line in said
    ]
    assert 1 == len(same)


def test_a_burst_that_is_not_written_pays_the_dearest_reply_at_each():
    """And `check` says so: where one number would do with one reply, four take four."""
    text = BOTH.replace('burst = "8"\n', "").replace('per-day = "35"', 'per-day = "0.1"')
    file = parse(text)

    assert 2 * 76_300 == terms.purse_of(file, 0, NOW_MS).burst_micros
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


def test_each_number_asks_whether_its_own_share_pays_somebody():
    """What a flood has spent on one is not in the way of the other, nor does the other's room help the one."""
    first, second = (insight.situation_of(parse(BOTH), index) for index in (0, 1))
    full, part = Share(Bucket(4_000_000, NOW_MS)), Share(Bucket(3_900_000, NOW_MS))

    def payable(*shares):
        held = Totals(
            {}, 0, 0, Bucket(8_000_000, NOW_MS), NOW_MS, shares=dict(zip((PHONE, OTHER), shares, strict=True))
        )
        return [seen(held, [], []).anybody_payable for seen in (first, second)]

    assert [False, True] == payable(full, Share())
    assert [True, False] == payable(Share(), Share(full.pace, Bucket(1_000_000, NOW_MS)))
    assert [False, False] == payable(full, full)
    assert [True, True] == payable(part, part)


def test_a_number_is_detached_for_the_kitty_of_all_when_that_pays_no_reply_there():
    """While it pays the cheapest one of a number, that one goes on; of another that is dearer, receiving would be for nothing."""
    cheaper = BOTH.replace('reply = { "+33" = "0.05" }', 'reply = { "+33" = "0.05", "+49" = "0.01" }')
    first, second = (insight.situation_of(parse(cheaper), index) for index in (0, 1))

    def pays(left_micros):
        held = Totals({}, 0, 2_000_000_000 - left_micros, UNUSED, NOW_MS)
        return [seen(held, [], []).kitty_pays for seen in (first, second)]

    assert [[True, True], [False, True], [False, False]] == [pays(40_000), pays(39_999), pays(9_999)]


def test_the_cheapest_reply_is_that_of_the_cheapest_number():
    """What a flood would have cost without limits is said to be at least so much."""
    assert 10_000 == terms.cheapest_of(parse(BOTH.replace('"+33" = "0.05"', '"+33" = "0.01"')))


def test_a_look_at_one_number_costs_as_many_steps_however_many_there_are():
    """The watch looks at each of them every few seconds, beside the messages."""

    def steps(more):
        numbers = "".join(MORE.format(index=index) for index in range(more))
        file = parse(BOTH.replace("[reply]\n", f"{numbers}[reply]\n"))
        shares = {number: Share() for number in terms.numbers_of(file)}
        situation, called = insight.situation_of(file), []
        sys.setprofile(lambda _, event, __: called.append(event))
        situation(msgspec.structs.replace(TOTALS, shares=shares), [], [])
        sys.setprofile(None)
        return len(called)

    assert steps(0) == steps(20)


def test_what_a_number_may_cost_goes_by_its_own_prices():
    """A segment, and an answer; the pace of receiving and the people are those of all."""
    first, second = (insight.detach_of(parse(BOTH), index) for index in (0, 1))

    assert (7_500, 1_000) == (first.segment_micros, second.segment_micros)
    assert (13 * 76_300, 13 * 50_000) == (first.per_answer_micros, second.per_answer_micros)
    assert (first.per_day_micros, first.burst_micros) == (second.per_day_micros, second.burst_micros)
    assert Genuine(100, 48) == insight.situation_of(parse(BOTH), 1)(TOTALS, [], []).expected


def test_check_says_of_each_number_from_what_sums_on_it_is_detached():
    """In words and for programs, with the share of the people that is expected there; and what is free of charge."""
    say = BOTH.replace("[limit]\n", '[receiving]\ndetach = "say"\n[limit]\n')
    found = as_json(examine(parse(say), NOW_MS))["receiving"]
    said = list(detach_lines(found, "EUR"))
    free = examine(parse(say.replace('"0.001"', '"0"')), NOW_MS).warnings

    assert [
        {"number": "number[0]", "time_off_worth": "0.5025", "per_answer": "0.9919", "hour": "2.066458"},
        {"number": "number[1]", "time_off_worth": "0.067", "per_answer": "0.65", "hour": "1.354166"},
    ] == found["numbers"]
    assert "  each number by itself, with an equal share of 100 people a day:" == said[1]
    assert (
        "    number[1]: when nobody can be paid out of its share, and 0.067 EUR of receiving would come there; when receiving "
        "costs 0.65 for each genuine sender expected, 1.354166 an hour"
    ) == said[3]
    assert said[4].startswith("  all of them when receiving has used up a pace of its own, 9.75 EUR a day")
    assert 'receiving.detach: number[1]: price.received is "0", so detaching saves nothing' in "\n".join(free)


def test_each_number_that_may_be_detached_needs_a_key(tmp_path):
    """The one that has none is named; so is a variable that is not set."""
    twilio = BOTH.replace('provider = "46elks"', f'provider = "twilio"\nsecret-env = "TWILIO_AUTH_TOKEN"\n{KEYS}', 1)
    text = twilio.replace("[limit]\n", '[receiving]\ndetach = "yes"\n[limit]\n')
    keyless, unset = lacks(parse(text), tmp_path, {"TWILIO_AUTH_TOKEN": "x"})

    assert keyless.startswith('receiving.detach: "yes" takes a key at the provider; write number[0].api-account-env, ')
    assert unset.startswith("number[1].api-account-env: the variable A is not set")
    assert [] == examine(parse(text), NOW_MS).errors
