"""Facts about the file of a worker that the harness starts: the tested one, compressed, and otherwise untouched."""

import datetime as dt

import msgspec
import pytest

from edge.config import BlockLimit, Ledger, Limit
from edge.configfile import parse
from edge.errors import ConfigError
from loadtest.flood.file import load
from loadtest.flood.file import parse as parse_scenario
from loadtest.judge.model import count_bucket, pace_bucket
from loadtest.worker.file import API, worker_file
from tests.loadtest.floods import EXAMPLE, SCENARIO


def scenario_of(head):
    """Return the tests' scenario with keys at its head."""
    return parse_scenario(f"{head}\n{SCENARIO}", "test")


def worker_of(head, text=EXAMPLE, **server):
    """Return the configuration of the worker for a scenario."""
    return parse(worker_file(text, scenario_of(head), **server))


def test_at_speed_one_nothing_changes():
    """The file means the same as before."""
    expected = msgspec.structs.replace(parse(EXAMPLE), ledger=Ledger("sqlite:flood.db"))
    assert expected == worker_of("")


@pytest.mark.parametrize(
    "ledger",
    [
        '[ledger]\nurl = "sqlite:/var/lib/antirelou/real.db"\n',
        '[ledger]\nurl = "valkey://127.0.0.1:6379/0"\nname = "real"\nkey-env = "KEY"\npassword-env = "PASSWORD"\n',
    ],
)
def test_no_ledger_but_the_runs_own_is_charged(ledger):
    """Whatever kind the file names, and whatever a scenario says of it."""
    head = 'worker = { ledger = { url = "sqlite:../real.db" } }'

    assert [Ledger("sqlite:flood.db")] * 2 == [worker_of(start, EXAMPLE + ledger).ledger for start in ("", head)]


@pytest.mark.parametrize(
    ("named", "own"),
    [
        ('"../.."', ["secret-0-0"]),
        ('"/run/credentials/token"', ["secret-0-0"]),
        ('["a", "/b"]', ["secret-0-0", "secret-0-1"]),
    ],
)
def test_secrets_in_files_lie_beside_the_file(named, own):
    """No other file is read or written over, be it the static file's or the scenario's."""
    of_file = EXAMPLE.replace('secret-env = "TWILIO_AUTH_TOKEN"', f"secret-file = {named}")
    of_scenario = f"worker = {{ number = {{ secret-env = [], secret-file = {named} }} }}"

    assert [own, own] == [
        worker_of("", of_file).number.secret_file,
        worker_of(of_scenario).number.secret_file,
    ]


@pytest.mark.parametrize(
    ("period", "speed", "expected_ms"),
    [("30d", 2, 1_296_000_000), ("3650d", 1.5, 210_240_000_000), ("1m1s1ms", 1, 61_001), ("10d", 9e8, 1)],
)
def test_a_period_of_any_length_can_be_compressed(period, speed, expected_ms):
    """A number in a static file has nine digits at most, and a month in milliseconds has ten."""
    limit = f'[limit]\nsender = {{ period = "{period}" }}\n'

    assert expected_ms == worker_of(f"speed = {speed}", EXAMPLE + limit).limit.sender.period


def test_a_worker_of_the_harness_records_nothing():
    """The folder of the traces is the tested worker's; its other keys stay."""
    server = worker_of("", EXAMPLE + '\n[server]\ntrace = "traces"\nworkers = 3\n').server

    assert (None, 3) == (server.trace, server.workers)


def test_compressed_periods_are_shorter_and_the_pace_is_faster():
    """A day in 24 seconds: a sender's period is 24 s, and a French block's as well, and 35 a day are 35 in 24 s."""
    config = worker_of("speed = 3600")

    assert Limit(burst=1, count=1, period=24_000) == config.limit.sender
    assert BlockLimit(digits=4, burst=2, count=2, period=24_000) == config.limit.block
    assert 35_000_000 == pace_bucket(config).per_us * 24_000_000


def test_limits_that_follow_from_several_plans_are_not_compressed():
    """A file can say one; where they are alike, that one is said."""
    french = '"+33" = "0.0763"'
    alike = worker_of("speed = 3600", EXAMPLE.replace(french, f'{french}, "+41" = "0.1"'))

    assert BlockLimit(digits=4, burst=2, count=2, period=24_000) == alike.limit.block
    with pytest.raises(ValueError, match=r"limit\.block: by the numbering plans several hold"):
        worker_of("speed = 3600", EXAMPLE.replace(french, f'{french}, "+1" = "0.1"'))


def test_money_is_not_compressed():
    """Kitty and burst stay, the default burst of a quarter of a day as well."""
    config = worker_of("speed = 3600")

    assert (2_000_000_000, 8_750_000) == (config.budget.kitty, config.budget.burst)


