"""`antirelou init`: from a few answers to a file that holds; nothing is overwritten, and no secret is shown."""

import io
import stat
import sys

import click
import pytest

from edge.cli import cli
from edge.commands.init import PROMPTS, VARIABLES
from edge.configfile import load
from edge.meaning.blocklimits import FIVE_AN_HOUR, TWO_A_DAY, limits_of
from edge.meaning.findings import examine
from edge.providers import PROVIDERS
from edge.setup import provider_of
from edge.system.clock import clock
from tests.commands.test_cli import run

GIVEN = {
    "phone": "+33937000000",
    "provider": "twilio",
    "url": "https://sms.example.org/sms",
    "kitty": "2000",
    "people": "400",
}
FOREIGN = {**GIVEN, "phone": "+3225880000", "currency": "EUR", "received": "0.01", "price": "+32=0.08, +33=0.0763"}


class _Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.fixture(name="no_secrets", autouse=True)
def _no_secrets(monkeypatch):
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


def init(file, answers):
    """Call it with options, in this process."""
    options = [part for name, answer in answers.items() for part in (f"--{name}", answer)]

    return cli.main(["init", str(file), *options], standalone_mode=False)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_file_that_check_passes_comes_out(provider, tmp_path, capsys):
    """For every provider: nothing is wrong with it, and its secret's variable stands in a file that only its owner reads."""
    file = tmp_path / "edge.toml"
    code = init(file, {**GIVEN, "provider": provider})
    config = load(file)
    out = capsys.readouterr().out

    assert (0, []) == (code, examine(config, clock()).errors)
    assert (30_520_000, 76_300) == (config.budget.per_day, config.price.reply["+33"])
    assert config.number.url in out
    assert 3 == out.partition("then:\n")[2].count("\n")
    provider_of(config, ["a-secret"])
    if provider in VARIABLES:
        secret = tmp_path / "edge.env"
        assert (f"{config.number.secret_env}=\n", 0o600) == (secret.read_text(), stat.S_IMODE(secret.stat().st_mode))
        assert f"behind {config.number.secret_env}=" in out
    else:
        assert [file] == list(tmp_path.iterdir())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_silence_that_costs_too_much_is_said_where_something_can_be_done(provider, tmp_path):
    """At a provider that stops the bill of a number without an address, if it charges for receiving at all."""
    saves = provider == "twilio"
    init(tmp_path / "edge.toml", {**GIVEN, "provider": provider})
    init(tmp_path / "free.toml", {**GIVEN, "provider": provider, "received": "0"})

    assert "say" if saves else "no" == load(tmp_path / "edge.toml").receiving.detach
    assert "no" == load(tmp_path / "free.toml").receiving.detach


def test_a_block_of_numbers_is_left_to_the_numbering_plan(tmp_path):
    """The file says nothing of it: two a day in France, five an hour in North America."""
    american = {**GIVEN, "phone": "+12025550100", "currency": "USD", "received": "0.0075", "price": "+1=0.0079"}
    init(tmp_path / "french.toml", GIVEN)
    init(tmp_path / "american.toml", american)
    french, american = (limits_of(load(tmp_path / name)).values() for name in ("french.toml", "american.toml"))

    assert ([TWO_A_DAY], [FIVE_AN_HOUR]) == ([*french], [*american])
    assert "block" not in (tmp_path / "french.toml").read_text()


def test_check_passes_with_the_secret_of_the_environment(tmp_path):
    """The secret goes from there into the file, in quotes where a shell needs them, and is never shown; then `check` holds."""
    file = tmp_path / "edge.toml"
    options = [part for name, answer in GIVEN.items() for part in (f"--{name}", answer)]
    code, out, err = run("init", file, *options, TWILIO_AUTH_TOKEN="se $cret")

    assert (0, "") == (code, err)
    assert "se $cret" not in out
    assert "TWILIO_AUTH_TOKEN='se $cret'\n" == (tmp_path / "edge.env").read_text()
    assert 0 == run("check", file)[0]


def test_what_is_likely_is_said_with_its_date(tmp_path, capsys):
    """Prices that were not given are those of a list, which says how old it is; those that were given are."""
    init(tmp_path / "a.toml", GIVEN)
    said = capsys.readouterr().out
    init(tmp_path / "b.toml", FOREIGN)

    assert "prices: those of Twilio in France in 2017, as " in said
    assert "prices: " not in capsys.readouterr().out
    assert ({"+32": 80_000, "+33": 76_300}, 32_000_000) == (
        load(tmp_path / "b.toml").price.reply,
        load(tmp_path / "b.toml").budget.per_day,
    )


