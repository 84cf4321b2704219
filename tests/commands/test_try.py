"""`antirelou try` and `explain`: what would be done with a message, on both ledgers, while nothing is written and no number is shown."""

import asyncio
import datetime as dt
import io
import json
import re
import sys

import apsw
import pytest
from click.testing import CliRunner

from edge.cli import cli
from edge.commands.try_ import WHY
from edge.configfile import load
from edge.core.answering.gate import Gate
from edge.core.charging.charge import Tally
from edge.core.charging.question import OptOut, Question
from edge.core.kept.hours import hour_of
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.errors import ConfigError
from edge.ledger.opening import create, look, open_ledger, prepare, recognised, totals
from edge.meaning import terms
from edge.setup import place_of
from edge.system.clock import clock
from edge.units import divide_up, format_money
from tests import ROOT
from tests.commands.test_looking import snapshot
from tests.ledger.parts import KEY
from tests.ledger.servers import any_server, running
from tests.web.test_numbers import OTHER, SECOND
from tests.worker import PHONE, SECRET, config, message_id, sender

PAUL, MARC, FAR = sender(1), sender(2), sender(70_001)


@pytest.fixture(name="begun", params=["sqlite", "server"], scope="module")
def _begun(request, tmp_path_factory):
    """A function that writes a static file and begins its blank ledger."""
    folder = tmp_path_factory.mktemp(request.param)
    count = iter(range(100))

    def begin(more="", **given):
        number = next(count)
        file = folder / str(number) / "edge.toml"
        file.parent.mkdir()
        file.write_text(more + config(**given) + ledger.format(number))
        (prepare if request.param == "sqlite" else create)(place_of(load(file), file.parent))
        return file

    if request.param == "sqlite":
        ledger = ""
        yield begin
        return
    with running(any_server(), folder) as server, pytest.MonkeyPatch.context() as patch:
        ledger = f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\nname = "n{{}}"\n'
        patch.setenv("LEDGER_KEY", KEY.decode())
        yield begin


def invoke(*arguments, given=None):
    """Call a command in this process, and return what it prints."""
    result = CliRunner().invoke(cli, list(map(str, arguments)), input=given, catch_exceptions=False)

    assert (0, "") == (result.exit_code, result.stderr)
    return result.stdout


def tried(file, number, *options):
    """Return what `try` says as JSON; it never shows the number."""
    out = invoke("try", file, "--from", number, "--json", *options)

    assert number not in out
    return json.loads(out)


def explained(file, number):
    """Return what `explain` says as JSON."""
    out = invoke("explain", file, "--json", given=f"{number}\n")

    assert number not in out
    return json.loads(out)


def work(file, *messages, then=None):
    """Do with messages what a worker would that has just started, and return the reasons; or have its ledger do something."""
    config_ = load(file)
    place = place_of(config_, file.parent)
    found, rules = look(place), terms.rules_of(config_)
    purse = terms.purse_of(config_, totals(place, rules, clock()).spent_micros, clock())
    gate = Gate(
        rules=rules, routes=terms.routes_of(config_, purse), own=[PHONE], paused=config_.paused, block_digits=4,
        key=found.hash_key,
    )  # fmt: skip
    received = terms.receiving_of(config_)

    async def run():
        ledger = open_ledger(recognised(place), rules, clock, lambda _: None)
        reasons, received_micros = [], 0
        try:
            if then is not None:
                await then(ledger)
            for number, text in messages:
                work.ids += 1
                message = Message(number, text, message_id(work.ids))
                received_micros += received.price_micros(message)
                judged = gate.judge(message, received_micros, clock())
                if isinstance(judged, Question):
                    judged = (await ledger.admit(judged.charge)).reason
                elif isinstance(judged, OptOut):
                    await ledger.opt_out(judged.key)
                    judged = Reason.OPTED_OUT
                reasons.append(judged)
        finally:
            await ledger.close()
        return reasons

    return asyncio.run(run())


work.ids = 0


async def _pause(ledger):
    await ledger.pause(3_600_000)


async def _receive_much(ledger):
    await ledger.tell(Tally({}, 1_999_990_000))


