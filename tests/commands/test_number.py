"""`antirelou number`, as a person calls it, against a stand-in for Twilio: what is seen, changed, refused and said."""

import asyncio
import json

import click
import pytest
from click.testing import CliRunner

from edge.api.twilio import Twilio
from edge.api.webhook import Access
from edge.cli import cli
from edge.commands.adoptledger import _detached
from edge.commands.ledgers import have
from edge.commands.number import Hand
from edge.configfile import load, parse
from edge.core.kept.attachment import BLANK, Attachment
from edge.errors import ConfigError
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.opening import prepare, totals
from edge.meaning.terms import rules_of
from edge.setup import api_risks, detached_said, place_of, read_anew, read_setup
from edge.system.clock import clock
from tests.api.twilioserver import ACCOUNT, KEY, PHONE, SECRET, standing_in
from tests.ledger.parts import RULES
from tests.web.test_numbers import OTHER, SECOND
from tests.worker import URL, config

ATTACHED = Attachment()
OTHER_URL = "https://sms.example.org/other"

ENVIRON = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": SECRET}
API = 'api-account-env = "TWILIO_ACCOUNT_SID"\napi-key-env = "TWILIO_API_KEY"\napi-secret-env = "TWILIO_API_SECRET"\n'
OTHER_API = """api-account-env = "TWILIO_ACCOUNT_SID"
api-key-env = "TWILIO_API_KEY"
api-secret-env = "OTHER_API_SECRET"
"""


@pytest.fixture(name="twilio")
def _twilio():
    with standing_in() as twilio:
        yield twilio


@pytest.fixture(name="file")
def _file(tmp_path, twilio):
    path = tmp_path / "edge.toml"
    path.write_text(with_api(config(), twilio.url))
    prepare(place_of(load(path), tmp_path))
    return path


def with_api(text, url):
    """Return a static file whose number has a key at a stand-in."""
    return text.replace("[reply]", f'{API}api-url = "{url}"\n[reply]', 1)


def number(file, *arguments):
    """Call the command; return exit code, standard output and what is complained of."""
    return invoke("number", str(file), *arguments)


def invoke(*arguments, **environ):
    """Call a command in this process, which is quicker."""
    done = CliRunner().invoke(
        cli, arguments, env={"TWILIO_AUTH_TOKEN": "x", **ENVIRON, **environ}, standalone_mode=False
    )
    if done.exception is not None:
        complaint = (
            done.exception.format_message() if isinstance(done.exception, click.UsageError) else str(done.exception)
        )
        return 2, done.output, complaint
    return done.return_value, done.output, ""


def test_a_number_is_detached_and_attached_where_no_worker_runs(file, twilio):
    """The command does it itself; `status` of all kinds shows it; what stood there before stands there again."""
    before = dict(twilio.number)
    off = number(file, "detach", "--for", "1h")
    blank = twilio.address
    seen = number(file, "status")
    plain, shown = invoke("status", str(file)), json.loads(invoke("status", str(file), "--json")[1])["attachment"]
    on = number(file, "attach")
    again = number(file, "attach")

    assert (0, "", True) == (off[0], off[2], off[1].startswith("detached until 20"))
    assert "No worker looks after it: until one does, nobody attaches it\n" in off[1]
    assert ("", before) == (blank, twilio.number)
    assert (0, "") == (seen[0], seen[2])
    assert seen[1].startswith("wanted: detached\ndetached since 20")
    assert seen[1].endswith("\nat the provider: no address: nothing is delivered\n")
    assert " UTC (by hand), until 20" in plain[1]
    assert (False, True, "by_hand", True, None) == tuple(
        shown[key] for key in ("attached", "settled", "why", "by_hand", "trouble")
    )
    assert on == again == (0, "attached: the provider delivers messages\n", "")
    assert ["", URL] == twilio.written


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"sms_url": "https://else.example.org"},
            "at the provider stands another address than number.url, which somebody has put there: it is left alone",
        ),
        (
            {"sms_application_sid": "AP1"},
            "it cannot be detached while this is set at the provider: the application in SmsApplicationSid",
        ),
    ],
)
def test_what_cannot_be_detached_is_said_and_nothing_changes(file, twilio, change, said):
    """A person's address, and what would be called instead: exit 1; the ledger says what it said."""
    twilio.number |= change
    code, out, err = number(file, "detach")
    seen = number(file, "status")
    place = place_of(load(file), file.parent)

    assert (1, f"not detached: {said}\n", "") == (code, out, err)
    assert ([], {}) == (twilio.written, totals(place, rules_of(load(file)), 0).attachments)
    assert (int("sms_url" in change), True) == (seen[0], seen[1].startswith("wanted: attached\nat the provider: "))
    assert ("in the way of detaching: the application in SmsApplicationSid\n" in seen[1]) == ("sms_url" not in change)


