"""The embedded ledger whose files are removed, replaced or written over while workers have them open."""

import asyncio
import os
import re
import resource
import shutil
import threading
from pathlib import Path

import apsw
import pytest

from edge.core.reason import Reason
from edge.errors import LedgerDown, LedgerError
from edge.ledger import sqlite_held, sqlite_watch
from edge.ledger.about import About
from edge.ledger.breaker import RETRY_S
from edge.ledger.known import Known
from edge.ledger.sqlite import SqliteLedger
from edge.ledger.sqlite_about import known, update
from edge.ledger.sqlite_file import prepare
from edge.ledger.sqlite_held import HeldFile
from edge.ledger.sqlite_watch import Marks, look
from tests.ledger.parts import NOW_MS, RULES, charge

COPIED, PAID = 60, 125
"""How many replies a copy holds, and how many were paid: more than one page of each."""


@pytest.fixture(name="path")
def _path(tmp_path):
    path = tmp_path / "data" / "antirelou.db"
    path.parent.mkdir()
    begin(path)
    return path


def begin(path):
    """Begin a ledger that can be known again."""
    prepare(path)
    update(path, About("EUR", "f", ("+33937000000",)))


def beside(path, left):
    """Return a file that lies beside a ledger."""
    return path.with_name(path.name + left)


def rows(path):
    """Return the message numbers in a ledger, and what its account says."""
    connection = apsw.Connection(str(path))
    ids = {int(f"0x{row[0][2:]}", 0) for row in connection.execute("SELECT message_id FROM charge")}
    [(replies,)] = connection.execute("SELECT replies FROM account")
    connection.close()
    return ids, replies


def copy_of(path):
    """Return a copy of a ledger, made as the documentation says."""
    copy = path.parent.parent / "copy.db"
    copy.unlink(missing_ok=True)
    connection, target = apsw.Connection(str(path)), apsw.Connection(str(copy))
    with target.backup("main", connection, "main") as backup:
        backup.step(-1)
    target.close()
    connection.close()
    return copy


def execute(path, sql):
    """Do something to the file behind the ledger's back."""
    connection = apsw.Connection(str(path))
    connection.execute(sql).fetchall()
    connection.close()


def worker(path, known_=None):
    """Return a ledger as a worker has it; call it in its event loop."""
    return SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None, known_ or known(path))


async def paid(ledger, numbers):
    """Return which of some messages were answered."""
    answered = set()
    for number in numbers:
        try:
            if (await ledger.admit(charge(number))).reason in {Reason.ANSWERED, Reason.DUPLICATE}:
                answered.add(number)
        except LedgerDown:
            await asyncio.sleep(RETRY_S)
    return answered


async def pay(ledger, numbers):
    """Pay for messages, many at once."""
    await asyncio.gather(*(ledger.admit(charge(number)) for number in numbers))


def log_removed(path):
    """Somebody tidies up what looks like a temporary file."""
    beside(path, "-wal").unlink()


def index_removed(path):
    """And another one."""
    beside(path, "-shm").unlink()


def both_removed(path):
    """And both."""
    log_removed(path)
    index_removed(path)


def log_replaced(path):
    """Somebody restores a log that is empty."""
    beside(path, "-new").write_bytes(b"")
    beside(path, "-new").replace(beside(path, "-wal"))


def checkpointed(path):
    """Somebody looks after the file by SQLite's rules."""
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("fault", [log_removed, index_removed, both_removed, log_replaced, checkpointed])
def test_what_was_beside_a_ledger_is_saved_and_it_goes_on(path, fault):
    """Two workers, both with replies in the log: nothing is lost, none goes on with what was removed, both answer soon."""

    async def scene():
        one, other = worker(path), worker(path)
        seen = await paid(one, range(5)) | await paid(other, range(5, 10))
        fault(path)
        for first in range(100, 160, 6):
            seen |= await paid(one, range(first, first + 3)) | await paid(other, range(first + 3, first + 6))
        last = await paid(one, [900]) | await paid(other, [901])
        await one.close()
        await other.close()
        return seen | last, last

    seen, last = asyncio.run(scene())

    assert {900, 901} == last
    assert (seen, len(seen)) == rows(path)
    assert not beside(path, "-wal").exists()