CASES = [
    (Reason.ANSWERED, {}, [], None, PAUL, "hello"),
    (Reason.ANSWERED, {}, [(MARC, "hello")], None, PAUL, "hello"),
    (Reason.SENDER_LIMIT, {}, [(PAUL, "hello")], None, PAUL, "hello"),
    (Reason.BLOCK_LIMIT, {"block": 1}, [(MARC, "hello")], None, PAUL, "hello"),
    (Reason.PACE_LIMIT, {"per_day": "1", "burst": "0.08"}, [(FAR, "hello")], None, PAUL, "hello"),
    (Reason.KITTY_SPENT, {}, [], _receive_much, PAUL, "hello"),
    (Reason.PAUSED, {}, [], _pause, PAUL, "hello"),
    (Reason.OPTED_OUT, {}, [(PAUL, "hello"), (PAUL, "STOP")], None, PAUL, "hello"),
    (Reason.OPTED_OUT, {}, [], None, PAUL, "Stop!"),
    (Reason.OPTED_OUT, {}, [], None, PAUL, "help"),
    (Reason.NOT_A_PERSON, {}, [], None, "36184", "hello"),
    (Reason.NOT_A_PERSON, {}, [], None, PHONE, "hello"),
]
"""Reason, file, messages before, what else happens to the ledger before, number, text."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[5]}")
def test_what_it_says_is_what_a_worker_does(begun, case):
    """For every reason that a new message can meet: said beforehand, and then done by a gate and the ledger."""
    reason, given, before, then, number, text = case
    file = begun(**given)
    work(file, *before, then=then)
    said = tried(file, number, "--text", text)

    assert (reason, WHY[reason]) == (said["reason"], said["why"])
    assert [reason] == work(file, (number, text))


def test_a_reply_comes_with_its_price_and_what_is_left(begun):
    """Text, segments and price; receiving by the segments of what is written; what is left after both."""
    file = begun(kitty="1", per_day="1", burst="0.5")
    said = tried(file, PAUL, "--text", "é" * 161)

    assert {"text": "Bonjour. Non, c'est non.", "segments": 1, "encoding": "GSM-7", "price": "0.0763"} == said["reply"]
    assert ("0.015", "0.9087", "0.4237") == (said["receiving"], said["kitty_left"], said["pace_left"])
    shown = invoke("try", file, "--from", PAUL)
    assert (
        "answered: nothing speaks against it\nreply: Bonjour. Non, c'est non.\n  1 segment of GSM-7, 0.0763 EUR\n"
        in shown
    )


def test_nothing_is_written_by_trying(begun):
    """A message that is tried a hundred ways leaves the ledger as it was: the totals, and the sender's states."""
    file = begun()
    work(file, (MARC, "hello"))
    before = snapshot(file.parent)
    said = [tried(file, PAUL), tried(file, PAUL, "--text", "STOP"), explained(file, MARC)["now"], tried(file, PAUL)]

    assert before == snapshot(file.parent)
    assert ["answered", "opted_out", "sender_limit", "answered"] == [one["reason"] for one in said]
    assert said[0] == said[3]


def test_what_is_known_of_a_number_is_explained(begun):
    """A stranger; somebody who was answered, with the end of their limit a day later; and one who has sent STOP since."""
    file = begun(block=1)
    stranger = explained(file, PAUL)["known"]
    work(file, (PAUL, "hello"))
    answered = explained(file, PAUL)
    twin = explained(file, MARC)["known"]
    work(file, (PAUL, "STOP"))
    stopped = explained(file, "\ufeff\u202a+33 6.39-00\u200900\u00a001\u202c")  # as an address book has it

    nothing = {"answered": False, "last_answered": None, "opted_out": False}
    assert {**nothing, "sender_limit_until": None, "block_limit_until": None} == stranger
    last, until = answered["known"]["last_answered"], answered["known"]["sender_limit_until"]
    assert (last[10:], True) == (until[10:], last[:10] < until[:10])
    assert ("sender_limit", until) == (answered["now"]["reason"], answered["now"]["until"])
    assert (False, None, True) == (twin["answered"], twin["sender_limit_until"], twin["block_limit_until"] is not None)
    assert (True, "opted_out") == (stopped["known"]["opted_out"], stopped["now"]["reason"])
    shown = invoke("explain", file, given=PAUL)
    assert re.match(
        r"answered: last \S+ \S+ UTC\nopted out: yes\nlimit\.sender: used up until \S+ \S+ UTC\nlimit\.block: used up",
        shown,
    )


def test_a_block_is_explained_by_the_limit_of_its_plan(begun):
    """Two were answered in each block: the French one is used up, the American one has room; also where the number is paused."""
    file, first = begun(), {"33": "+3363998000", "1": "+1202555010"}
    text = file.read_text().replace('"+33" =', '"+1" = "0.0763", "+33" =')
    file.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("block =")))
    for code in first.values():
        work(file, *((f"{code}{n}", "hello") for n in (1, 2)))
    known = {code: explained(file, f"{number}3") for code, number in first.items()}
    file.write_text("paused = true\n" + file.read_text())
    paused = {code: explained(file, f"{number}3")["known"] for code, number in first.items()}

    assert ["block_limit", "answered"] == [one["now"]["reason"] for one in known.values()]
    assert [True, False] == [one["known"]["block_limit_until"] is not None for one in known.values()]
    assert {code: one["known"] for code, one in known.items()} == paused


