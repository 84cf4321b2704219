"""The embedded ledger when a commit fails, when a disk is full to the last byte, and when several processes want the file."""

import asyncio
import contextlib
import resource
import subprocess
import sys

import apsw
import pytest

from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger import breaker, sqlite, sqlite_books, sqlite_file
from edge.units import DAY_MS, HOUR_MS
from tests.ledger.parts import MICROS, InFile, charge, ids


@pytest.fixture(name="in_file")
def _in_file(runner, tmp_path):
    books = InFile(runner, tmp_path)
    yield books
    books.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)


@contextlib.contextmanager
def full_disk(path):
    """Let no file of this process grow beyond what the log of the ledger holds already."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(path.name + "-wal").stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_commit_that_fails_has_not_happened(in_file, shows):
    """On a full disk nothing is paid, told or heard; with room again all of it is, once, and no news is missed."""
    heard = []
    one, other = in_file.ledger(hear=heard.extend), in_file.ledger()
    one.admit(charge(1))
    with full_disk(in_file.path):
        with pytest.raises(LedgerDown, match=r"ledger\.db"):
            one.admit(charge(2, received=100))
        with pytest.raises(LedgerDown, match=r"ledger\.db"):
            one.tell(Tally({Reason.UNSERVED: 5}, 100))
    other.admit(charge(3))
    one.tell(Tally({Reason.UNSERVED: 5}, 100))
    decision = one.admit(charge(2, received=100))
    totals = one.totals()

    shows("P1", "P8", rounds=1, requests=6, faults=1)

    assert Reason.ANSWERED is decision.reason
    assert ids(1, 3, 2) == heard
    assert (3, 100, 5) == (totals.replies, totals.received_micros, totals.counts[Reason.UNSERVED])


def test_refusals_need_no_room(in_file):
    """On a full disk a refusal is still a refusal: it writes nothing."""
    ledger = in_file.ledger()
    ledger.admit(charge(1, sender=1))
    with full_disk(in_file.path):
        reasons = [ledger.admit(charge(n, sender=1)).reason for n in (1, 2)]

    assert [Reason.DUPLICATE, Reason.SENDER_LIMIT] == reasons


ASKER = """
import asyncio, sys
from pathlib import Path
from edge.errors import LedgerDown
from edge.ledger.opening import Place, open_ledger, prepare
from edge.core.wire.reason import Reason
from tests.ledger.parts import Clock, MICROS, PHONE, charge, rules

async def main(folder, which, kitty):
    place = Place("sqlite:ledger.db", Path(folder), PHONE)
    prepare(place)
    ledger = open_ledger(place, rules(kitty_micros=kitty * MICROS), Clock(), lambda _: None)
    print("ready", flush=True)
    sys.stdin.readline()
    decisions = []
    for start in range(0, 200, 8):
        asked = [charge(n * 2 + which if n % 4 else n, sender=n * 2 + which) for n in range(start, start + 8)]
        decisions += await asyncio.gather(*(ledger.admit(one) for one in asked))
    await ledger.close()
    print(*(decision.reason.value for decision in decisions))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


def test_two_processes_share_a_file(in_file, shows):
    """Two processes ask at once, some of it the same: each id is paid once, and the kitty to the last reply."""
    kitty = 150
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ASKER, str(in_file.path.parent), str(which), str(kitty)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for which in range(2)
    ]
    ready = [process.stdout.readline() for process in processes]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    reasons = [process.communicate(timeout=60)[0].split() for process in processes]
    totals = in_file.ledger().totals()

    shows("P1", "P4", rounds=1, requests=sum(map(len, reasons)))

    assert ["ready\n"] * 2 == ready
    assert [0, 0] == [process.returncode for process in processes]
    assert [200, 200] == [len(those) for those in reasons]
    assert kitty == totals.replies == sum(those.count("answered") for those in reasons)
    assert kitty * MICROS == totals.replies_micros
    assert kitty == in_file.value("SELECT count(DISTINCT message_id) FROM charge")


