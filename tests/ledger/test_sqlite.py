"""The embedded ledger when the disk or the file is not what it was: down, spending nothing, and back by itself."""

import asyncio
import shutil

import apsw
import pytest

from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger import sqlite_books, sqlite_file
from edge.ledger.breaker import RETRY_S
from edge.ledger.opening import Place, paid, prepare
from edge.ledger.sqlite import SqliteLedger
from edge.units import DAY_MS
from tests.ledger.parts import NOW_MS, RULES, charge, key16


@pytest.fixture(name="path")
def _path(tmp_path):
    path = tmp_path / "antirelou.db"
    prepare(Place(f"sqlite:{path}", path.parent, "+33937000000"))
    return path


def _rows(path):
    connection = apsw.Connection(str(path))
    [(count,)] = connection.execute("SELECT count(*) FROM charge")
    connection.close()
    return count


async def _until_back(ledger, wanted):
    """Question until the ledger answers again: the breaker lets one try each quarter of a second."""
    for _ in range(40):
        try:
            return await ledger.admit(wanted)
        except LedgerDown:
            await asyncio.sleep(RETRY_S / 4)
    raise AssertionError("did not come back")


async def _pay_until_it_fails(ledger):
    """Return the number of the first message that could not be charged."""
    for number in range(1, 5000):
        try:
            await ledger.admit(charge(number))
        except LedgerDown:
            return number
    raise AssertionError("never failed")


def test_a_locked_file_is_down_and_comes_back(path, monkeypatch):
    """While somebody else holds the file, LedgerDown, nothing spent and nothing told; then all of it at once."""
    monkeypatch.setattr(sqlite_file, "BUSY_S", 0.01)

    async def scene():
        ledger = SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None)
        holder = apsw.Connection(str(path))
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerDown, match="locked"):
            await ledger.tell(Tally({Reason.PAUSED: 3}, 500))
        with pytest.raises(LedgerDown):
            await ledger.admit(charge(1))
        holder.execute("ROLLBACK")
        holder.close()
        decision = await _until_back(ledger, charge(2))
        await ledger.tell(Tally({Reason.PAUSED: 3}, 500))
        totals = await ledger.totals()
        await ledger.close()
        return decision.reason, totals.counts[Reason.PAUSED], totals.received_micros

    assert ("answered", 3, 500) == asyncio.run(scene())
    assert 1 == _rows(path)


def test_another_file_in_its_place_is_not_written_to(path):
    """A ledger that was replaced under a running worker is down: money counted there would be another kitty's."""

    async def scene():
        ledger = SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None)
        await ledger.admit(charge(1))
        shutil.copy(path, path.with_name("copy.db"))
        path.with_name("copy.db").replace(path)
        with pytest.raises(LedgerDown, match="another file was put in its place"):
            await ledger.admit(charge(2))
        await ledger.close()

    asyncio.run(scene())


def test_a_file_that_is_gone_is_down(path):
    """A ledger that was removed under a running worker is down, and not made anew."""

    async def scene():
        ledger = SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None)
        await ledger.admit(charge(1))
        path.unlink()
        with pytest.raises(LedgerDown, match="put it back"):
            await ledger.admit(charge(2))
        await ledger.close()

    asyncio.run(scene())
    assert not path.exists()


def test_a_full_disk_is_down_and_comes_back(path):
    """When the file may not grow, LedgerDown and no charge; when it may again, the same message is charged once."""

    async def scene():
        ledger = SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None)
        await ledger.admit(charge(0))
        connection = ledger._file.open()
        pages = connection.pragma("page_count")
        connection.pragma("max_page_count", pages)
        paid = await _pay_until_it_fails(ledger)
        decision = await _until_back(ledger, charge(paid))
        await ledger.close()
        return decision.reason, paid + 1

    reason, paid = asyncio.run(scene())

    assert "answered" == reason
    assert paid == _rows(path)


def test_a_ledger_that_was_never_asked_closes(path):
    """Closing needs no connection."""

    async def scene():
        await SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None).close()

    assert asyncio.run(scene()) is None


def _pay(path, charges, now_ms=NOW_MS, clock_step_ms=0):
    """Charge some, each a step of the clock after the other, and then tell."""

    async def scene():
        now = [now_ms]
        ledger = SqliteLedger(path, RULES, lambda: now[0], lambda _: None)
        for wanted in charges:
            await ledger.admit(wanted)
            now[0] += clock_step_ms
        await ledger.tell(Tally({}, 0))
        await ledger.close()

    asyncio.run(scene())


def _blocks(path):
    connection = apsw.Connection(str(path))
    [(count,)] = connection.execute("SELECT count(*) FROM block")
    connection.close()
    return count


@pytest.mark.parametrize(("kept_count", "kept"), [(100_000, (3, 3)), (1, (1, 1))])
def test_a_block_is_kept_as_long_as_its_last_charge(path, monkeypatch, kept_count, kept):
    """Both are forgotten when they are older than a month and others came since; the newest one never is."""
    monkeypatch.setattr(sqlite_books, "KEPT_COUNT", kept_count)
    _pay(path, [charge(n, block=n) for n in range(3)], clock_step_ms=31 * DAY_MS)
    _pay(path, [], now_ms=NOW_MS + 100 * DAY_MS)

    assert kept == (_rows(path), _blocks(path))


def test_time_is_written_where_the_clock_alone_does_not_say_it(path):
    """What passes behind a clock that is wrong outlives the workers."""
    _pay(path, [charge(1)])
    _pay(path, [], now_ms=NOW_MS + DAY_MS)
    for clock_ms in range(0, 61_000, 10_000):
        _pay(path, [], now_ms=clock_ms)
    connection = apsw.Connection(str(path))
    [instant] = connection.execute("SELECT now_ms, clock_ms FROM account")
    connection.close()

    assert (NOW_MS + 60_000, 60_000) == instant


def test_replies_of_an_earlier_version_are_those_that_it_charged(path):
    """Without their segments, which it did not keep; beside ours, in the order in which they were paid."""

    async def scene():
        ledger = SqliteLedger(path, RULES, lambda: NOW_MS, lambda _: None)
        await ledger.admit(charge(1))
        await ledger.admit(charge(2))
        await ledger.close()

    asyncio.run(scene())
    place, connection = Place(f"sqlite:{path}", path.parent, "+33937000000"), apsw.Connection(str(path))
    connection.execute("DELETE FROM reply WHERE seq = 1")
    both = paid(place)
    connection.execute("DROP TABLE reply")
    earlier = paid(place)
    connection.close()

    assert [(key16(1), 0), (key16(2), 1)] == [(reply.sender, reply.segments) for reply in both]
    assert [(key16(1), 0), (key16(2), 0)] == [(reply.sender, reply.segments) for reply in earlier]
