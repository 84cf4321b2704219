"""The embedded ledger between two looks: what is gone by the time of a commit, what cannot be saved yet, and who is waited for."""

import asyncio
import errno
import os
import resource
import shutil
import threading
from pathlib import Path

import apsw
import pytest

from edge.core.wire.reason import Reason
from edge.errors import LedgerDown, LedgerError
from edge.ledger import sqlite_held, sqlite_watch
from edge.ledger.breaker import RETRY_S
from edge.ledger.known import Known
from edge.ledger.sqlite_held import HeldFile
from edge.ledger.sqlite_setup import known
from edge.ledger.sqlite_watch import Marks, look
from tests.ledger.parts import charge
from tests.ledger.vanishing import (
    begin,
    beside,
    both_removed,
    copy_of,
    execute,
    paid,
    pay,
    put_in_its_place,
    rows,
    worker,
)


@pytest.fixture(name="path")
def _path(tmp_path):
    path = tmp_path / "data" / "antirelou.db"
    path.parent.mkdir()
    begin(path)
    return path


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


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_a_look_that_the_system_has_nothing_left_for_says_nothing(path, monkeypatch, number):
    """Strangers have taken every file descriptor: what was open goes on, and nothing is let go of."""

    async def scene():
        ledger = worker(path)
        await paid(ledger, [1])
        with monkeypatch.context() as crowded:
            crowded.setattr(sqlite_held, "look", lambda *_: _raise(OSError(number, "nothing left")))
            meanwhile = await paid(ledger, [2])
        await ledger.close()
        return meanwhile

    assert {2} == asyncio.run(scene())
    assert ({1, 2}, 2) == rows(path)


def test_the_log_is_looked_at_without_a_file_descriptor_more(path):
    """It is kept open from the first look on, and anew when another one lies there."""
    kept = sqlite_watch.OpenLog()
    connection = apsw.Connection(str(path))
    connection.execute("BEGIN IMMEDIATE; UPDATE account SET replies = 0; COMMIT").fetchall()
    log = beside(path, "-wal")
    first = kept.look(log)
    before = len(list(Path("/proc/self/fd").iterdir()))
    again = kept.look(log)
    other = log.with_name("other-wal")
    shutil.copy(log, other)
    moved = kept.look(other)
    after = len(list(Path("/proc/self/fd").iterdir()))
    kept.close()
    connection.close()

    assert (first, before) == (again, after)
    assert moved[0] != first[0]
    assert moved[1:] == first[1:]


def _raise(error):
    raise error