def test_charges_are_forgotten_when_old_and_far_back(in_file, monkeypatch):
    """A charge goes when it is older than a month and not among the newest; a wrong clock alone forgets nothing."""
    monkeypatch.setattr(sqlite_books, "KEPT_COUNT", 2)
    ledger = in_file.ledger()
    for n in range(4):
        ledger.admit(charge(n))
    ledger.tell(Tally({}, 0))
    young = in_file.value("SELECT count(*) FROM charge")
    in_file.step(31 * DAY_MS)
    ledger.tell(Tally({}, 0))
    old = in_file.value("SELECT count(*) FROM charge")

    assert (4, 2) == (young, old)
    assert Reason.DUPLICATE is ledger.admit(charge(3)).reason
    assert 4 == ledger.totals().replies


def test_pruning_is_for_once_an_hour(in_file, monkeypatch):
    """What is told every second prunes at the first time and then once an hour of the ledger's time."""
    monkeypatch.setattr(sqlite_books, "KEPT_MS", 0)
    monkeypatch.setattr(sqlite_books, "KEPT_COUNT", 1)
    ledger = in_file.ledger()
    left = []
    for step in (0, HOUR_MS - 1, 1, 1, -2 * HOUR_MS, 3 * HOUR_MS):
        in_file.step(step)
        ledger.admit(charge(len(left)))
        ledger.tell(Tally({}, 0))
        left.append(in_file.value("SELECT count(*) FROM charge"))

    assert [1, 2, 1, 2, 3, 1] == left


def test_charges_of_long_ago_are_no_news(in_file):
    """A new worker hears of the charges that a provider may still retry, and of none before."""
    heard = []
    ledger = in_file.ledger()
    ledger.admit(charge(1))
    in_file.step(DAY_MS)
    ledger.admit(charge(2))
    in_file.step(1)
    in_file.ledger(hear=heard.extend).totals()
    late = []
    in_file.step(2 * DAY_MS)
    in_file.ledger(hear=late.extend).totals()

    assert ids(2) == heard
    assert [] == late


def test_a_charge_that_cannot_be_written_harms_nobody(in_file):
    """A text that is no Unicode raises where it was asked for; what was asked with it is undone, and what comes is done."""
    ledger = in_file.ledger()
    odd = charge(1)
    odd = type(odd)("\ud800", odd.sender, odd.block, odd.cost, 0)

    with pytest.raises(UnicodeEncodeError):
        ledger.admit(odd)
    assert Reason.ANSWERED is ledger.admit(charge(1)).reason


def test_reasons_of_another_version_are_left_out(in_file):
    """A tally that a newer program has written does not keep this one from reading the rest."""
    ledger = in_file.ledger()
    ledger.tell(Tally({Reason.UNSERVED: 2}, 0))
    connection = apsw.Connection(str(in_file.path))
    connection.execute("INSERT INTO tally VALUES ('a_reason_to_come', 9)")
    connection.close()

    assert {Reason.UNSERVED: 2, Reason.ANSWERED: 0} == ledger.totals().counts


def test_the_end_does_not_wait_for_a_file_that_is_stuck(in_file, monkeypatch):
    """Closing while the thread waits for a lock ends in time; the thread lets go of the file when it gets its turn."""
    monkeypatch.setattr(sqlite_file, "BUSY_S", 60.0)
    monkeypatch.setattr(sqlite, "TIMEOUT_S", 0.05)
    ledger = in_file.ledger()
    ledger.totals()
    ledger.ledger._batcher._timeout_s = 0.05
    holder = apsw.Connection(str(in_file.path))
    holder.execute("BEGIN IMMEDIATE")

    async def scene():
        asked = asyncio.create_task(ledger.ledger.admit(charge(1)))
        await asyncio.sleep(0)
        await ledger.ledger.close()
        return await asyncio.gather(asked, return_exceptions=True)

    [error] = in_file.runner.run(scene())
    writing = ledger.ledger._file._held is not None
    holder.execute("ROLLBACK")
    holder.close()
    in_file._open.clear()
    ledger.ledger._thread.shutdown(wait=True)

    assert isinstance(error, LedgerDown)
    assert writing
    assert ledger.ledger._file._held is None