def test_an_address_that_somebody_took_away_is_put_back_by_hand(file, twilio):
    """Whoever calls the command wants it; somebody else's address is theirs all the same."""
    twilio.number["sms_url"] = ""
    seen, on = number(file, "status"), number(file, "attach")
    address = twilio.address
    twilio.number["sms_url"] = "https://else.example.org"
    refused = number(file, "attach")

    assert (1, "wanted: attached\nat the provider: no address: nothing is delivered\n", "") == seen
    assert (0, URL) == (on[0], address)
    assert (1, "https://else.example.org") == (refused[0], twilio.address)


def test_a_provider_that_refuses_or_does_not_answer_is_said(file, twilio):
    """Exit 1, and nothing is wanted that cannot be had."""
    twilio.secret = "rotated"
    seen, off = number(file, "status"), number(file, "detach")

    refused = "answered 401 (error 20003); the key in number.api-key-env is wrong, or may not do this"
    assert (1, f"wanted: attached\nat the provider: {refused}\n", "") == seen
    assert (1, f"not detached: the provider's API: {refused}\n", "") == off
    assert SECRET not in seen[1] + off[1]


def test_a_write_that_is_refused_is_said(file, twilio):
    """A key that may only look: nothing has changed, and nobody wants it any more."""
    twilio.faults = ["", "", "", "", "401"]
    off = number(file, "detach")

    place = place_of(load(file), file.parent)
    kept = totals(place, rules_of(load(file)), 0).attachments[PHONE]

    assert (1, URL, True, True) == (off[0], twilio.address, kept.attached, kept.is_settled)
    assert "not detached: the provider's API: answered 401 (error 20500); the key in number.api-key-env" in off[1]


@pytest.mark.parametrize(
    ("change", "arguments", "complaint"),
    [
        (
            (API, ""),
            ["detach"],
            "number: nothing can be asked of the provider without a key; write api-account-env, api-key-env and api-secret-env",
        ),
        (
            ('"twilio"', '"plivo"'),
            ["status"],
            "number.provider: nothing can be asked of plivo from here, only of twilio",
        ),
        (("x", "x"), ["attach", "--for", "1h"], "--for: only with detach, which it ends"),
        (("x", "x"), ["detach", "--for", "soon"], "--for: found 'soon'; write a duration such as"),
        (("x", "x"), ["reattach"], "Invalid value for '{status|detach|attach}': 'reattach' is not one of"),
        (("TWILIO_API_SECRET", "NOT_SET"), ["detach"], "number.api-secret-env: the variable NOT_SET is not set"),
        (
            ("[reply]\n", SECOND),
            ["detach"],
            f"--to: the file has several numbers; name the one to detach: {PHONE}, {OTHER}",
        ),
        (("[reply]\n", SECOND), ["attach"], "--to: the file has several numbers; name the one to attach: "),
        (
            ("[reply]\n", SECOND),
            ["status", "--to", "+33937000009"],
            f"--to: the file has no such number; it has {PHONE}, {OTHER}",
        ),
        (
            ("[reply]\n", SECOND),
            ["detach", "--to", OTHER],
            "number[1].provider: nothing can be asked of 46elks from here, only of twilio",
        ),
    ],
)
def test_what_was_meant_otherwise_is_refused_in_one_line(file, twilio, change, arguments, complaint):
    """Exit 2, and nobody is asked anything."""
    text = file.read_text()
    text = (text.replace("[number]", "[[number]]") if SECOND in change else text).replace(*change)
    file.write_text(text if "-account-" in text else text.replace("api-url", "# api-url"))
    code, out, err = number(file, *arguments)

    assert (2, "", 0) == (code, out, err.count("\n"))
    assert complaint in err
    assert [] == twilio.requests