def test_a_file_that_was_removed_is_copied_beside_its_place(path):
    """Nothing is put where it lay; the copy holds all, is known when it is moved back, and every worker answers again."""

    async def scene():
        one, other = worker(path), worker(path)
        seen = await paid(one, range(5)) | await paid(other, range(5, 10))
        for left in ("", "-wal", "-shm"):
            beside(path, left).unlink()
        silent = await paid(one, range(20, 22)) | await paid(other, range(22, 24))
        left_over = sorted(file.name for file in path.parent.iterdir())
        beside(path, ".saved-10").rename(path)
        seen |= await paid(one, range(30, 33)) | await paid(other, range(33, 36))
        await one.close()
        await other.close()
        return seen, silent, left_over

    seen, silent, left_over = asyncio.run(scene())

    assert set() == silent
    assert ["antirelou.db.key", "antirelou.db.saved-10"] == left_over
    assert {35, 32} < seen
    assert (seen, len(seen)) == rows(path)


def test_a_file_that_was_moved_holds_all_of_it(path):
    """What its log held is written into it, wherever it is now; moved back, it goes on."""
    elsewhere = path.parent.parent / "elsewhere.db"

    async def scene():
        ledger = worker(path)
        seen = await paid(ledger, range(5))
        path.rename(elsewhere)
        with pytest.raises(LedgerDown, match=rf"what it held, 5 replies, is in {elsewhere}; put it back"):
            await ledger.admit(charge(20))
        moved = rows(elsewhere)
        elsewhere.rename(path)
        await asyncio.sleep(RETRY_S)
        seen |= await paid(ledger, [21])
        await ledger.close()
        return seen, moved

    seen, moved = asyncio.run(scene())

    assert ({0, 1, 2, 3, 4}, 5) == moved
    assert ({0, 1, 2, 3, 4, 21}, 6) == (seen, len(seen)) == rows(path)


def put_in_its_place(path, copy):
    """Somebody replaces the file."""
    shutil.copy(copy, beside(path, "-new"))
    beside(path, "-new").replace(path)


def written_over(path, copy):
    """Somebody copies over it."""
    shutil.copy(copy, path)


def restored(path, copy):
    """Somebody restores it as it should be restored."""
    both_removed(path)
    shutil.copy(copy, path)


def log_written_over(path, _):
    """Somebody copies an older log over the newer one."""
    shutil.copy(path.parent.parent / "old-wal", beside(path, "-wal"))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (put_in_its_place, "an older copy: it holds 60 replies, and 125 were paid"),
        (written_over, "not of one piece|damaged"),
        (restored, "an older copy"),
        (log_written_over, "an older copy|not of one piece|damaged"),
    ],
)
def test_an_older_state_is_met_with_silence(path, fault, why):
    """A copy of the same ledger that knows of less: nothing is written to it, by none of the workers, and both say why."""
    complaints = []

    async def scene():
        one, other = worker(path), worker(path)
        await pay(one, range(COPIED))
        copy = copy_of(path)
        checkpointed(path)
        await pay(other, [COPIED])
        shutil.copy(beside(path, "-wal"), path.parent.parent / "old-wal")
        await pay(one, range(COPIED + 1, PAID - 1))
        if fault is not log_written_over:
            checkpointed(path)
        await pay(one, [PAID - 1])
        fault(path, copy)
        silent = await paid(one, range(200, 206)) | await paid(other, range(206, 212))
        for ledger in (one, other):
            await asyncio.sleep(RETRY_S)
            with pytest.raises(LedgerDown) as down:
                await ledger.admit(charge(240))
            complaints.append(str(down.value))
        for ledger in (one, other):
            await ledger.close()
        return silent, rows(copy)

    silent, held = asyncio.run(scene())

    assert set() == silent
    assert (set(range(COPIED)), COPIED) == held
    assert all(re.search(why, complaint) for complaint in complaints), complaints


def test_another_ledger_is_not_taken_for_ours(path):
    """One that was begun anew in its place, even if as many replies were paid from it."""

    async def scene():
        ledger = worker(path)
        await paid(ledger, range(3))
        path.rename(path.with_name("old.db"))
        both_removed(path)
        beside(path, ".key").unlink()
        begin(path)
        stranger = worker(path)
        await paid(stranger, range(10))
        await stranger.close()
        with pytest.raises(LedgerDown, match="another ledger was put in its place"):
            await ledger.admit(charge(50))
        await ledger.close()

    asyncio.run(scene())
    assert (set(range(10)), 10) == rows(path)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (Known(id="", replies=2), "it holds 1 replies, and 2 were paid"),
        (Known(replies=1, received_micros=200), "has counted less for receiving"),
        (Known(replies=1, received_micros=100, last_id="another"), "its reply number 1 is another one"),
        (Known(id="another"), "another ledger was put in its place"),
    ],
)
def test_a_worker_that_is_started_takes_no_other_ledger_either(path, before, why):
    """What its server knew counts, whatever lies there by then."""

    async def scene():
        first = worker(path)
        await first.admit(charge(1, received=100))
        await first.close()
        ledger = worker(path, before)
        with pytest.raises(LedgerDown, match=why):
            await ledger.admit(charge(2))
        await ledger.close()

    asyncio.run(scene())
    assert ({1}, 1) == rows(path)


