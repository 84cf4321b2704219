"""What `check` finds: the promises that cannot hold, and what follows from a file that does."""

import re

import pytest

from edge.configfile import parse
from edge.meaning.findings import as_json, examine
from edge.providers import PROVIDERS
from tests.parts import NOW_MS
from tests.worker import config

HOLDS = config(kitty="2000", per_day="35", burst="8", block=5)
ELSEWHERE = [
    "price.reply: +262, +508, +590, +594, +596, +681, +687, +689 belong to the same country as +33 and have no price: "
    "senders there are never answered",
    "price.reply: what is priced of +44 reaches GG (+441481…), IM (+441624…), JE (+441534…) too, which providers price "
    "apart: give them a price of their own, or replies there may cost more than is counted",
]
"""What is said of a file that prices France and the United Kingdom alone."""


def _findings(*changes, text=HOLDS):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return examine(parse(text), NOW_MS)


def _errors(*changes):
    return _findings(*changes).errors


def test_a_file_that_holds_has_its_consequences_counted():
    """Prices, replies bought, worst hour and day, the end of the kitty and the bound on memory follow from the file."""
    found = as_json(_findings())

    assert (True, [], ELSEWHERE) == (found["ok"], found["errors"], found["warnings"])
    assert [{"prefixes": ["*"], "encoding": "GSM-7", "units": 24, "segments": 1, "suggestion": None}] == found[
        "replies"
    ]
    assert [
        {"prefix": "+33", "reply": "0.0763", "exchange": "0.0838"},
        {"prefix": "+44", "reply": "0.04", "exchange": "0.0475"},
    ] == found["prices"]
    assert 23_866 == found["kitty_buys"]
    assert ("9.458334", "43.00") == (found["worst_hour"], found["worst_day"])
    assert "2027-03-13" == found["lasts_until"]
    assert (8_000_000 + 4 * 35_000_000) // 40_000 == found["live_buckets_max"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], {"at_once": "2.00", "per_day": "8.75"}),
        ([("[budget]\n", "[knock]\nshare = 0.5\n[budget]\n")], {"at_once": "4.00", "per_day": "17.50"}),
        ([("[budget]\n", "[knock]\nshare = 0\n[budget]\n")], None),
        ([('burst = "8"', 'burst = "0.30"')], None),
    ],
    ids=["a quarter", "as written", "none", "a quarter that pays no reply"],
)
def test_what_is_kept_for_second_knocks_follows_from_the_file(changes, expected):
    """A quarter of the pace unless the file says otherwise; nothing, and no error, where a quarter would not pay a reply."""
    found = as_json(_findings(*changes))

    assert ([], expected) == (found["errors"], found["reserve"])