def test_a_written_burst_stays():
    """It is money."""
    config = worker_of("speed = 3600", EXAMPLE + 'burst = "2"\n')

    assert 2_000_000 == config.budget.burst


def test_a_period_rounds_up_to_a_millisecond():
    """Stricter than the world, never more generous."""
    config = worker_of("speed = 7000000")

    assert (13, 13) == (config.limit.sender.period, config.limit.block.period)
    assert 0 < count_bucket(config.limit.sender).per_us


def test_a_pace_beyond_what_a_file_can_say_is_the_fastest_that_it_can():
    """Nine digits are the most."""
    assert 999_999_999_000_000 == worker_of("speed = 100000000").budget.per_day


def test_a_scenario_can_say_what_its_worker_is_like():
    """Key by key, over what the file says."""
    config = parse(worker_file(EXAMPLE, load("spend-race")))

    assert (763_000, 0, {"+33": 76_300}, "twilio") == (
        config.budget.kitty,
        config.price.received,
        config.price.reply,
        config.number.provider,
    )


def test_the_server_can_be_put_elsewhere():
    """Address and number of workers are whoever's that starts it."""
    config = worker_of("", bind="127.0.0.1:9999", workers=2)

    assert ("127.0.0.1:9999", 2) == (config.server.bind, config.server.workers)


def test_every_kind_of_value_survives():
    """Dates, lists, tables in lists, quotes and backslashes are written as they were read."""
    text = EXAMPLE.replace('per-day = "35"', "lasts-until = 2030-10-30") + (
        '[server]\norigin-secret-env = ["A", "B"]\n'
        '[[reply.in]]\nprefixes = ["+44"]\ntext = "\\"No\\" \\\\ means no \\u00e9"\n'
    )
    config = worker_of("", text)

    assert dt.date(2030, 10, 30) == config.budget.lasts_until
    assert (["A", "B"], '"No" \\ means no \u00e9') == (config.server.origin_secret_env, config.reply.in_[0].text)


def test_a_last_day_cannot_be_compressed():
    """It says what to write instead."""
    with pytest.raises(ValueError, match="a date cannot be compressed; write per-day, or play at speed 1"):
        worker_of("speed = 60", EXAMPLE.replace('per-day = "35"', "lasts-until = 2030-10-30"))


def test_what_a_scenario_misspells_is_an_error_of_the_file():
    """The worker's own reading finds it."""
    with pytest.raises(ConfigError, match="test: budget: unknown key 'kity'; did you mean \"kitty\""):
        worker_file(EXAMPLE, scenario_of('speed = 60\nworker = { budget = { kity = "1" } }'))


def test_what_receiving_may_cost_is_compressed_as_the_pace_is():
    """As many people and as much money in less time, times off as much shorter; what goes at once stays, written or not."""
    given = worker_of(
        "speed = 3600", EXAMPLE + '[receiving]\nper-day = "20"\nburst = "30"\npeople-per-day = 10\n'
    ).receiving
    derived = worker_of("speed = 3600").receiving
    free = worker_of("speed = 3600", EXAMPLE.replace('received = "0.0075"', 'received = "0"')).receiving

    assert (36_000, 500, 72_000_000_000, 30_000_000) == (
        given.people_per_day,
        given.time_off,
        given.per_day,
        given.burst,
    )
    assert (360_000, 9_750_000 * 3600, 97_500_000) == (derived.people_per_day, derived.per_day, derived.burst)
    assert (360_000, None, None) == (free.people_per_day, free.per_day, free.burst)
    assert (1_000_000, 1) == (
        worker_of("speed = 9e8").receiving.people_per_day,
        worker_of("speed = 9e8").receiving.time_off,
    )


@pytest.mark.parametrize(
    ("added", "names"),
    [
        ('[receiving]\ndetach = "yes"\n', ("FLOOD_API_ACCOUNT", "FLOOD_API_KEY", "FLOOD_API_SECRET")),
        ("", (None, None, None)),
    ],
)
def test_what_would_be_asked_of_the_provider_is_asked_of_the_harness(added, names):
    """A file that detaches its number, or could: the real provider is never called."""
    number = worker_of("", EXAMPLE + added, api_url="http://127.0.0.1:9").number
    keys = (
        'api-account-env = "A"\napi-key-env = "B"\napi-secret-env = "C"\napi-url = "https://api.example.org"\n[reply]'
    )
    own = worker_of("", EXAMPLE.replace("[reply]", keys, 1), api_url="http://127.0.0.1:9").number

    assert names == (number.api_account_env, number.api_key_env, number.api_secret_env)
    assert ("http://127.0.0.1:9" if added else None) == number.api_url
    assert ("A", "B", "C", "http://127.0.0.1:9") == (
        own.api_account_env,
        own.api_key_env,
        own.api_secret_env,
        own.api_url,
    )


FOUR = "numbers = { count = 4, known = 1 }"