@pytest.fixture(name="both")
def _both(tmp_path, twilio):
    """Two numbers of two accounts at one provider, and the stand-in for the second."""
    with standing_in() as other:
        other.secret = "another-api-secret"
        other.buy(OTHER, OTHER_URL)
        path = tmp_path / "edge.toml"
        path.write_text(of_two(twilio.url, other.url))
        prepare(place_of(load(path), tmp_path))
        yield path, other


def of_two(url, other_url, text=""):
    """Return a file with two numbers that have a key each, at a stand-in each."""
    second = f"""[[number]]
phone = "{OTHER}"
provider = "twilio"
url = "{OTHER_URL}"
secret-env = "TWILIO_AUTH_TOKEN"
"""
    first = with_api(text or config(), url).replace("[number]", "[[number]]", 1)
    return first.replace("[reply]", f'{second}{OTHER_API}api-url = "{other_url}"\n\n[reply]', 1)


def test_each_of_several_numbers_is_detached_and_attached_by_itself(both, twilio, monkeypatch):
    """Through its own key, named by `--to`; `status` shows all, or the one that is named; nothing is touched of the other."""
    monkeypatch.setenv("OTHER_API_SECRET", "another-api-secret")
    file, other = both
    off = number(file, "detach", "--to", OTHER)
    seen, one = number(file, "status"), number(file, "status", "--to", OTHER)
    plain, shown = invoke("status", str(file))[1], json.loads(invoke("status", str(file), "--json")[1])
    blank, untouched = other.address_of(OTHER), twilio.requests
    on = number(file, "attach", "--to", "+33 9 37 00 00 01")

    assert ("", 0, True) == (blank, off[0], off[1].startswith("detached: the provider delivers nothing"))
    assert off[1].endswith(f"; `antirelou number FILE attach --to {OTHER}` ends it\n")
    assert (0, "") == (seen[0], seen[2])
    assert [
        "number[0] wanted: attached",
        "number[0] at the provider: number.url",
        "number[1] wanted: detached",
        "number[1] at the provider: no address: nothing is delivered",
    ] == [line for line in seen[1].splitlines() if "since" not in line]
    assert one[1].startswith("wanted: detached\ndetached since 20")
    assert "\nnumber[1] detached since 20" in plain
    assert [True, False] == [own["attachment"]["attached"] for own in shown["numbers"]]
    assert not shown["attachment"]["attached"]
    assert [] == [request for request in untouched if request.method == "POST"]
    assert (0, "attached: the provider delivers messages\n", OTHER_URL) == (on[0], on[1], other.address_of(OTHER))
    assert [] == twilio.written


def test_a_number_of_which_nobody_can_be_asked_is_shown_beside_the_others(both, twilio, monkeypatch):
    """Without a key: what is wanted of it. Exit 1 where one of them is not as it should be."""
    file, other = both
    monkeypatch.setenv("OTHER_API_SECRET", "another-api-secret")
    number(file, "detach", "--to", OTHER)
    lines = file.read_text().split(OTHER_API)
    file.write_text(lines[0] + lines[1].partition("\n")[2])
    left = number(file, "status")
    twilio.number["sms_url"] = "https://else.example.org"
    checked = invoke("check", str(file))[1]

    assert 1 == left[0]
    assert "number[1] wanted: detached\nnumber[1] detached since 20" in left[1]
    assert left[1].endswith("\nnumber[1] at the provider: not asked: nothing can be asked without a key\n")
    assert (
        "warning: number[1]: detached, so nothing is delivered to it; nothing can be asked of the provider" in checked
    )
    assert (1, "number[0] at the provider: another address than number.url") == (
        (code := number(file, "status"))[0], code[1].splitlines()[1],
    )  # fmt: skip
    assert "" == other.address_of(OTHER)


