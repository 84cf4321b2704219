"""`antirelou status`: what came lately, and the same again and again with `--watch`."""

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from edge.commands.live import _fitting, show
from edge.commands.status import status
from edge.configfile import load
from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason
from edge.ledger.opening import look, open_ledger, prepare
from edge.meaning.terms import knocks_of, purse_of, rules_of
from edge.setup import place_of, state_of
from edge.state.folder import State
from edge.units import MINUTE_MS
from tests.worker import await_, config, sender

NOW_MS = 1_800_000_000_000


@pytest.fixture
def file(tmp_path):
    """Return the file of a number whose ledger was begun."""
    path = tmp_path / "edge.toml"
    path.write_text(config())
    prepare(place_of(load(path), tmp_path))
    return path


def tell(file, *minutes, now_ms=NOW_MS):
    """Have a ledger told of so many messages in each minute."""
    now, told = now_ms, 0
    found = load(file)

    async def tell_all():
        nonlocal now, told
        ledger = open_ledger(place_of(found, file.parent), rules_of(found), lambda: now, lambda _: None)
        for messages in minutes:
            told += messages
            await ledger.tell(Tally({Reason.SENDER_LIMIT: told}, told * 7_500, told))
            now += MINUTE_MS
        await ledger.close()

    asyncio.run(tell_all())


def said(file, capsys, now_ms=NOW_MS + 30 * MINUTE_MS):
    """Return what the command prints at an instant."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edge.commands.status.clock", lambda: now_ms)
        assert 0 == status.callback(file, as_json_=False, watch=False)
    return capsys.readouterr().out


def test_status_says_what_came_lately(file, capsys):
    """The last hour, day and month, what a day costs, until when it lasts so, and the flood that is on."""
    tell(file, *[100] * 30)
    out = said(file, capsys)

    assert "last hour:  3,000 messages, 0 replies" in out
    assert "last month: 3,000 messages, 0 replies" in out
    assert "in the last day: 0.00 EUR on replies, 540.00 on receiving; at that pace until 2027-01-19" in out
    assert (
        "a flood since 2027-01-15 08:00 UTC: 3,000 messages, 3,000 of people who had had their answer, 0 answered"
        in out
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({Reason.MALFORMED: 1}, 0),
        ({Reason.NOT_FOUND: 1}, 1),
        ({Reason.BAD_SIGNATURE: 3}, 1),
        ({Reason.BAD_SIGNATURE: 3, Reason.SENDER_LIMIT: 1}, 0),
    ],
)
def test_while_nothing_verifies_status_says_where_to_look(file, capsys, counts, expected):
    """And what is easily taken for another at the provider; once a message has come, what does not verify is a stranger's."""

    async def tell_it():
        place, rules = place_of(load(file), file.parent), rules_of(load(file))
        ledger = open_ledger(place, rules, lambda: NOW_MS, lambda _: None)
        await ledger.tell(Tally(counts, 0))
        await ledger.close()

    asyncio.run(tell_it())
    out = said(file, capsys, NOW_MS)

    assert expected == out.count("nothing has verified yet: if that is the provider, the worker's log says what would")
    assert expected == out.count("  twilio: the messages of a subaccount's number are signed with the subaccount's")


def test_a_flood_has_as_many_senders_as_its_machine_has_noted(file, capsys):
    """By the table that the workers share, in the folder of their state; where there is none, nothing is said of them."""
    tell(file, *[100] * 30)
    found = load(file)
    place = place_of(found, file.parent)
    state = State(state_of(found, file.parent, place), look(place).owner)
    before = said(file, capsys)
    knocks = knocks_of(found, purse_of(found, 0, NOW_MS), b"k", state.knocks())
    for n in range(7):
        knocks.note(sender(n), NOW_MS + (n - 3) * 10 * MINUTE_MS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edge.commands.lately.clock", lambda: NOW_MS + 30 * MINUTE_MS)
        noted = said(file, capsys)

    assert "UTC: 3,000 messages, 3,000 of people" in before
    assert "UTC: 3,000 messages from at least 4 senders, 3,000 of people" in noted


def test_a_quiet_number_has_no_flood_and_no_last_day(file, capsys):
    """Nor is there a day's cost where nothing was ever told."""
    fresh = said(file, capsys)
    tell(file, 1)
    quiet = said(file, capsys)

    assert "in the last day" not in fresh
    assert "flood" not in fresh + quiet


@contextmanager
def watching(file, *options, terminal=False):
    """Run `status --watch`; yield the process, and where its output is read."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    command = [sys.executable, "-m", "edge", "status", str(file), "--watch", *options]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    try:
        yield process, Reader(ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


class Reader:
    """All that came out of a process so far."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self.text = ""

    def has(self, piece, times=1):
        """Return whether that came out, so often."""
        while select.select([self._descriptor], [], [], 0)[0]:
            try:
                got = os.read(self._descriptor, 65_536).decode()
            except OSError:  # the other side of a terminal is gone
                break
            if not got:
                break
            self.text += got
        return self.text.count(piece) >= times


def end(process):
    """End it as a person would; return its exit code."""
    process.send_signal(signal.SIGINT)
    return process.wait(20)


def test_on_a_terminal_it_is_shown_in_its_place(file):
    """On a screen of its own; what changes is there within two seconds, and Ctrl-C gives the terminal back, exit 0."""
    tell(file, 1)
    with watching(file, terminal=True) as (process, out):
        await_(lambda: out.has("1 messages"))
        tell(file, 5, now_ms=NOW_MS + MINUTE_MS)
        await_(lambda: out.has("6 messages"))
        code = end(process)
        await_(lambda: out.has("\x1b[?1049l"))

    assert 0 == code
    assert out.text.startswith("\x1b[?1049h")


def test_elsewhere_it_is_said_when_it_changes(file):
    """A line of JSON for each change, and none while nothing changes; a ledger that is gone meanwhile is said, too."""
    tell(file, 1)
    with watching(file, "--json") as (process, out):
        await_(lambda: out.has('"messages": 1,'))
        file.with_name("antirelou.db").rename(file.with_name("away.db"))
        await_(lambda: out.has("the ledger does not answer"))
        file.with_name("away.db").rename(file.with_name("antirelou.db"))
        await_(lambda: out.has('"messages": 1,', times=2))
        code = end(process)

    first, away, again = out.text.splitlines()
    assert (0, json.loads(first)["messages"]) == (code, json.loads(again)["messages"])
    assert "antirelou.db" in away


def test_what_cannot_be_shown_at_all_is_refused(tmp_path):
    """Exit 2, in one line, before the terminal is touched."""
    (tmp_path / "edge.toml").write_text(config())
    with watching(tmp_path / "edge.toml", terminal=True) as (process, out):
        code = process.wait(20)
        await_(lambda: out.has("no ledger was begun there yet"))

    assert (2, 1, False) == (code, out.text.count("\n"), "\x1b" in out.text)


def test_what_is_as_it_was_is_not_said_again(capsys):
    """Where there is no terminal: a text that did not change is no news."""
    texts = iter(["one", "one", "two"])

    def text():
        try:
            return next(texts)
        except StopIteration:
            raise KeyboardInterrupt from None

    show(text, every_s=0)

    assert "one\ntwo\n" == capsys.readouterr().out


def test_it_fits_its_terminal(monkeypatch):
    """Lines that are too long are cut, and those that there is no room for are left out."""
    monkeypatch.setenv("COLUMNS", "4")
    monkeypatch.setenv("LINES", "3")

    assert "abcd\x1b[K\nx\x1b[K\n" == _fitting("abcdef\nx\ny\nz")