@pytest.mark.parametrize("there", ["edge.toml", "edge.env", "dangling"])
def test_nothing_is_overwritten(tmp_path, there):
    """Not the file, not that of the secret, not where a link leads: said before anything is asked."""
    if there == "dangling":
        (tmp_path / "edge.env").symlink_to(tmp_path / "nowhere")
    else:
        (tmp_path / there).write_text("mine")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(click.UsageError, match="is there already, and nothing is overwritten; name another file"):
        init(tmp_path / "edge.toml", {})

    assert before == sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "answer", "complaint"),
    [
        ("phone", "0937000000", "--phone: number.phone: found '0937000000'; write it as \"+33937000000\""),
        ("provider", "twillio", "--provider: number.provider: found 'twillio'; did you mean \"twilio\"?"),
        ("url", "sms.example.org", "--url: number.url: not a whole address"),
        ("url", "https://sms.example.org/\x07", "--url: url: holds what cannot be printed"),
        ("url", 'https://x/"\n[budget]', "--url: url: holds what cannot be printed"),
        ("currency", "euro", "--currency: price.currency: found 'euro'"),
        ("price", "0.0763", "--price: price: found '0.0763'; write a prefix and what a segment costs"),
        ("price", "+33=cheap", "--price: found 'cheap'; write an amount"),
        ("price", "33=0.0763", "--price: price.reply: found '33'"),
        ("received", "free", "--received: price.received: found 'free'"),
        ("text", " ", "--text: reply.text: empty; write what is to be answered"),
        (
            "text",
            "é" * 161,
            "--text: text: 2 segments (161 units of GSM-7), each at the price of a reply; write one, of at most 160",
        ),
        ("text", "ê" * 200, "write one, of at most 70 characters, or 160 without"),
        ("text", "\udcff", "--text: text: not UTF-8"),
        ("kitty", "0.01", "--kitty: "),
        ("people", "1000001", "--people: people: found '1000001'"),
        ("people", "none", "--people: people: found 'none'; write a whole number from 1 to 1000000, such as 400"),
    ],
)
def test_a_wrong_answer_is_said_with_what_would_be_right(tmp_path, name, answer, complaint):
    """One line that begins with the option; nothing is written."""
    with pytest.raises(click.UsageError) as raised:
        init(tmp_path / "edge.toml", {**GIVEN, name: answer})

    assert complaint in raised.value.message
    assert [] == list(tmp_path.iterdir())


def test_what_is_missing_without_a_terminal_is_named(tmp_path):
    """All of it at once."""
    with pytest.raises(click.UsageError, match="write --url, --currency, --price, --received, --people as well"):
        init(tmp_path / "edge.toml", {"phone": "+3225880000", "provider": "twilio", "kitty": "2000"})


def test_a_name_that_is_the_secrets_is_refused(tmp_path):
    """Both would be one file."""
    with pytest.raises(click.UsageError, match="is for the secret; name another file, such as edge"):
        init(tmp_path / "edge.env", GIVEN)


def test_at_a_terminal_it_asks_until_an_answer_holds(tmp_path, monkeypatch, capsys):
    """Each with a line of what it is; a blank one takes what is likely; what was given is not asked."""
    answers = [
        "0937",
        "+33937000000",
        "twilio",
        "https://sms.example.org/sms",
        "",
        "",
        "",
        "Non.",
        "2000",
        "many",
        "400",
    ]
    monkeypatch.setattr(sys, "stdin", _Terminal(io.BytesIO(("\n".join(answers) + "\n").encode())))
    code = init(tmp_path / "edge.toml", {})
    out = capsys.readouterr().out
    config = load(tmp_path / "edge.toml")

    assert (0, "Non.", 7_500, "EUR") == (code, config.reply.text, config.price.received, config.price.currency)
    assert [] == [prompt.explained for prompt in PROMPTS if prompt.explained not in out]
    assert "number.phone: found '0937'; write it as" in out
    assert "people: found 'many'; write a whole number" in out
    assert 2 == out.count("Known is only Twilio in France in 2017")


def test_what_was_given_is_not_asked(tmp_path, monkeypatch, capsys):
    """At a terminal as well."""
    monkeypatch.setattr(sys, "stdin", _Terminal(io.BytesIO(b"\n\n\n\n")))
    init(tmp_path / "edge.toml", GIVEN)

    assert "Its provider" not in capsys.readouterr().out


def test_a_secret_path_keeps_strangers_out_where_nothing_else_does(tmp_path):
    """It is made where there is none, and what was given is kept."""
    plain, secret = tmp_path / "a.toml", tmp_path / "b.toml"
    init(plain, {**GIVEN, "provider": "46elks"})
    init(secret, {**GIVEN, "provider": "46elks", "url": "https://sms.example.org/abcdefghijklmnop1234"})

    assert len("https://sms.example.org/sms/") + 32 == len(load(plain).number.url)
    assert "https://sms.example.org/abcdefghijklmnop1234" == load(secret).number.url
