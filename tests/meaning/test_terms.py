"""From the static file to the parts: prefixes, prices, the pace, the provider, the secrets."""

import datetime as dt
import pickle

import msgspec
import pytest

from edge import wiring
from edge.configfile import parse
from edge.core.charging.charge import Totals
from edge.core.kept.hourly import Hourly
from edge.core.limits.bucket import UNUSED, count_limit, money_limit
from edge.core.limits.rules import Cost, Reserve
from edge.errors import ConfigError
from edge.meaning import insight, terms
from edge.providers import provider_type
from edge.setup import provider_of, secrets_of
from tests.parts import NOW_MS, setup_of
from tests.worker import URL, config, sender

DAY_MS = 86_400_000


def _parse(*changes):
    text = config(kitty="2000", per_day="35", burst="8", block=5)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text)


TWO_TEXTS = ("[price]", '[[reply.in]]\nprefixes = ["+44", "+336"]\ntext = "No means no."\n[price]')


def test_every_prefix_that_matters_has_a_text_and_a_price():
    """The longest prefix decides, for the text and for the price each."""
    assert {"+33": (0, 76_300), "+336": (1, 76_300), "+44": (1, 40_000)} == terms.prices_of(_parse(TWO_TEXTS))


def test_a_text_without_a_price_leads_nowhere():
    """A prefix with a text but without a price is no route, and its senders are unserved."""
    parsed = _parse(("[price]", '[[reply.in]]\nprefixes = ["+1"]\ntext = "No."\n[price]'))
    routes = terms.routes_of(parsed, terms.purse_of(parsed, 0, NOW_MS))

    assert routes.find("+15550100000") is None
    assert routes.find(sender(1)) is not None


def test_a_reply_costs_its_segments():
    """Two segments cost twice the price of one."""
    parsed = _parse(("Non, c'est non.", "Non, c'est non. " * 11))

    assert {"+33": (0, 152_600), "+44": (0, 80_000)} == terms.prices_of(parsed)


def test_the_pace_of_a_route_follows_from_its_price():
    """A reply takes out of the pace what it costs, where there is room for the dearest; a quarter of both is kept."""
    parsed = _parse()
    route = terms.routes_of(parsed, terms.purse_of(parsed, 0, NOW_MS)).find(sender(1))

    limits = [
        money_limit(price=76_300, burst=burst, amount=amount, period_ms=DAY_MS)
        for burst, amount in ((8_000_000, 35_000_000), (2_000_000, 8_750_000))
    ]
    assert Cost(76_300, limits[0], Reserve(limits[1], 2_000_000)) == route.cost


def test_the_limits_are_those_of_the_file():
    """Burst, count and period of sender and block become limits; the kitty is in micros."""
    rules = terms.rules_of(_parse())

    assert count_limit(burst=1, count=1, period_ms=DAY_MS) == rules.sender
    assert count_limit(burst=5, count=1, period_ms=3_600_000) == rules.block
    assert 2_000_000_000 == rules.kitty_micros


def test_the_burst_is_a_quarter_of_a_day_unless_it_is_given():
    """Without a burst, a quarter of a day's pace can go at once."""
    purse = terms.purse_of(_parse(('burst = "8"\n', "")), 0, NOW_MS)

    assert 8_750_000 == purse.burst_micros


@pytest.mark.parametrize("per_day", ["0.000001", "0.05", "0.3052"])
def test_the_burst_pays_the_dearest_reply(per_day):
    """However slow the pace is: a bucket that never holds one reply would answer nobody for ever."""
    purse = terms.purse_of(_parse(('burst = "8"\n', ""), ('"35"', f'"{per_day}"')), 0, NOW_MS)

    assert 76_300 == purse.burst_micros


def test_a_kitty_that_is_nearly_spent_still_pays_a_reply():
    """With a day to last until: what is left of it, and whatever the date, one reply can be paid while there is money."""
    parsed = _parse(('burst = "8"\n', ""), ('per-day = "35"', "lasts-until = 2999-12-31"))
    purse = terms.purse_of(parsed, 1_999_900_000, NOW_MS)

    assert (1, 76_300) == (purse.per_day_micros, purse.burst_micros)