def test_whoever_is_refused_for_another_reason_is_known_all_the_same(begun):
    """Paused by the file, the ledger would not be asked; what it knows is said."""
    file = begun()
    work(file, (PAUL, "hello"))
    file.write_text("paused = true\n" + file.read_text())
    said = explained(file, PAUL)

    assert (True, "paused", None) == (said["known"]["answered"], said["now"]["reason"], said["now"]["until"])


def test_a_pause_by_hand_is_said_with_its_end(begun):
    """In words as well."""
    file = begun()
    work(file, then=_pause)

    assert tried(file, PAUL)["until"] is not None
    assert re.search(
        r"^paused: the number is paused; until \S+ \S+ UTC$", invoke("try", file, "--from", PAUL), re.MULTILINE
    )


@pytest.mark.parametrize("url", [None, "memory:"])
def test_it_works_before_there_is_a_ledger(tmp_path, url):
    """As the first message would be met; nothing is made."""
    file = tmp_path / "edge.toml"
    file.write_text(config() + (f'[ledger]\nurl = "{url}"\n' if url else ""))
    shown = invoke("try", file, "--from", PAUL)
    stopped = invoke("try", file, "--from", PAUL, "--text", "STOP")
    known = invoke("explain", file, given=PAUL)

    assert "note: " + ("a ledger in memory is" if url else "no ledger was begun there yet") in shown
    assert "\nanswered: nothing speaks against it\n" in shown
    assert "they were never answered, so there is nothing to silence" in stopped
    assert "reply: none, silence\n" in stopped
    assert known.startswith("answered: never\nopted out: no\nlimit.sender: has room\nlimit.block: has room\n")
    assert [file] == list(tmp_path.iterdir())


def test_stop_of_somebody_who_was_answered_is_for_ever(begun):
    """It says what follows."""
    file = begun()
    work(file, (PAUL, "hello"))

    assert "from then on they are never answered again\n" in invoke("try", file, "--from", PAUL, "--text", "STOP")


@pytest.mark.parametrize(("day", "reason"), [("2099-12-31", Reason.ANSWERED), ("2026-01-01", Reason.PACE_LIMIT)])
def test_a_kitty_that_is_to_last_until_a_day_has_the_pace_of_the_hour(begun, day, reason):
    """The pace follows from what is left; once the day is over nobody is answered, and it is said why."""
    file = begun()
    file.write_text(file.read_text().replace('per-day = "100000"', f"lasts-until = {day}"))
    said = tried(file, PAUL)

    assert (reason, [reason]) == (said["reason"], work(file, (PAUL, "hello")))
    assert (reason is Reason.PACE_LIMIT) == ("is over, so nobody is answered" in (said["note"] or ""))
    assert (None, reason is Reason.PACE_LIMIT) == (said["until"], said["why"].startswith("the day is over"))


def until_in(days):
    """Return a file's last line but one of its budget: a day so far off, in place of a pace."""
    return f"lasts-until = {dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)}"


def within_an_hour(play):
    """Return what a play comes to, in which the hour does not turn; it is played again if it did."""
    while True:
        hour_ms, found = hour_of(clock()), play()
        if hour_of(clock()) == hour_ms:
            return found


