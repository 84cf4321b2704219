"""The embedded ledger whose files are removed, replaced or written over while workers have them open."""

import asyncio
import re
import shutil

import pytest

from edge.errors import LedgerDown, LedgerError
from edge.ledger.breaker import RETRY_S
from edge.ledger.known import Known
from tests.ledger.parts import charge
from tests.ledger.vanishing import (
    begin,
    beside,
    both_removed,
    checkpointed,
    copy_of,
    index_removed,
    log_removed,
    log_replaced,
    paid,
    pay,
    put_in_its_place,
    rows,
    worker,
    written_over,
)

COPIED, PAID = 60, 125
"""How many replies a copy holds, and how many were paid: more than one page of each."""


@pytest.fixture(name="path")
def _path(tmp_path):
    path = tmp_path / "data" / "antirelou.db"
    path.parent.mkdir()
    begin(path)
    return path


def restored(path, copy):
    """Somebody restores it as it should be restored."""
    for left in ("-wal", "-shm"):
        beside(path, left).unlink(missing_ok=True)
    shutil.copy(copy, path)


def log_written_over(path, _):
    """Somebody copies an older log over the newer one."""
    shutil.copy(path.parent.parent / "old-wal", beside(path, "-wal"))


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


@pytest.mark.parametrize("is_tidied", [True, False])
def test_a_start_finds_a_backup_beside_a_log_that_is_not_its_own(path, is_tidied):
    """Copied back and the log of then left there: what SQLite would make of both is refused, unless it is all that was paid."""
    log = path.parent.parent / "old-wal"

    async def scene():
        ledger = worker(path)
        await pay(ledger, range(COPIED))
        copy = copy_of(path)
        await pay(ledger, range(COPIED, PAID - 1))
        if is_tidied:
            checkpointed(path)
        await pay(ledger, [PAID - 1])
        shutil.copy(beside(path, "-wal"), log)
        await ledger.close()
        return copy

    restored(path, asyncio.run(scene()))
    shutil.copy(log, beside(path, "-wal"))

    if is_tidied:
        with pytest.raises(LedgerError, match="restore it from a backup, without the -wal and -shm that lie beside it"):
            begin(path)
    else:
        begin(path)
        assert (set(range(PAID)), PAID) == rows(path)


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