def test_a_number_whose_key_is_not_set_is_shown_beside_the_others(both, monkeypatch):
    """What is missing is said in its line; the next number is asked for."""
    monkeypatch.setenv("OTHER_API_SECRET", "another-api-secret")
    code, out, complaint = invoke("number", str(both[0]), "status", TWILIO_API_SECRET=None)

    assert (1, "") == (code, complaint)
    assert [
        "number[0] wanted: attached",
        "number[0] at the provider: not asked: number[0].api-secret-env: the variable TWILIO_API_SECRET is not set; export "
        "TWILIO_API_SECRET=… before starting",
        "number[1] wanted: attached",
        "number[1] at the provider: number.url",
    ] == out.splitlines()


def test_what_is_said_of_detached_numbers_names_each(both, monkeypatch):
    """At the end of the workers, and where a reload would leave one behind."""
    monkeypatch.setenv("OTHER_API_SECRET", "another-api-secret")
    file, _ = both
    environ = ENVIRON | {"TWILIO_AUTH_TOKEN": "x", "OTHER_API_SECRET": "another-api-secret"}
    held, text = read_setup(file, environ), file.read_text()
    number(file, "detach", "--to", OTHER)
    said = list(detached_said(held))
    lines = text.split(OTHER_API)
    file.write_text(lines[0] + lines[1].partition("\n")[2])
    with pytest.raises(ConfigError) as refused:
        read_anew(file, held, environ)

    call = f"`antirelou number FILE attach --to {OTHER}`"
    assert [f"number[1]: it stays detached, and while no worker runs nobody attaches it; {call} does"] == said
    assert "edge.toml: number[1]: it is detached, and without api-account-env" in str(refused.value)
    assert str(refused.value).endswith(f"attach it first: {call}")


def test_check_says_what_is_not_set(file):
    """As for every secret: by the name of its variable."""
    code, out, _ = invoke("check", str(file), TWILIO_API_KEY="")

    assert (1, True) == (
        code, "error: number.api-key-env: the variable TWILIO_API_KEY is not set; export" in out,
    )  # fmt: skip


def test_the_number_of_the_tests_is_the_stand_ins():
    """What the file says is what the stand-in has."""
    assert f'phone = "{PHONE}"' in config()


def test_what_is_detached_and_cannot_be_attached_is_said_everywhere(file, caplog):
    """Its key was taken out of the file: `check`, `status` and the start say what to enter at the provider; a reload is refused."""
    number(file, "detach")
    held = read_setup(file, ENVIRON | {"TWILIO_AUTH_TOKEN": "x"})
    [with_key] = detached_said(held)
    file.write_text(config())
    shown = [invoke(command, str(file))[1] for command in ("check", "status")]
    with pytest.raises(ConfigError) as refused:
        read_anew(file, held, {"TWILIO_AUTH_TOKEN": "x"})
    without_key = list(detached_said(read_setup(file, {"TWILIO_AUTH_TOKEN": "x"})))
    no_way = (
        "nothing can be asked of the provider: number.api-account-env, api-key-env and api-secret-env are not in the file. "
        "If nothing comes in: enter number.url"
    )

    assert "`antirelou number FILE attach` does" in with_key
    assert [f"warning: number: detached, so nothing is delivered to it; {no_way}" in shown[0], no_way in shown[1]] == [
        True
    ] * 2
    assert "attach it first: `antirelou number FILE attach`" in str(refused.value)
    assert no_way in caplog.text
    assert [] == without_key


def test_a_ledger_that_is_gone_says_nothing_of_its_number(file):
    """At the end of a worker: nobody knows."""
    held = read_setup(file, ENVIRON | {"TWILIO_AUTH_TOKEN": "x"})
    said = list(detached_said(held))
    (file.parent / "antirelou.db").unlink()
    said += detached_said(held)

    assert [] == said