def test_what_is_shown_is_the_pace_that_is_in_force(begun, monkeypatch):
    """The one of the hour's first contact, with which replies are paid, though most of the kitty is gone since: for each who shows it."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", SECRET)

    async def receive_much(ledger):
        for micros in (0, 187_500_000):
            await ledger.tell(Tally({}, micros))

    def play():
        file = begun(kitty="200")
        file.write_text(file.read_text().replace('per-day = "100000"\nburst = "100000"', until_in(9)))
        work(file, then=receive_much)
        config_ = load(file)
        held = totals(place_of(config_, file.parent), terms.rules_of(config_), clock())
        commands = ("status", file), ("check", file), ("try", file, "--from", PAUL)
        shown = [json.loads(invoke(*command, "--json")) for command in commands]
        return held.hourly.per_day_micros, shown, work(file, *((sender(n * 10_007), "hello") for n in range(40)))

    per_day, (status, check, said), answers = within_an_hour(play)
    burst, hour = (divide_up(per_day, parts) for parts in (4, 24))

    assert 20_000_000 < per_day < 23_000_000
    assert {format_money(burst)} == {status["pace_left"]}
    assert {format_money(burst + hour)} == {status["bill"]["worst_hour"], check["worst_hour"]}
    assert ("answered", format_money(burst - 76_300)) == (said["reason"], said["pace_left"])
    assert [Reason.ANSWERED] * 40 == answers


def test_a_short_pace_of_the_hour_is_said_with_its_end(begun):
    """Which is to come: that of the pace by which the ledger decides."""
    file = begun(kitty="1")
    file.write_text(file.read_text().replace('per-day = "100000"\nburst = "100000"', until_in(3650)))
    work(file, (FAR, "hello"))
    said = tried(file, PAUL)

    assert "pace_limit" == said["reason"]
    assert dt.datetime.now(dt.UTC) + dt.timedelta(days=100) < dt.datetime.fromisoformat(said["until"])


class _Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stdin", "complaint"),
    [
        (None, "standard input cannot be read; write the number there"),
        (
            io.TextIOWrapper(io.BytesIO(b"06 39 98 00 01\n")),
            "standard input: a number without its country; write it as +33639980001",
        ),
        (io.TextIOWrapper(io.BytesIO(b"\n")), "standard input: empty; write the number there"),
        (_Terminal(io.BytesIO(b" \n")), "standard input: empty; write the number there"),
    ],
    ids=["closed", "national", "blank", "terminal"],
)
def test_a_number_that_is_not_given_is_asked_for(tmp_path, monkeypatch, stdin, complaint):
    """One line, exit 2."""
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(Exception, match=re.escape(complaint)):
        cli.main(["explain", str(tmp_path / "edge.toml")], standalone_mode=False)


def test_another_file_is_complained_of(tmp_path):
    """A file that is not there is said."""
    with pytest.raises(ConfigError, match="cannot be read: No such file or directory"):
        cli.main(["try", str(tmp_path / "edge.toml"), "--from", "+33"], standalone_mode=False)


def test_whoever_was_answered_at_an_unknown_time_is_said(tmp_path):
    """A worker of the first format has paid since, and did not keep when."""
    file = tmp_path / "edge.toml"
    file.write_text(config())
    prepare(place_of(load(file), tmp_path))
    work(file, (PAUL, "hello"))
    connection = apsw.Connection(str(tmp_path / "antirelou.db"))
    connection.execute("UPDATE sender SET tat_ms = tat_ms + 1000")
    connection.close()

    said = invoke("explain", file, given=PAUL)
    assert said.startswith("answered: last at a time that an older format did not keep\n")


def test_every_reason_for_silence_has_its_words():
    """Those that the page of reasons gives to a new message, but for the ledger's silence and a defect; in its order."""
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8").partition("## Other requests")[0]
    told = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)

    assert [reason for reason in told if reason not in {"duplicate", "ledger_down", "fault"}] == list(WHY)


SHARED = {"per_day": "1", "burst": "0.4"}
"""Three replies at once for first messages, and one for who writes again; the next one is due after seven minutes."""


def test_it_says_what_who_writes_again_would_meet(begun):
    """In a flood: silence for a first message, until there is room for one, and the reply for a second."""
    file = begun(**SHARED)
    work(file, *((sender(10_000 * number), "hello") for number in range(1, 5)))
    said, printed = tried(file, PAUL), invoke("try", file, "--from", PAUL)

    assert (Reason.PACE_LIMIT, Reason.ANSWERED) == (said["reason"], said["again"])
    assert said["until"] is not None
    assert "if they write again, 5m later at the earliest: answered, as things are now\n" in printed


def test_one_of_several_numbers_is_written_to(begun):
    """`--to` names it, the first by default: its price, its share of the pace; a number that is none of ours is refused with those that are."""
    file = begun(burst="8")
    file.write_text(file.read_text().replace("[number]", "[[number]]").replace("[reply]\n", SECOND))

    assert ["0.0763", "0.05"] == [tried(file, PAUL, *to)["reply"]["price"] for to in ([], ["--to", OTHER])]
    assert ["3.9237", "3.95"] == [tried(file, PAUL, *to)["pace_left"] for to in ([], ["--to", OTHER])]
    result = CliRunner().invoke(cli, ["try", str(file), "--from", PAUL, "--to", "+33937000009"])
    assert (2, True) == (result.exit_code, f"the file has no such number; it has {PHONE}, {OTHER}" in result.stderr)


@pytest.mark.parametrize(
    "number", ["0639980001", "06 39 98 00 01", "33639980001", "0033639980001", "\u202a0639980001\u202c"]
)
def test_a_number_without_its_country_is_refused(begun, number):
    """No provider writes it so, and what would be done with it is nobody's question."""
    result = CliRunner().invoke(cli, ["try", str(begun()), "--from", number])

    assert 2 == result.exit_code
    assert result.stderr.endswith("Error: --from: a number without its country; write it as +33639980001\n")


@pytest.mark.parametrize("sender", ["36184", "19123456", "0800", "LaBanque", ""])
def test_a_sender_that_is_no_number_is_one(begun, sender):
    """Short codes, words and nobody write as well, and get no reply."""
    assert "not_a_person" == json.loads(invoke("try", begun(), "--from", sender, "--json"))["reason"]