def test_a_file_with_one_number_gets_as_many_as_are_given_away():
    """Each with the next phone, a path and secrets of its own, and all else alike."""
    text = EXAMPLE.replace("[reply]\n", '[number.price]\nreceived = "0.005"\n\n[reply]\n', 1)
    own = worker_of(FOUR, text).numbers

    assert [f"+3393700000{at}" for at in range(4)] == [number.phone for number in own]
    assert [f"https://sms.example.org/sms{end}" for end in ("", "/1", "/2", "/3")] == [number.url for number in own]
    assert ["TWILIO_AUTH_TOKEN", ["TWILIO_AUTH_TOKEN_1"]] == [number.secret_env for number in own[:2]]
    assert ({"twilio"}, {5_000}) == ({number.provider for number in own}, {number.price.received for number in own})


def test_an_address_keeps_its_query_and_secrets_in_files_are_each_numbers_own():
    """Nobody's secret is another's, in whichever form."""
    text = EXAMPLE.replace("org/sms", "org/?of=us").replace(
        'secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = ["a", "b"]'
    )
    own = worker_of(FOUR, text).numbers

    assert ["https://sms.example.org/?of=us", "https://sms.example.org/1?of=us"] == [number.url for number in own[:2]]
    assert [["secret-0-0", "secret-0-1"], ["secret-1-0", "secret-1-1"]] == [number.secret_file for number in own[:2]]


def test_a_file_with_several_keeps_its_own():
    """Compressed as any other; receiving goes by the dearest of them."""
    text = EXAMPLE.replace("[number]", "[[number]]").replace(
        "[reply]\n",
        '[[number]]\nphone = "+33937000009"\nprovider = "46elks"\nurl = "https://sms.example.org/x"\nprice = { received = "0.02" }\n\n[reply]\n',
        1,
    )
    for head in ("speed = 480", "speed = 480\nnumbers = { count = 2, known = 1 }"):
        own = worker_of(head, text)
        assert [number.phone for number in parse(text).numbers] == [number.phone for number in own.numbers]
        assert 13 * 100 * 20_000 * 480 == own.receiving.per_day


@pytest.mark.parametrize("number", ["5", "[]", '{ phone = "5" }'])
@pytest.mark.parametrize("head", ["", FOUR + "\n"])
def test_what_a_scenario_says_of_the_number_is_looked_at_first(head, number):
    """One line, and no traceback of what would be made of it."""
    with pytest.raises(ConfigError, match="test: number"):
        worker_of(f"{head}worker = {{ number = {number} }}")


def keys_of(config):
    """Return by which variables, and where, something is asked about each number."""
    return [
        (number.api_account_env, number.api_key_env, number.api_secret_env, number.api_url) for number in config.numbers
    ]


HERE, NOBODY = "http://127.0.0.1:9", (None, None, None, None)
KEYS = 'api-account-env = "A"\napi-key-env = "B"\napi-secret-env = "C"\n'
DETACHED = '\n[receiving]\ndetach = "yes"\n'


def test_several_numbers_made_of_one_ask_the_harness_with_its_key():
    """They are at one account; without a key, and with nothing to detach, nobody asks."""
    keyed = EXAMPLE.replace("[reply]\n", f'{KEYS}api-url = "https://api.example.org"\n[reply]\n', 1)

    assert [("A", "B", "C", HERE)] * 4 == keys_of(worker_of(FOUR, keyed, api_url=HERE))
    assert [(*API.values(), HERE)] * 4 == keys_of(worker_of(FOUR, EXAMPLE + DETACHED, api_url=HERE))
    assert [NOBODY] * 4 == keys_of(worker_of(FOUR, api_url=HERE))


def test_of_a_files_own_numbers_each_asks_with_its_own_key():
    """And one without a key asks nobody, but where all are to be detached: then it gets one of the run's own."""
    another = EXAMPLE[EXAMPLE.index("[number]") : EXAMPLE.index("[reply]")].replace("[number]", "[[number]]")
    second = another.replace("+33937000000", "+33937000001").replace("/sms", "/second")
    both = EXAMPLE.replace("[number]", "[[number]]").replace("[reply]\n", f"{second}{KEYS}\n[reply]\n", 1)

    assert [NOBODY, ("A", "B", "C", HERE)] == keys_of(worker_of("", both, api_url=HERE))
    assert [(*API.values(), HERE), ("A", "B", "C", HERE)] == keys_of(worker_of("", both + DETACHED, api_url=HERE))


def test_one_number_may_stand_in_either_form():
    """As `[[number]]` it is the same worker, and what it asks its provider for is asked of the harness."""
    for text in (EXAMPLE, EXAMPLE + DETACHED):
        one, single = (worker_of("", found, api_url=HERE) for found in (text, text.replace("[number]", "[[number]]")))
        assert [one.number] == single.numbers