def test_money_never_exceeds_the_kitty():
    """A pace beyond the kitty is a warning, and the worst hour and day are the kitty."""
    found = as_json(_findings(('kitty = "2000"', 'kitty = "10"')))

    assert ["budget.per-day: more than the kitty; the pace limits nothing", *ELSEWHERE] == found["warnings"]
    assert ("9.458334", "10.00") == (found["worst_hour"], found["worst_day"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            ("Non, c'est non.", "Non, c’est non." + " Merci." * 10),
            "reply.text: 2 segments (94 units of UCS-2), and reply.segments-max is 1; "
            "without '’' it takes 1: \"Bonjour. Non, c'est non." + " Merci." * 10 + '"',
        ),
        (
            ("Non, c'est non.", "Non, c'est non." + " Merci." * 20),
            "reply.text: 2 segments (164 units of GSM-7), and reply.segments-max is 1; cut 4 units to save one",
        ),
        (
            ('burst = "8"', 'burst = "0.05"'),
            "budget.burst: 0.05 does not pay one reply to +33 (0.0763): nobody there would ever be answered; raise it",
        ),
        (
            ("[budget]\n", "[knock]\nshare = 0.009\n[budget]\n"),  # 0.072 of 8.00
            "knock.share: 0.009 of what goes at once (8.00): what it keeps does not pay the dearest reply (0.0763); write "
            "another share, or 0 for none, or raise budget.burst",
        ),
        (
            ("[budget]\n", "[knock]\nshare = 0.991\n[budget]\n"),
            "knock.share: 0.991 of what goes at once (8.00): what it leaves for first messages does not pay the dearest reply",
        ),
        (
            ('burst = "8"', 'burst = "0.039999"'),  # a millionth short of the cheaper one
            "budget.burst: 0.039999 does not pay one reply to +44 (0.04): nobody there would ever be answered; raise it",
        ),
        (
            ('kitty = "2000"', 'kitty = "0.08"'),
            "budget.kitty: 0.08 does not pay one exchange with +33 (0.0838)",
        ),
        (("twilio", "twillio"), "number.provider: found 'twillio'; did you mean \"twilio\"? "),
        (("/sms", "/readyz"), "number.url: the path /readyz is one of our own pages; choose another"),
        (("org/sms", "org/status"), "number.url: the path /status is one of our own pages; choose another"),
        (("org/sms", "org/status/live.json"), "number.url: the path /status/live.json is one of our own pages"),
        (("org/sms", "org/%6detrics"), "number.url: the path /metrics is one of our own pages; choose another"),
        (
            ('"twilio"', '"46elks"'),
            "number.url: nothing in a 46elks request proves who sent what; end the path in at least 16 random "
            "characters, or have the CDN add a secret (server.origin-secret-env)",
        ),
        (
            ('"twilio"', '"plivo"\napi-account-env = "A"\napi-key-env = "B"\napi-secret-env = "C"'),
            "number.api-account-env: nothing here calls plivo's API, only that of twilio; leave api-account-env, "
            "api-key-env and api-secret-env out",
        ),
        (
            (
                "[price]",
                '[[reply.in]]\nprefixes = ["+44"]\ntext = "No."\n[[reply.in]]\nprefixes = ["+44"]\ntext = "No!"\n[price]',
            ),
            "reply.in[1].prefixes: '+44' stands in two texts; leave it in one",
        ),
    ],
)
def test_a_promise_that_cannot_hold_is_an_error(change, error):
    """Each fault gives its one line: where, what was found, what would be right."""
    assert any(found.startswith(error) for found in _errors(change)), _errors(change)


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (
            ('per-day = "35"\nburst = "8"', "lasts-until = 2020-01-01"),
            "budget.lasts-until: 2020-01-01 is over, so nobody is answered; write a day to come, or per-day",
        ),
        (
            (
                '[number]\nphone = "+33937000000"\nprovider = "twilio"\nurl = "https://sms.example.org/sms"',
                '[alert]\nto-env = "A"\n[number]\nphone = "+33937000000"\nprovider = "twilio"\nurl = "https://sms.example.org/silence"',
            ),
            "number.url: its path /silence is that of a button in alerts, which then is in none; choose another",
        ),
        (("[number]", "paused = true\n[number]"), "paused: nobody is answered until it is false"),
        (
            ("https://", "http://"),
            "number.url: without https everybody on the way can read and repeat what the provider sends",
        ),
        (
            ("+33937000000", "+33644649021"),
            "number.phone: since 2023 French numbers in 06 and 07 are for people only (Arcep, decision 2022-1583); "
            "0937 to 0939 are for technical platforms",
        ),
        (
            ("[price]", '[[reply.in]]\nprefixes = ["+1"]\ntext = "No."\n[price]'),
            "reply.in[0].prefixes: '+1' has a text but no price: senders there are never answered",
        ),
        (
            ('per-day = "35"\nburst = "8"', 'per-day = "0.30"'),
            "budget: a quarter of 0.30 a day does not pay the dearest reply (0.0763); so that it can be paid at all, that much goes at once",
        ),
        (
            ('per-day = "35"', 'per-day = "0.0305"'),
            "budget: 0.0305 a day pays the dearest reply once in 61 hours",
        ),
    ],
)
def test_what_an_operator_would_rather_know_is_a_warning(change, warning):
    """Each oddity that breaks no promise is a warning, and the file still holds."""
    found = _findings(change)

    assert ([], [warning, *ELSEWHERE]) == (found.errors, found.warnings)


def test_a_secret_from_the_cdn_replaces_a_secret_path():
    """A provider without signatures may have a plain path when the CDN proves the origin."""
    assert [] == _errors(('"twilio"', '"46elks"'), ("workers = 1", 'workers = 1\norigin-secret-env = "ORIGIN"'))


def test_lasts_until_sets_the_pace():
    """With a day to last until, what is left is spread over the days until its end."""
    found = as_json(_findings(('per-day = "35"\nburst = "8"', "lasts-until = 2027-01-24")))

    assert "2027-01-24" == found["lasts_until"]


def _of_prices(prices):
    """Return what is said about prefixes that are left out, or that share a calling code."""
    return [
        w for w in _findings(('{ "+33" = "0.0763", "+44" = "0.04" }', prices)).warnings if w.startswith("price.reply")
    ]