def test_lasts_until_spreads_what_is_left():
    """With half of the kitty gone and ten days to go, the pace is a tenth of the other half, rounded down."""
    until = dt.datetime.fromtimestamp(NOW_MS / 1000, dt.UTC).date() + dt.timedelta(days=10)
    parsed = _parse(('per-day = "35"', f"lasts-until = {until}"))
    end_ms = int(dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), dt.UTC).timestamp()) * 1000

    assert 1_000_000_000 * DAY_MS // (end_ms - NOW_MS) == terms.purse_of(parsed, 1_000_000_000, NOW_MS).per_day_micros
    assert 1 == terms.purse_of(parsed, 3_000_000_000, NOW_MS).per_day_micros


def test_the_pace_of_the_hour_is_the_one_that_the_ledger_keeps():
    """Whatever is left by now; one of another kitty or another day is another file's."""
    parsed = _parse(('per-day = "35"', "lasts-until = 2028-01-01"))
    until_ms = terms.rules_of(parsed).lasts.until_ms
    kept = [Hourly(4_000_000, 2_000_000_000, until_ms), Hourly(1, 1, until_ms), Hourly(1, 2_000_000_000, 1), None]
    anew = terms.purse_of(parsed, 1_000_000_000, NOW_MS).per_day_micros
    totals = Totals({}, 0, 1_000_000_000, UNUSED, NOW_MS)

    assert [4_000_000, anew, anew, anew] == [
        terms.purse_after(parsed, msgspec.structs.replace(totals, hourly=hourly)).per_day_micros for hourly in kept
    ]
    assert 35_000_000 == terms.purse_after(_parse(), msgspec.structs.replace(totals, hourly=kept[0])).per_day_micros


def test_after_its_day_a_number_is_silent_and_says_why():
    """It starts all the same: silence is a 200, and an error would be retried."""
    over = _parse(('per-day = "35"', "lasts-until = 2020-01-01"))

    assert (0, 0) == (terms.purse_of(over, 0, NOW_MS).per_day_micros, terms.purse_of(over, 0, NOW_MS).burst_micros)
    assert terms.silence_of(over, NOW_MS).startswith("budget.lasts-until: 2020-01-01 is over, so nobody is answered")
    assert "" == terms.silence_of(_parse(), NOW_MS)


def test_the_pace_of_a_route_is_not_known_before_the_ledger_says_it():
    """With a day to last until, memory refuses nobody for the pace before; the ledger has the rules for it."""
    parsed = _parse(('per-day = "35"', "lasts-until = 2028-01-01"))
    route = terms.routes_of(parsed, terms.purse_of(parsed, 0, NOW_MS)).find(sender(1))

    assert 2_000_000_000 == route.cost.pace.capacity
    assert (1_830_384_000_000, 8_000_000, 76_300) == msgspec.structs.astuple(terms.rules_of(parsed).lasts)
    assert None is terms.rules_of(_parse()).lasts


def test_an_unknown_provider_is_refused_with_the_nearest_name():
    """A misspelt provider gets a suggestion and the list."""
    with pytest.raises(ConfigError, match="found 'twillio'; did you mean \"twilio\""):
        provider_type("twillio")


def test_a_provider_that_signs_needs_a_secret():
    """Without a secret nothing would ever verify, so the worker does not start."""
    with pytest.raises(ConfigError, match="twilio signs its requests; write where the secret is"):
        provider_of(_parse(('secret-env = "TWILIO_AUTH_TOKEN"\n', "")), [])


def test_the_webhook_path_is_that_of_the_address():
    """The path is decoded as the server decodes it; an address without one means the root."""
    assert "/é/sms" == terms.webhook_path(_parse(("example.org/sms", "example.org/%C3%A9/sms?x=1")))
    assert "/" == terms.webhook_path(_parse(("https://sms.example.org/sms", "https://sms.example.org")))


