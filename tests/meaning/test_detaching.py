"""What `[receiving]` comes to: the sums that follow from the prices, what cannot hold, and what `check` says."""

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from edge.cli import cli
from edge.commands.detaching import detach_lines
from edge.configfile import parse
from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow
from edge.core.charging.running import inflow_of
from edge.core.detaching.genuine import Genuine
from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import Hour
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.limits.bucket import Bucket
from edge.core.wire.reason import Reason
from edge.meaning import detaching, insight
from edge.meaning.findings import as_json, examine
from edge.meaning.terms import rules_of
from edge.providers import PROVIDERS
from edge.setup import lacks
from tests.parts import NOW_MS
from tests.worker import config

HOUR_MS = 3_600_000
TEXT = config(kitty="2000", per_day="35", burst="8", block=5)


API = 'api-account-env = "ACCOUNT"\napi-key-env = "KEY"\napi-secret-env = "SECRET"'


def read(receiving="", *changes):
    """Return a file with lines in its `[receiving]`, and with other changes."""
    text = f"{TEXT}\n[receiving]\n{receiving}\n"
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text)


def totals(spent_micros=0, used_micros=0, paused_until_ms=0, reserve_micros=0, **counts):
    """Return what a ledger holds, and what is used of the pace and of its reserve."""
    found = {Reason(name): count for name, count in counts.items()}
    held = Totals(found, 0, spent_micros, Bucket(used_micros, NOW_MS), NOW_MS, 0, paused_until_ms)
    return replace(held, reserve=Bucket(reserve_micros, NOW_MS))


def warned(*arguments):
    """Return what is warned of."""
    return list(detaching.warnings(read(*arguments)))


def test_the_sums_follow_from_the_prices():
    """Thirteen of the dearest replies, thirteen messages for each person expected, ten days of those; in any currency."""
    found = insight.detach_of(read("people-per-day = 200", ('"+33" = "0.0763"', '"+33" = "7.5"')))

    assert (7_500, 13 * 7_500_000, 200) == (found.segment_micros, found.per_answer_micros, found.people_per_day)
    assert (13 * 200 * 7_500, 10 * 13 * 200 * 7_500) == (found.per_day_micros, found.burst_micros)


def test_what_the_file_says_counts():
    """Each of them alone."""
    found = insight.detach_of(read('per-answer = "0.3"\nper-day = "20"\nburst = "50"'))

    assert (300_000, 20_000_000, 50_000_000) == (found.per_answer_micros, found.per_day_micros, found.burst_micros)
    assert 200_000_000 == insight.detach_of(read('per-day = "20"')).burst_micros
    assert found.at_once


def test_what_was_received_is_read_from_the_totals():
    """Messages, without retries of answered ones and without what is none."""
    held = totals(75_000, answered=3, sender_limit=5, duplicate=7, bad_signature=9)
    intake = insight.intake_of(read(), inflow_of(held), [Hour(NOW_MS, 0, 0, 1_000_000, 0, 0, is_attached=True)])

    assert Inflow(NOW_MS, 8, 75_000) == inflow_of(held)
    assert 97_500_000 - 1_000_000 == intake.left_micros


@pytest.mark.parametrize(
    ("payable", "kitty", "held"),
    [
        (True, True, totals(used_micros=7_923_700)),
        (False, True, totals(used_micros=7_923_701)),
        (True, True, totals(used_micros=7_873_700, reserve_micros=1_950_000)),
        (False, True, totals(used_micros=7_873_701, reserve_micros=1_950_000)),
        (True, True, totals(spent_micros=1_999_960_000)),
        (True, False, totals(spent_micros=1_999_960_001)),
    ],
)
def test_somebody_is_payable_while_a_stranger_or_a_knock_is(payable, kitty, held):
    """By the pace and what is kept of it; and by the kitty, as long as that has the cheapest reply."""
    situation = insight.situation_of(read())(held, [], [])

    assert (payable, kitty, 0) == (situation.anybody_payable, situation.kitty_pays, situation.silent_ms)


def test_whom_the_pace_pays_is_said_by_that_of_the_hour():
    """With a day to last until: as long as it lasts, what was received in it makes it no slower."""
    file = read("", ('per-day = "35"\nburst = "8"', "lasts-until = 2027-02-01"))
    until_ms = rules_of(file).lasts.until_ms
    held = totals(spent_micros=1_999_000_000, used_micros=1_000_000)
    paced = replace(held, hourly=Hourly(100_000_000, 2_000_000_000, until_ms))

    assert [False, True] == [insight.situation_of(file)(one, [], []).anybody_payable for one in (held, paced)]


def test_how_long_it_is_silent_is_seen():
    """By hand until an instant; by the file without an end."""
    paused = read("", ("[number]", "paused = true\n[number]"))

    assert 5_000 == insight.situation_of(read())(totals(paused_until_ms=NOW_MS + 5_000), [], []).silent_ms
    assert 0 == insight.situation_of(read())(totals(paused_until_ms=NOW_MS - 5_000), [], []).silent_ms
    assert WITHOUT_END_MS == insight.situation_of(paused)(totals(), [], []).silent_ms