def test_a_number_that_is_detached_is_not_left_behind(file):
    """Its ledger is not adopted by another number unless somebody says so; then nothing is known of it any more."""
    number(file, "detach")
    text = file.read_text()
    file.write_text(text.replace(PHONE, "+33937000001"))
    refused = invoke("adopt-ledger", str(file))
    adopted = invoke("adopt-ledger", str(file), "--even-detached")
    found = totals(place_of(load(file), file.parent), rules_of(load(file)), 0)

    assert (2, "") == refused[:2]
    assert f"{PHONE} is detached, and only a file that names it can attach it" in refused[2]
    assert (0, {PHONE: Attachment()}) == (adopted[0], found.attachments)


def test_a_number_without_a_ledger_yet_is_seen(tmp_path, twilio):
    """Before the first start: what stands at the provider, and nothing is begun."""
    path = tmp_path / "edge.toml"
    path.write_text(with_api(config(), twilio.url))

    assert (0, "wanted: attached\nat the provider: number.url\n", "") == number(path, "status")
    assert [path] == list(tmp_path.iterdir())


class Ledger(MemoryLedger):
    """A ledger in this process, at which somebody else was quicker once."""

    was_quicker = True

    async def keep_attachment(self, phone, before, after):
        """Keep it, but for the first time."""
        if not self.was_quicker:
            self.was_quicker = True
            await super().keep_attachment(phone, before, Attachment(trouble="quicker"))
        return await super().keep_attachment(phone, before, after)


def by_hand(twilio, kept=ATTACHED, *, detach=True, held=False, quicker=False):
    """Have a number detached or attached by hand; return its books."""
    books = MemoryBooks()
    books.attachments[PHONE] = kept
    ledger = Ledger(RULES, clock, lambda _: None, books)
    ledger.was_quicker = not quicker
    settings = parse(with_api(config(), twilio.url))
    api = Twilio(Access(ACCOUNT, KEY, SECRET, twilio.url), PHONE)

    async def scene():
        if held:
            await ledger.watch("a worker", 60_000)
        return await Hand(settings, 0, api, None, detach=detach).do(ledger)

    asyncio.run(scene())
    return books


def test_somebody_who_was_quicker_is_heeded(twilio, capsys):
    """What they have kept is what is gone on from."""
    books = by_hand(twilio, quicker=True)

    assert capsys.readouterr().out.startswith("detached: the provider delivers nothing")
    assert ("", False) == (twilio.address, books.attachments[PHONE].attached)


def test_a_call_of_somebody_who_died_is_asked_about_first(twilio, capsys):
    """It is over by now; what it has left is looked at, and gone on from."""
    books = by_hand(twilio, Attachment(attached=False, written=BLANK, pending_ms=1), detach=False)

    assert ("attached: the provider delivers messages\n", []) == (capsys.readouterr().out, twilio.written)
    assert ("", True) == (books.held.holder, books.attachments[PHONE].is_settled)


@pytest.mark.parametrize(
    "case",
    [
        (False, 2, True, "the provider does not answer"),
        (
            False,
            4,
            False,
            "nobody knows whether the provider has done it; whoever looks after the ledger goes on asking",
        ),
        (True, 2, True, "the worker that looks after the ledger has not done it; have it reload the file"),
    ],
)
def test_what_is_not_done_in_time_is_said(twilio, monkeypatch, capsys, case):
    """Where the provider is silent, and where a worker has the lease and does nothing; the lease is renewed meanwhile."""
    held, requests, attached, said = case
    monkeypatch.setattr("edge.commands.number.PATIENCE_MS", 1_500)
    monkeypatch.setattr("edge.commands.number.LENGTH_MS", 400)
    twilio.faults = [""] * requests + ["hang before"] * 3

    books = by_hand(twilio, held=held)

    assert f"not detached: {said}\n" == capsys.readouterr().out
    assert books.attachments[PHONE].attached == attached  # what nobody can have done is not wanted any more


@pytest.mark.parametrize(
    ("environ", "is_warned"),
    [
        ({}, False),
        ({"TWILIO_API_SECRET": "the-auth-token"}, True),
        ({"TWILIO_API_KEY": ACCOUNT, "TWILIO_API_SECRET": "another-one"}, True),
    ],
)
def test_the_accounts_own_password_is_no_key(file, caplog, environ, is_warned):
    """`check` and the start warn of it, and do not say what it is."""
    given = ENVIRON | {"TWILIO_AUTH_TOKEN": "the-auth-token"} | environ
    out = invoke("check", str(file), **given)[1]
    read_setup(file, given)
    warning = "number.api-secret-env: this is the account's own password"

    assert [is_warned] * 2 == [warning in out, warning in caplog.text]
    assert "the-auth-token" not in out + caplog.text


