"""Ledgers of the first format: read with the same totals, brought up to date as a whole after a copy, shared with workers of then."""

import json
import random
import shutil
from collections import Counter
from pathlib import Path

import apsw
import pytest

from edge.core.charging.charge import Tally
from edge.core.charging.states import States
from edge.core.limits.bucket import UNUSED, Bucket, count_limit
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown, LedgerError
from edge.ledger import breaker
from edge.ledger.opening import Place, look, open_ledger, prepare, states, totals
from edge.ledger.sqlite_about import copy_path
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger import before, parts
from tests.ledger.parts import KEY, MICROS, NOW_MS, PHONE, Clock, OnServer, charge, cost, key16, rules
from tests.ledger.servers import any_server, running

SAMPLES = Path(__file__).with_name("samples")
FILE = {
    "sender": [2, 2, 8 * HOUR_MS],
    "block": [3, 3, HOUR_MS],
    "pace": [5 * MICROS, 60 * MICROS],
    "kitty": 600 * MICROS,
}
RULES = rules(
    sender=count_limit(burst=2, count=2, period_ms=8 * HOUR_MS),
    block=count_limit(burst=3, count=3, period_ms=HOUR_MS),
    kitty_micros=600 * MICROS,
)
COST = cost(burst=5 * MICROS, per_day=60 * MICROS)
COUNTS = {Reason.SENDER_LIMIT: 20, Reason.OPTED_OUT: 1}
TOTALS = ({**COUNTS, Reason.ANSWERED: 21}, 1_711_900, 330_000)
"""What the file holds: two days on which ten were answered, one of them twice; another one wrote STOP."""
TOTALS_ON_SERVER = ({**COUNTS, Reason.ANSWERED: 20}, 1_635_600, 330_000)
"""What the server held, where all of it came within a second."""


class InFile(parts.InFile):
    """Books in a file, that of a sample or one that is to come."""

    def __init__(self, runner, folder, name="antirelou.db"):
        parts.Books.__init__(self, runner)
        self.place = Place(f"sqlite:{name}", folder, PHONE, currency="EUR")
        self.path, self.clock = folder / name, Clock()


def sums(totals):
    """Return the totals without what is of one moment."""
    return dict(totals.counts), totals.replies_micros, totals.received_micros


@pytest.fixture(name="sample")
def _sample(runner, tmp_path):
    for name in ("format-1.sqlite", "format-1.sqlite.key"):
        shutil.copy(SAMPLES / name, tmp_path)
    books = InFile(runner, tmp_path, "format-1.sqlite")
    books.step(DAY_MS + HOUR_MS)
    yield books
    books.close()