def test_the_quiet_hours_of_the_number_raise_what_is_expected():
    """By the ledger's time."""
    begins_ms = NOW_MS - NOW_MS % HOUR_MS
    hours = [Hour(begins_ms - n * HOUR_MS, 30, 30, 0, 20, 0, is_attached=True) for n in range(1, 25)]

    assert Genuine(480, 24) == insight.situation_of(read())(totals(), [], hours).expected
    assert Genuine(100, 24) == insight.situation_of(read())(totals(), [], []).expected


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_number_is_detached_only_where_that_stops_the_bill(provider):
    """Elsewhere `yes` is refused, with the reason; `say` and `no` are not."""
    kind = PROVIDERS[provider]
    elsewhere = ('provider = "twilio"', f'provider = "{provider}"')
    errors = {
        chosen: [e for e in examine(read(f'detach = "{chosen}"', elsewhere), NOW_MS).errors if "receiving" in e]
        for chosen in ("no", "say", "yes")
    }

    assert ([], []) == (errors["no"], errors["say"])
    assert bool(kind.no_detach) == bool(errors["yes"])
    assert all(kind.no_detach in error and '"say"' in error for error in errors["yes"])


def test_sums_that_people_alone_come_to_are_warned_of():
    """What an answer may cost, and the pace; but not where nobody asked."""
    assert [] == warned('detach = "say"')
    assert [] == warned('detach = "no"\nper-answer = "0.01"')
    assert (
        "0.01 is less than the 3 messages that a person may write (0.0225)"
        in warned('detach = "say"\nper-answer = "0.01"')[0]
    )
    assert (
        "1.00 is less than what the people expected may cost by themselves (2.25 a day)"
        in warned('detach = "say"\nper-day = "1"')[0]
    )
    assert "detaching saves nothing" in warned('detach = "say"', ('received = "0.0075"', 'received = "0"'))[0]


def test_check_says_from_what_sums_on():
    """For people in words, for programs as decimal strings."""
    found = as_json(examine(read('detach = "say"'), NOW_MS))["receiving"]
    said = "\n".join(detach_lines(found, "EUR"))

    assert {
        "detach": "say",
        "time_off_worth": "0.5025",
        "per_answer": "0.9919",
        "people_per_day": 100,
        "hour": "4.132916",
        "per_day": "9.75",
        "burst": "97.50",
        "time_off_s": 1800.0,
    } == found
    assert said.startswith("detach: say: an alert says that it should be\n")
    assert all(sum_ in said for sum_ in ("0.5025 EUR", "0.9919 EUR", "4.132916 an hour", "9.75 EUR a day and 97.50"))
    assert "30 minutes, 6 times that from the 11th" in said
    assert "is 0.5 seconds" in "\n".join(detach_lines({**found, "time_off_s": 0.5}, "EUR"))
    assert ["detach: no: whatever is sent is received, and paid"] == list(detach_lines({"detach": "no"}, "EUR"))


@pytest.mark.parametrize(
    ("receiving", "knock", "expected"),
    [("yes", "", 1), ("yes", "[knock]\nshare = 0\n", 0), ("say", "", 0), ("no", "", 0)],
)
def test_check_says_what_detaching_and_the_second_knock_take_from_each_other(
    receiving, knock, expected, tmp_path, monkeypatch
):
    """Where there are both: a large flood detaches and the knock gains nobody, a small one keeps it, and is paid for."""
    for name in ("TWILIO_AUTH_TOKEN", "ACCOUNT", "KEY", "SECRET"):
        monkeypatch.setenv(name, "x")
    text = TEXT.replace("[reply]", f"{API}\n[reply]") + f'{knock}[receiving]\ndetach = "{receiving}"\n'
    (tmp_path / "edge.toml").write_text(text)

    said = CliRunner().invoke(cli, ["check", str(tmp_path / "edge.toml")])

    assert 0 == said.exit_code
    assert expected == said.stdout.count("a large flood detaches it, and the knock gains nobody there; in a small one")


def test_who_is_to_be_detached_needs_a_key_and_somebody_who_notices(tmp_path):
    """Without a key a worker does not start; without a heartbeat nobody notices that nobody runs."""
    keyless = [lack for lack in lacks(read('detach = "yes"'), tmp_path, {}) if "receiving" in lack]
    key = ("[reply]", f"{API}\n[reply]")
    alone = examine(read('detach = "yes"', key), NOW_MS)
    watched = examine(read('detach = "yes"\n[alert]\nheartbeat-env = "BEAT"', key), NOW_MS)

    assert ['receiving.detach: "yes" takes a key at the provider; write number.api-account-env'] == [
        error.partition(",")[0] for error in keyless
    ]
    assert ([], []) == (alone.errors, watched.errors)
    assert ["receiving.detach: if nobody runs, a number that is detached stays so"] == [
        warning.partition(";")[0] for warning in alone.warnings if "receiving" in warning
    ]
    assert [] == [warning for warning in watched.warnings if "receiving" in warning]