def test_a_reply_that_went_into_a_file_that_is_gone_is_not_sent(path):
    """Replaced between the look and the commit: the charge is counted where it went, the reply does not leave."""
    copy = copy_of(path)

    async def scene():
        ledger = worker(path)
        await paid(ledger, [1])
        clock = ledger._clock

        def replace_it():
            put_in_its_place(path, copy)
            return clock()

        ledger._clock = replace_it
        with pytest.raises(LedgerDown, match=r"2 replies, lies in .*saved-2; what was being paid was not sent"):
            await ledger.admit(charge(2))
        ledger._clock = clock
        await asyncio.sleep(RETRY_S)
        with pytest.raises(LedgerDown, match="an older copy"):
            await ledger.admit(charge(3))
        beside(path, ".saved-2").replace(path)
        await asyncio.sleep(RETRY_S)
        reason = (await ledger.admit(charge(2))).reason
        await ledger.close()
        return reason

    assert Reason.DUPLICATE is asyncio.run(scene())


def test_what_cannot_be_copied_can_be_read_as_long_as_the_worker_lives(path):
    """The folder is gone as well: the line says under which path the system still has the file."""

    async def scene():
        ledger = worker(path)
        await paid(ledger, range(3))
        shutil.rmtree(path.parent)
        with pytest.raises(LedgerDown, match=r"could not be copied .* it is /proc/\d+/fd/\d+") as down:
            await ledger.admit(charge(9))
        place = Path(next(word for word in str(down.value).split() if word.startswith("/proc")).rstrip(";"))
        found = path.parent.parent / "found.db"
        shutil.copy(place, found)
        await ledger.close()
        return rows(found)

    assert ({0, 1, 2}, 3) == asyncio.run(scene())


def test_a_ledger_that_goes_before_the_end_is_saved_at_the_end(path, caplog):
    """The last look is when a worker closes it."""

    async def scene():
        ledger = worker(path)
        await paid(ledger, range(3))
        path.unlink()
        await ledger.close()

    asyncio.run(scene())

    assert ({0, 1, 2}, 3) == rows(beside(path, ".saved-3"))
    assert "what it held, 3 replies, lies in" in caplog.text


def test_a_log_is_written_back_before_it_grows(path, monkeypatch):
    """A worker does it itself, so that it knows who wrote to the file."""
    monkeypatch.setattr(sqlite_held, "CHECKPOINT_PAGES", 10)

    async def scene():
        ledger = worker(path)
        await paid(ledger, [0])
        before = path.stat().st_mtime_ns
        held = ledger._file._held
        await paid(ledger, range(1, 20))
        same = ledger._file._held is held
        await ledger.close()
        return before != path.stat().st_mtime_ns, same

    assert (True, True) == asyncio.run(scene())


def test_where_there_are_no_marks_files_are_watched_all_the_same(path, monkeypatch):
    """On other systems than Linux a worker knows of no other one; the look is the same."""
    monkeypatch.setattr(sqlite_watch, "_HAS_MARKS", False)

    async def scene():
        ledger = worker(path)
        await paid(ledger, range(3))
        both_removed(path)
        seen = await paid(ledger, range(3, 6))
        await ledger.close()
        return seen

    assert {3, 4, 5} == asyncio.run(scene())
    assert (set(range(6)), 6) == rows(path)


def test_a_file_has_a_name_only_where_the_system_tells_it(monkeypatch):
    """Where there is no /proc it is called what it is."""
    monkeypatch.setattr(sqlite_held, "_place", lambda _: "/nowhere/at/all")

    assert "the file that it had open" == sqlite_held._name(os.dup(0))


def test_nothing_is_written_back_that_others_have_gone_beyond(path):
    """While somebody has other files open, what this worker holds waits; when they have let go, it is saved."""

    async def scene():
        ledger = worker(path)
        await paid(ledger, range(3))
        others = Marks(beside(path, ".key"))
        others.set_files(look(path)._replace(log=None))
        both_removed(path)
        with pytest.raises(LedgerDown, match="other workers have opened it anew"):
            await ledger.admit(charge(3))
        others.close()
        await asyncio.sleep(RETRY_S)
        reason = (await ledger.admit(charge(3))).reason
        await ledger.close()
        return reason

    assert Reason.ANSWERED is asyncio.run(scene())
    assert ({0, 1, 2, 3}, 4) == rows(path)


