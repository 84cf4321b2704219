"""What a reload says is different: keys with values where they tell nothing that is secret."""

import pytest
from msgspec.structs import replace

from edge.serving.differences import differences
from tests.parts import setup_of
from tests.web.test_numbers import SECOND, two
from tests.worker import config

TEXT = config()
KEPT = "; TWILIO_AUTH_TOKEN as of the start: a variable of the environment changes at a restart only"


def said(before, now, **more):
    """Return what is said of two files, but for what is always said of variables."""
    whole = differences(setup_of(before), replace(setup_of(now), **more))
    return whole.removesuffix(KEPT)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", "nothing is different"),
        ("[number]", "paused = true\n[number]", "paused no → yes"),
        ('kitty = "2000"', 'kitty = "2000.000001"', "budget.kitty 2000.00 → 2000.000001"),
        ('per-day = "100000"', "lasts-until = 2030-01-01", "budget.per-day 100000.00 → none; budget.lasts-until none → 2030-01-01"),
        ('"+33" = "0.0763", "+44"', '"+33" = "0.08", "+45"', "price.reply.+33 0.0763 → 0.08; price.reply.+44 0.04 → none; price.reply.+45 none → 0.04"),
        ('received = "0.0075"', 'received = "0"', "price.received 0.0075 → 0.00"),
        ("[price]\n", "[knock]\nshare = 0.4\n[price]\n", "knock.share none → 0.4"),
        ('burst = 1, count = 1, period = "24h"', 'burst = 2, count = 1, period = "90m"', "limit.sender.burst 1 → 2; limit.sender.period 1d → 90m"),
        ('period = "24h"', 'period = "1s1ms"', "limit.sender.period 1d → 1001ms"),
        ("Bonjour", "Bonsoir", "reply.text"),
        ("[price]", '[[reply.in]]\nprefixes = ["+336"]\ntext = "Non."\n[price]', "reply.in"),
        ("https://", "http://", "number.url"),
        ("[server]", '[server]\ntrace = "traces"', "server.trace"),
        ("workers = 1", "workers = 2", "nothing is different"),
    ],
)  # fmt: skip
def test_a_key_is_named_with_what_it_was_and_is(old, new, expected):
    """Money, counts, times and dates are shown; texts, addresses and paths are only named; what waits for a start is left out."""
    assert expected == said(TEXT, TEXT.replace(old, new) if old else TEXT)


def test_a_secret_in_a_file_is_another_one():
    """The file has changed, and not its name: said without it."""
    in_file = TEXT.replace('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"')

    assert "nothing is different" == said(in_file, in_file)
    assert "number.secret-file: what it holds" == said(in_file, in_file, secrets=["another"])
    assert "another" not in differences(setup_of(in_file), replace(setup_of(in_file), secrets=[["another"]]))


def test_a_number_that_is_added_or_goes_is_said_by_its_place():
    """The one that was alone is the first; of those that stay, the keys are named as ever."""
    several = two(per_day="100000")
    one = several.replace(SECOND, "[reply]\n")
    alone = one.replace("[[number]]", "[number]")

    assert ("nothing is different", "number[1] is new", "number[1] is new", "number[1] is gone") == (
        said(alone, one), said(alone, several), said(one, several), said(several, alone),
    )  # fmt: skip
    assert "number[0].url; number[1] is new" == said(alone, several.replace("example.org/sms", "example.org/other"))
    assert "number[1].price.received 0.001 → 0.002" == said(several, several.replace("0.001", "0.002"))


def test_a_secret_of_one_of_several_is_said_by_its_place():
    """By the key of its file."""
    text = two().replace('provider = "46elks"', 'provider = "plivo"\nsecret-file = "other"')
    before, now = (replace(setup_of(text), secrets=[["first"], [secret]]) for secret in ("second", "third"))

    assert f"number[1].secret-file: what it holds{KEPT}" == differences(before, now)


def test_a_renewed_certificate_is_said():
    """That is how they are taken; one that was not there before is said by its key."""
    before = replace(setup_of(TEXT), tls_marks={"server.tls-cert": b"1"})
    now = replace(setup_of(TEXT), tls_marks={"server.tls-cert": b"2", "server.tls-client-ca": b"3"})

    assert f"server.tls-cert: what it holds{KEPT}" == differences(before, now)


def test_all_variables_are_named_once():
    """Those of the provider, the ledger, the CDN and the status; without any nothing is said of them."""
    more = '[server]\nbind = "127.0.0.1:8000"\norigin-secret-env = ["A", "TWILIO_AUTH_TOKEN"]\nstatus-key-env = "B"\n[ledger]\nkey-env = "C"\n'
    with_all = setup_of(TEXT.partition("[server]")[0] + more)
    none = setup_of(TEXT.replace('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"'))

    assert "nothing is different; TWILIO_AUTH_TOKEN, C, A, B as of the start: " in differences(with_all, with_all)
    assert "nothing is different" == differences(none, none)