def test_a_reload_without_the_key_holds_where_nothing_is_detached(file):
    """Nobody has to be attached again by it."""
    held = read_setup(file, ENVIRON | {"TWILIO_AUTH_TOKEN": "x"})
    file.write_text(config())

    assert read_anew(file, held, {"TWILIO_AUTH_TOKEN": "x"}).apis == [None]


def test_a_key_that_is_not_set_is_no_risk(file):
    """It is told apart: as a variable that is missing."""
    assert [] == list(api_risks(load(file), file.parent, {}))


def test_a_ledger_that_cannot_be_read_has_no_number_that_is_detached(tmp_path):
    """What is wrong with it is said by whoever adopts it."""
    (tmp_path / "edge.toml").write_text(config())
    (tmp_path / "ledger.db").write_bytes(b"no ledger" * 1000)
    loaded = load(tmp_path / "edge.toml")

    assert {} == _detached(loaded, place_of(loaded, tmp_path))


def alone(text):
    """Return a file of two numbers without the second one."""
    return text[: text.rindex("[[number]]")] + text[text.index("\n[reply]") + 1 :]


def gone_while(both, monkeypatch, **off):
    """Take the second number out of the file after it was detached; return the setups before and after a reload, and the file."""
    monkeypatch.setenv("OTHER_API_SECRET", "another-api-secret")
    file, _ = both
    environ = ENVIRON | {"TWILIO_AUTH_TOKEN": "x", "OTHER_API_SECRET": "another-api-secret"}
    held = read_setup(file, environ)
    number(file, "detach", "--to", OTHER, *off.get("arguments", ()))
    file.write_text(alone(file.read_text()))
    return held, read_anew(file, held, environ), file, environ


def test_a_number_that_is_gone_while_it_is_detached_is_looked_after_by_the_key_that_was_held(both, monkeypatch, caplog):
    """Until it is attached; a reload after that knows nothing of it. The log says so, and no secret."""
    _, now, file, environ = gone_while(both, monkeypatch, arguments=("--for", "1h"))
    [gone] = now.gone
    still = read_anew(file, now, environ)
    place = place_of(load(file), file.parent)
    books = totals(place, rules_of(load(file)), 0).attachments[OTHER]

    async def attach(ledger):
        return await ledger.keep_attachment(OTHER, books, Attachment())

    have(load(file), file.parent, attach)

    assert (OTHER, "number[1] (gone)", [gone]) == (gone.phone, gone.where, still.gone)
    assert [] == read_anew(file, still, environ).gone
    assert "number[1] (gone): it is detached, and attached again by the key that was held before" in caplog.text
    assert "another-api-secret" not in caplog.text + repr(gone.access)


def test_a_number_that_is_gone_when_the_workers_start_can_only_be_said(both, monkeypatch, caplog):
    """Nobody has its key: in the log, and by whoever looks after the numbers."""
    *_, file, environ = gone_while(both, monkeypatch, arguments=("--for", "1h"))
    started = read_setup(file, environ)

    assert [(OTHER, "number (gone)", None)] == [(gone.phone, gone.where, gone.access) for gone in started.gone]
    assert f"{OTHER}: detached, and not in the file any more" in caplog.text


def test_a_number_that_somebody_has_detached_for_good_stays_so_when_it_is_gone(both, monkeypatch, caplog):
    """Nobody attaches what nobody serves any more; where it is seen, it is said what would."""
    _, now, file, _ = gone_while(both, monkeypatch)
    said = f"{OTHER}: detached, and not in the file any more, so nobody attaches it; write it into the file again"

    assert [] == now.gone
    assert said in caplog.text
    assert f"warning: {said}" in invoke("check", str(file))[1]
    assert f"{OTHER} may be detached, and is not in the file any more" in invoke("status", str(file))[1]