def test_whoever_still_has_what_was_removed_is_waited_for(path):
    """A worker that is started meanwhile opens nothing before all have let go; and none that others know more of."""

    async def scene():
        ledger, complaints = worker(path), []
        for mark in (Marks.set_files, Marks.set_replies):
            others = Marks(beside(path, ".key"))
            mark(others, look(path) if mark is Marks.set_files else 7)
            for left in ("-wal", "-shm"):
                beside(path, left).unlink(missing_ok=True)
            with pytest.raises(LedgerDown) as down:
                await ledger.admit(charge(1))
            complaints.append(str(down.value))
            others.close()
            await asyncio.sleep(RETRY_S)
        reason = (await ledger.admit(charge(1))).reason
        await ledger.close()
        return complaints, reason

    (first, second), reason = asyncio.run(scene())

    assert "has yet to let go of what was removed or replaced" in first
    assert "it holds 0 replies, and another worker knows of more" in second
    assert Reason.ANSWERED is reason


def test_a_file_that_is_replaced_while_it_is_opened_is_opened_again(path, monkeypatch):
    """Between opening it and looking at it."""
    copy, recognise = copy_of(path), sqlite_held.recognise

    def slowly(*arguments):
        put_in_its_place(path, copy)
        return recognise(*arguments)

    async def scene():
        ledger = worker(path)
        with monkeypatch.context() as slow:
            slow.setattr(sqlite_held, "recognise", slowly)
            with pytest.raises(LedgerDown, match="replaced while it was opened"):
                await ledger.admit(charge(1))
        await asyncio.sleep(RETRY_S)
        reason = (await ledger.admit(charge(1))).reason
        await ledger.close()
        return reason

    assert Reason.ANSWERED is asyncio.run(scene())
    assert ({1}, 1) == rows(path)


def test_what_cannot_be_written_back_yet_is_kept(path):
    """The log was removed, and there is no room in the file: both are held until there is, and nothing is lost."""

    async def scene():
        ledger = worker(path)
        await pay(ledger, range(100))
        both_removed(path)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, limits[1]))
        try:
            with pytest.raises(LedgerDown, match="what its log holds cannot be written into it yet"):
                await ledger.admit(charge(200))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        await asyncio.sleep(RETRY_S)
        reason = (await ledger.admit(charge(200))).reason
        await ledger.close()
        return reason

    assert Reason.ANSWERED is asyncio.run(scene())
    assert ({*range(100), 200}, 101) == rows(path)


def test_what_fails_in_the_middle_of_a_step_is_saved_as_well(path):
    """The file goes and the step fails: it is undone, and what was held before is saved."""

    async def scene():
        ledger = worker(path)
        await paid(ledger, range(3))
        clock = ledger._clock

        def fails():
            path.unlink()
            raise OSError("no clock")

        ledger._clock = fails
        with pytest.raises(LedgerDown, match="no clock"):
            await ledger.admit(charge(3))
        ledger._clock = clock
        await asyncio.sleep(RETRY_S)
        with pytest.raises(LedgerDown, match="3 replies, lies in"):
            await ledger.admit(charge(3))
        await ledger.close()

    asyncio.run(scene())
    assert ({0, 1, 2}, 3) == rows(beside(path, ".saved-3"))


def test_where_nothing_is_open_there_is_nothing_to_look_at(path):
    """A file that was never opened is settled and closed."""
    file = HeldFile(path, Known())
    file.settle(Known("id", 1))
    file.close()

    assert 0 == file.known.replies


def test_a_ledger_without_an_account_is_damaged(path):
    """The row of sums is gone: one line, and nothing is paid."""
    execute(path, "DELETE FROM account")

    with pytest.raises(LedgerError, match=r"damaged \(no account\); restore it from a backup"):
        known(path)


def test_a_worker_that_gets_no_thread_is_down(path, monkeypatch):
    """The system has none left: silence, and back by itself when it has; what was asked meanwhile may be counted by then."""

    async def scene():
        ledger = worker(path)
        with monkeypatch.context() as crowded:
            crowded.setattr(threading.Thread, "start", no_thread)
            with pytest.raises(LedgerDown, match="can't start new thread"):
                await ledger.admit(charge(1))
        await asyncio.sleep(RETRY_S)
        reason = (await ledger.admit(charge(1))).reason
        await ledger.close()
        return reason

    assert Reason.DUPLICATE is asyncio.run(scene())


def no_thread(_):
    """Fail as Python does."""
    raise RuntimeError("can't start new thread")