@pytest.fixture(name="server")
def _server(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    with running(any_server(), folder) as server:
        yield server


@pytest.fixture(name="sample_on_server")
def _sample_on_server(runner, server):
    """Return books of the first format on a server whose clock stands where it stood then."""
    books = OnServer(runner, server)
    books.clear()
    commands = json.loads((SAMPLES / "format-1.json").read_text())
    with server.client() as client:
        for command in commands:
            client.execute_command(*command)
        then_ms = int(client.hget(parts.key(PHONE, "account"), "turned_ms"))
    books.phone, books.place = PHONE, Place(server.url, Path(), PHONE, KEY, currency="EUR")
    books.set_clock(then_ms + MINUTE_MS)
    yield books
    books.close()


def test_a_file_of_the_first_format_has_the_same_totals(sample, caplog):
    """Counts, money, who was answered and who wrote STOP are what they were; the copy of before is named, with its age."""
    prepare(sample.place)
    ledger = sample.ledger(parts.RULES)

    assert TOTALS == sums(ledger.totals())
    assert Reason.DUPLICATE is ledger.admit(charge(1)).reason
    assert Reason.OPTED_OUT is ledger.admit(charge(30, sender=2)).reason
    assert Reason.SENDER_LIMIT is ledger.admit(charge(31, sender=15)).reason
    assert Reason.ANSWERED is ledger.admit(charge(32, sender=3)).reason
    [said] = caplog.messages
    assert "with 21 replies, the last one at 2027-01-16 08:11 UTC, it lies in" in said
    assert said.endswith(str(copy_path(sample.path)))


def test_what_was_used_of_the_pace_before_counts(sample):
    """By the pace of then, ten replies of the second day are not back an hour later."""
    prepare(sample.place)
    taken = 4 * 90_000 + 7 * MICROS
    pace = cost(burst=8_000_000, per_day=35_000_000)
    sample.clock.now_ms = NOW_MS + DAY_MS + 11 * MINUTE_MS
    decision = sample.ledger(parts.RULES).admit(charge(40, cost=pace))

    back = 11 * MINUTE_MS * 35_000_000 // DAY_MS
    assert 0 <= decision.pace.used - MICROS - max(0, taken - back) < 1_000


def test_a_file_of_the_first_format_is_looked_at_without_writing(sample):
    """Whoever only looks reads the totals of it as it is."""
    held = sample.path.read_bytes()

    assert TOTALS == sums(sample.ledger().totals())
    sample.close()
    assert held[100:] == sample.path.read_bytes()[100:]


def test_the_commands_read_the_first_format_as_it_is(sample):
    """`status` and `check` have the same totals, and do not bring it up to date."""
    sample.close()
    held = sample.path.read_bytes()

    assert None is not look(sample.place)
    assert TOTALS == sums(totals(sample.place, parts.RULES, sample.clock.now_ms))
    assert held == sample.path.read_bytes()


def test_the_commands_read_the_first_format_on_a_server_as_it_is(sample_on_server):
    """As a file; and afterwards as it was brought up to date."""
    place = sample_on_server.place
    before = look(place)
    with sample_on_server.server.client() as client:
        held = client.hgetall(sample_on_server.key("account"))

        assert TOTALS_ON_SERVER == sums(totals(place, parts.RULES, 0))
        assert held == client.hgetall(sample_on_server.key("account"))
        assert not client.keys("*:format-1")
    assert before == prepare(place)
    assert TOTALS_ON_SERVER == sums(totals(place, parts.RULES, 0))


def test_the_copy_is_the_ledger_as_it_was(sample, tmp_path, runner):
    """It holds the same, in the format of then, and can be brought up to date itself."""
    prepare(sample.place)
    folder = tmp_path / "again"
    folder.mkdir()
    shutil.copy(copy_path(sample.path), folder / sample.path.name)
    shutil.copy(tmp_path / "format-1.sqlite.key", folder)
    again = InFile(runner, folder, sample.path.name)

    assert 0 == again.value("SELECT count(*) FROM sqlite_master WHERE name = 'about'")
    prepare(again.place)
    assert TOTALS == sums(again.ledger().totals())
    again.close()


def test_where_no_copy_can_be_made_nothing_is_changed(sample):
    """A folder that takes no more file: one line, and the ledger is of the first format still."""
    copy_path(sample.path).mkdir()

    with pytest.raises(LedgerError, match=r"cannot be brought up to date: .*; nothing was changed"):
        prepare(sample.place)
    assert 0 == sample.value("SELECT count(*) FROM sqlite_master WHERE name = 'about'")


def test_a_ledger_of_the_first_format_that_has_paid_nothing(runner, tmp_path, caplog):
    """There is no last reply to name."""
    books = InFile(runner, tmp_path)
    with before.worker(tmp_path / "then", books.place, FILE):
        pass
    prepare(books.place)

    assert "with 0 replies, it lies in" in caplog.messages[0]
    assert 0 == books.ledger().totals().spent_micros
    books.close()


def test_it_is_brought_up_to_date_once(sample, caplog):
    """The second start finds it so."""
    for _ in range(2):
        prepare(sample.place)

    assert 1 == len(caplog.messages)


def test_a_later_format_is_refused(sample):
    """By a program that does not know it, in one line."""
    prepare(sample.place)
    connection = apsw.Connection(str(sample.path))
    connection.execute("UPDATE about SET value = '3' WHERE name = 'format'")
    connection.close()

    with pytest.raises(LedgerError, match=r"format 3, and this program knows 2; run the one that wrote it$"):
        prepare(sample.place)


def test_a_server_of_the_first_format_has_the_same_totals(sample_on_server, caplog):
    """As a file; its keys are copied, in the same step."""
    prepare(sample_on_server.place)
    prepare(sample_on_server.place)
    ledger = sample_on_server.ledger(parts.RULES)

    assert TOTALS_ON_SERVER == sums(ledger.totals())
    assert Reason.DUPLICATE is ledger.admit(charge(1)).reason
    assert Reason.OPTED_OUT is ledger.admit(charge(30, sender=2)).reason
    assert Reason.SENDER_LIMIT is ledger.admit(charge(31, sender=15)).reason
    assert Reason.ANSWERED is ledger.admit(charge(32, sender=99)).reason
    [said] = caplog.messages
    assert said.endswith("as it was just now, it lies under antirelou:{+33937000000}:account:format-1 and the like")
    with sample_on_server.server.client() as client:
        copied = client.keys("*:format-1")
        assert "20" == client.hget(sample_on_server.key("account:format-1"), "replies")
    assert 6 == len(copied)


def test_a_server_of_a_later_format_is_refused(sample_on_server):
    """As a file."""
    prepare(sample_on_server.place)
    with sample_on_server.server.client() as client:
        client.hset(sample_on_server.key("account"), "format", 3)

    with pytest.raises(LedgerError, match=r"format 3, and this program knows 2; run the one that wrote it$"):
        prepare(sample_on_server.place)


def test_an_older_ledger_in_its_place_is_not_written_to(sample_on_server, monkeypatch):
    """Restored from before under a running worker, it is silence until the worker is started anew."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)
    prepare(sample_on_server.place)
    ledger = sample_on_server.ledger()
    ledger.totals()
    with sample_on_server.server.client() as client:
        client.hdel(sample_on_server.key("account"), "format")

    with pytest.raises(LedgerDown, match="LOST an older ledger was put in its place; restart the worker"):
        ledger.admit(charge(40))


class Beside:
    """A worker of then and one of now on the same ledger, and what was paid by either."""

    def __init__(self, old, new, clock):
        self.old, self.new, self.clock = old, new, clock
        self.received = [0, 0]
        self.paid = []

    def ask(self, who, message, sender):
        """Have one of them decide a message, and return the reason."""
        self.received[who] += 7_500
        wanted = charge(message, sender=sender, block=sender // 4, cost=COST, received=self.received[who])
        if who:
            reason = self.new.admit(wanted).reason
        else:
            hexes = (wanted.sender.hex(), wanted.block.hex())
            reason = self.old.admit(self.clock.now_ms, wanted.message_id, *hexes, MICROS, self.received[0])
        if reason == Reason.ANSWERED:
            self.paid.append((self.clock.now_ms, message, sender))
        return reason

    def check(self):
        """Hold all that was paid against the limits: every interval, every sender, block and all together."""
        for key, burst, count, period_ms in (
            (lambda sender: sender, 2, 2, 8 * HOUR_MS),
            (lambda sender: sender // 4, 3, 3, HOUR_MS),
            (lambda _: 0, 5, 60, DAY_MS),
        ):
            for last, (end_ms, _, sender) in enumerate(self.paid):
                many = 0
                for at_ms, _, other in reversed(self.paid[: last + 1]):
                    many += key(other) == key(sender)
                    assert period_ms * (many - burst) <= count * (end_ms - at_ms)


def test_workers_of_both_formats_share_a_file(runner, tmp_path, shows):
    """Whoever decides what in whatever order: no limit is broken, each id is paid once, nobody waits for what is not used."""
    books = InFile(runner, tmp_path)
    chance, steps = random.Random(1789), 400
    with before.worker(tmp_path / "then", books.place, FILE) as old:
        old.admit(NOW_MS, "first", key16(9).hex(), key16(9).hex(), MICROS, 0)
        prepare(books.place)
        both = Beside(old, books.ledger(RULES), books.clock)
        both.paid.append((NOW_MS, 0, 9))
        reasons = Counter()
        for message in range(1, steps):
            books.step(chance.choice([1, MINUTE_MS, 20 * MINUTE_MS, HOUR_MS]))
            reason = both.ask(chance.randrange(2), message, chance.randrange(8))
            reasons[str(reason)] += 1
            if reason == Reason.ANSWERED:
                assert Reason.DUPLICATE == both.ask(chance.randrange(2), message, both.paid[-1][2])
            if message % 50 == 0:
                both.new.tell(Tally({}, both.received[1]))
                old.tell(books.clock.now_ms, {}, both.received[0])
        both.check()
        totals = both.new.totals()
        assert [len(both.paid), len(both.paid)] == [totals.replies, old.totals()[0]["answered"]]
        assert len(both.paid) * MICROS == totals.replies_micros
        books.step(30 * DAY_MS)
        rested = [both.ask(n % 2, steps + n, n * 2) for n in range(4)]
    books.close()
    shows("P1", "P2", "P4", rounds=1, requests=steps)

    assert {"answered", "sender_limit", "block_limit", "pace_limit"} <= set(reasons)
    assert [Reason.ANSWERED] * 4 == rested


def test_going_back_is_safe(sample, tmp_path):
    """A worker of then that starts on a ledger of now knows who was answered, what was spent and what was used."""
    prepare(sample.place)
    ledger = sample.ledger(RULES)
    now_ms = sample.clock.now_ms
    paid = [ledger.admit(charge(100 + n, sender=100 + n // 2, block=100 + n, cost=COST)).reason for n in range(3)]
    sample.close()
    with before.worker(tmp_path / "then", sample.place, FILE) as old:
        known = [
            old.admit(now_ms, f"SM{100:032x}", key16(100).hex(), key16(0).hex(), MICROS, 0),
            old.admit(now_ms, "new", key16(100).hex(), key16(0).hex(), MICROS, 0),
            old.admit(now_ms, "newer", key16(2).hex(), key16(0).hex(), MICROS, 0),
            old.admit(now_ms, "newest", key16(300).hex(), key16(300).hex(), 3 * MICROS, 0),
        ]
        counts, micros, _ = old.totals()

    assert [Reason.ANSWERED] * 3 == paid
    assert ["duplicate", "sender_limit", "opted_out", "pace_limit"] == known
    assert (24, TOTALS[1] + 3 * MICROS) == (counts["answered"], micros)


def test_workers_of_both_formats_share_a_server(runner, server, tmp_path, shows):
    """The same on a server, at one moment of its clock: the larger of what either knows counts."""
    books = OnServer(runner, server)
    books.clear()
    books.place = Place(server.url, Path(), books.phone, KEY, currency="EUR")
    file, limits = (
        {**FILE, "kitty": 99 * MICROS},
        rules(sender=RULES.sender, block=RULES.block, kitty_micros=99 * MICROS),
    )
    wide = cost(burst=100 * MICROS, per_day=1)
    with before.worker(tmp_path / "then", books.place, {**file, "pace": [100 * MICROS, 1]}) as old:
        old.admit(0, f"SM{0:032x}", key16(0).hex(), key16(0).hex(), MICROS, 0)
        prepare(books.place)
        new = runner.run(_opened(books.place, limits))
        reasons = []
        for n, (sender, who) in enumerate(
            [(0, 1), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1), (2, 1), (3, 0), (4, 1), (4, 0), (4, 1), (5, 0)]
        ):
            wanted = charge(n + 1, sender=sender, block=sender % 2 + 10 * (sender > 1), cost=wide)
            hexes = (wanted.sender.hex(), wanted.block.hex())
            said = runner.run(new.admit(wanted)).reason if who else old.admit(0, wanted.message_id, *hexes, MICROS, 0)
            reasons.append(str(said))
        totals = runner.run(new.totals())
        runner.run(new.close())
        alike = old.totals()
    shows("P1", "P2", rounds=1, requests=len(reasons))

    limit, yes = "sender_limit", "answered"
    assert [yes, limit, limit, yes, yes, limit, yes, yes, yes, yes, limit, yes] == reasons
    assert (totals.replies, totals.replies_micros) == (alike[0]["answered"], alike[1])
    assert totals.replies_micros == totals.pace.used


async def _opened(place, limits):
    return open_ledger(place, limits, Clock(), lambda _: None)


@pytest.mark.parametrize("name", ["sample", "sample_on_server"])
def test_whoever_was_answered_in_the_first_format_is_known(name, request):
    """That they were, and who wrote STOP; when it was that format did not keep. A stranger is nobody."""
    books = request.getfixturevalue(name)
    stopped, answered, stranger = (states(books.place, parts.RULES, key16(n), key16(0)) for n in (2, 15, 4_000))

    assert (True, True, None) == (stopped.opted_out, stopped.is_known, stopped.answered_ms)
    assert (False, True, None) == (answered.opted_out, answered.is_known, answered.answered_ms)
    assert (False, False) == (stranger.opted_out, stranger.is_known)
    assert UNUSED == states(books.place, parts.RULES, key16(15), key16(4_000)).block


@pytest.mark.parametrize("name", ["file", "server"])
def test_what_a_worker_of_then_has_paid_since_holds_back(name, request, runner, tmp_path):
    """States are those of the decision, until a worker of then pays. Of both states the one that holds back longer is the sender's; when they were last answered is not kept then."""
    books = InFile(runner, tmp_path) if name == "file" else OnServer(runner, request.getfixturevalue("server"))
    if name == "file":
        prepare(books.place)
    try:
        decision = books.ledger(parts.RULES).admit(charge(1, sender=1, block=7))

        assert States(sender=decision.sender, block=decision.block) == states(
            books.place, parts.RULES, key16(1), key16(7)
        )
        before = states(books.place, parts.RULES, key16(1), b"")
        later_ms = before.sender.at_ms + 3 * DAY_MS
        if name == "file":
            books.close()
            connection = apsw.Connection(str(books.path))
            connection.execute("UPDATE sender SET tat_ms = ?", (later_ms,))
            connection.close()
        else:
            with books.server.client() as client:
                client.zadd(books.key("senders"), {key16(1).hex(): later_ms})

        assert before.sender.at_ms == before.answered_ms
        assert States(sender=Bucket(0, later_ms)) == states(books.place, parts.RULES, key16(1), b"")
    finally:
        books.close()