def test_secrets_are_read_from_where_the_file_says(tmp_path):
    """Provider's secret, CDN's secrets and status key come from the environment, under the names in the file."""
    parsed = _parse(("workers = 1", 'workers = 1\norigin-secret-env = ["A", "B"]\nstatus-key-env = "KEY"'))
    environ = {"TWILIO_AUTH_TOKEN": "token", "A": "a", "B": "b", "KEY": "key"}

    assert ([["token"]], ["a", "b"], "key") == secrets_of(parsed, tmp_path, environ)
    assert ([["token"]], [], None) == secrets_of(_parse(), tmp_path, environ)


def test_a_setup_survives_being_sent_to_another_process():
    """Workers that are spawned, not forked, get the setup by pickle, unchanged."""
    setup = setup_of(config().replace("[price]", TWO_TEXTS[1]))

    assert setup == pickle.loads(pickle.dumps(setup))
    assert wiring.desk_of(setup, wiring.gate_of(setup)) is not None


def test_the_watch_goes_by_what_the_file_says():
    """The cheapest reply, the time of the digest in minutes of the day, and none for `never`."""
    parsed = parse(config() + '[alert]\nlanguage = "fr"\ndigest = "19:30"\nquiet = "2d"\n')
    never = parse(config() + '[alert]\ndigest = "never"\n')
    purse = terms.purse_of(parsed, 0, NOW_MS)
    watched = insight.alert_terms_of(parsed, purse)

    assert ("fr", "EUR", 40_000, 19 * 60 + 30, 2 * DAY_MS) == (
        watched.language, watched.currency, watched.price_micros, watched.digest_minute, watched.quiet_ms,
    )  # fmt: skip
    assert (purse.kitty_micros, purse.burst_micros * 3 // 4) == (watched.kitty_micros, watched.burst_micros)
    assert insight.alert_terms_of(never, purse).digest_minute is None
    assert {int} == {type(watched.kitty_micros), type(watched.burst_micros), type(watched.quiet_ms)}


MAY_DETACH = '[receiving]\ndetach = "yes"\n'


@pytest.mark.parametrize(
    ("url", "alert", "expected"),
    [
        (URL, "", {}),
        (URL, '[alert]\nto-env = "A"\n', {"silence": "https://sms.example.org/silence"}),
        (
            "https://sms.example.org:8443/sms/secret?x=1",
            '[alert]\nto-env = "A"\n',
            {"silence": "https://sms.example.org:8443/silence"},
        ),
        (
            URL,
            '[alert]\nto-env = "A"\npublic-url = "https://me.example.org/"\n',
            {"silence": "https://me.example.org/silence"},
        ),
        ("https://sms.example.org/silence", '[alert]\nto-env = "A"\n', {}),
        (URL, '[alert]\nto-env = "A"\n[receiving]\ndetach = "say"\n', {"silence": "https://sms.example.org/silence"}),
        (
            URL,
            f'[alert]\nto-env = "A"\n{MAY_DETACH}',
            {"silence": "https://sms.example.org/silence", "detach": "https://sms.example.org/detach"},
        ),
        (
            "https://sms.example.org/detach",
            f'[alert]\nto-env = "A"\n{MAY_DETACH}',
            {"silence": "https://sms.example.org/silence"},
        ),
        (URL, MAY_DETACH, {}),
    ],
)
def test_a_button_is_where_the_provider_calls_or_where_the_file_says(url, alert, expected):
    """Nothing of the webhook's path is in its address; where nobody is told anything, or the webhook lies there, is none.

    The one that detaches is there only where the file lets the number be detached.
    """
    assert expected == insight.button_urls_of(parse(config().replace(URL, url) + alert))


def test_the_watch_goes_by_what_first_messages_may_cost():
    """A flood of strangers never uses up what is kept for second knocks."""
    parsed = _parse()

    assert 6_000_000 == insight.alert_terms_of(parsed, terms.purse_of(parsed, 0, NOW_MS)).burst_micros