def test_what_has_a_price_of_its_own_is_not_missed():
    """Parts of a country that are priced are not named, and none is once all are; nor is a neighbour with a price."""
    parts = '"+262" = "0.1", "+508" = "0.1", "+590" = "0.1", "+594" = "0.1", "+596" = "0.1"'
    rest = '"+681" = "0.1", "+687" = "0.1", "+689" = "0.1"'
    islands = '"+447781" = "0.1", "+441624" = "0.1"'

    assert ["+681, +687, +689"] == [
        w.removeprefix("price.reply: ").partition(" belong")[0]
        for w in _of_prices(f'{{ "+33" = "0.07", {parts} }}')
        if "belong" in w
    ]
    assert [] == [w for w in _of_prices(f'{{ "+33" = "0.07", {parts}, {rest} }}') if "belong" in w]
    assert [True] == ["reaches JE (+441534…) too" in w for w in _of_prices(f'{{ "+44" = "0.04", {islands} }}')]


@pytest.mark.parametrize(
    ("prices", "reached"),
    [
        ('{ "+447" = "0.04" }', ["GG (+447781…), IM (+4474576…), JE (+447509…) too"]),
        ('{ "+4420" = "0.04" }', []),
        ('{ "+1" = "0.01" }', ["AG (+1268…), AI (+1264…), AS (+1684…), BB (+1246…), BM (+1441…), BS (+1242…) and 18 more"]),
        ('{ "+7" = "0.04" }', ["KZ (+77…) too"]),
        ('{ "+32" = "0.07" }', []),
    ],
)  # fmt: skip
def test_a_price_that_reaches_another_country_is_named_with_it(prices, reached):
    """Jersey under +44, Kazakhstan under +7, two dozen countries under +1; only where the priced prefix reaches."""
    found = _of_prices(prices)

    assert len(reached) == len(found)
    assert all(f"reaches {part}" in line for part, line in zip(reached, found, strict=True))


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            [('"twilio"', '"46elks"'), ("/sms", "/sms/7c1f0a9e5b7c1f0a9e5b"), ("Bonjour.", "{ 'reply': 1 }")],
            ["reply.text: begins with a brace, and 46elks would take it for JSON with actions; write text"],
        ),
        (
            [('"twilio"', '"46elks"'), ("/sms", "/sms/7c1f0a9e5b7c1f0a9e5b"),
             ("[price]", '[[reply.in]]\nprefixes = ["+44"]\ntext = "{}"\n[price]')],
            ["reply.in[0].text: begins with a brace, and 46elks would take it for JSON with actions; write text"],
        ),
        (
            [("Bonjour.", "Bonjour\\uffff.")],
            ["reply.text: found U+FFFF, which no answer can carry; leave it out"],
        ),
        (
            [("https://sms.example.org/sms", "https://a:/")],
            ['number.url: not a whole address; write it as entered at the provider, such as "https://sms.example.org/sms"'],
        ),
    ],
)  # fmt: skip
def test_what_a_worker_would_refuse_is_found_before(changes, errors):
    """A text that no answer carries, or that the provider takes for an order; an address that cannot be taken apart."""
    changes = [(old.replace("/sms", ".org/sms") if old == "/sms" else old, new.replace("/sms", ".org/sms", 1) if old == "/sms" else new) for old, new in changes]  # fmt: skip

    assert errors == _errors(*changes)


@pytest.mark.parametrize(
    ("provider", "noted"), [("twilio", "subaccount"), ("plivo", "subaccount"), ("46elks", "sms_replies=no")]
)
def test_what_has_to_be_seen_to_at_the_provider_is_noted(provider, noted):
    """Nothing here can see it, and each of them has cost somebody a day."""
    note, *_ = as_json(_findings(('"twilio"', f'"{provider}"')))["notes"]

    assert note.startswith(f"{provider}: ")
    assert noted in note


def test_where_there_is_nothing_to_see_to_there_is_no_note():
    """SignalWire's key is said by its documentation; all that is noted is its limit on the bill."""
    assert ["signalwire limits the bill"] == [
        note.partition(",")[0] for note in _findings(('"twilio"', '"signalwire"')).notes
    ]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_the_provider_itself_offers_as_a_limit_is_noted(provider):
    """Each of them has one at least, with the address of what says so."""
    notes = [note for note in _findings(('"twilio"', f'"{provider}"')).notes if "limits the bill" in note]

    assert notes
    assert all(re.search(r" \(https://[^ ]+\)$", note) for note in notes)
