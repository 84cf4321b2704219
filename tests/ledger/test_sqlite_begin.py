"""The beginning of a ledger in a file: whole, with its key, or not at all; on a full disk, and where there are no hard links."""

import contextlib
import fcntl
import os
from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.ledger import opening, sqlite_begin
from edge.ledger.opening import Place, look
from edge.ledger.sqlite_look import read
from tests import ROOT
from tests.mounted import fill, small
from tests.worker import PHONE

ABOUT = "SELECT 1 FROM sqlite_master WHERE name = 'about'"
KIBS = [0, 4, 8, 12, 24, 32, 36, 40, 44, 52, 72, 104]


def place(folder):
    """Return the place of a ledger in a folder."""
    return Place("sqlite:antirelou.db", folder, PHONE, currency="EUR")


def names(folder):
    """Return what lies in a folder, but for what fills it."""
    return {path.name for path in folder.iterdir()} - {"ballast"}


@pytest.mark.parametrize("kib", KIBS)
def test_what_a_full_disk_cuts_short_leaves_nothing(tmp_path, kib):
    """With room for nothing, for the key, for half a ledger or for all but its log: nothing stays that is not a whole ledger, however often it is tried."""
    with small(tmp_path / "disk", kib=256) as folder:
        ballast = fill(folder, but_kib=kib)
        left = []
        for _ in range(3):
            with contextlib.suppress(LedgerError):
                opening.prepare(place(folder))
            left.append(names(folder) - {"antirelou.db-wal", "antirelou.db-shm"})
        ballast.unlink()
        begun = opening.prepare(place(folder))

        assert begun == look(place(folder)) or begun.is_new
    assert left in ([set()] * 3, [{"antirelou.db", "antirelou.db.key"}] * 3)


@pytest.mark.parametrize("failing", [0, 1])
def test_what_fails_between_ledger_and_key_leaves_nothing(tmp_path, monkeypatch, failing):
    """The ledger that has its name already loses it again if the key does not get its own."""
    renames = iter(range(2))
    replace = Path.replace

    def fail(path, target):
        if next(renames) == failing:
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(LedgerError, match="no ledger can be begun there: No space left"):
        opening.prepare(place(tmp_path))
    monkeypatch.undo()

    assert set() == names(tmp_path)
    assert opening.prepare(place(tmp_path)).is_new


def test_a_key_that_fails_leaves_a_ledger_that_was_there(tmp_path, monkeypatch):
    """One whose beginning was cut short between the two, by a power cut: it stays, and the next start makes the key."""
    opening.prepare(place(tmp_path))
    (tmp_path / "antirelou.db").write_bytes(sqlite_begin._image())
    (tmp_path / "antirelou.db.key").unlink()

    def fail(path, target):
        raise OSError(28, f"No space left on device: {path}, {target}")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        with pytest.raises(LedgerError, match="no ledger can be begun there"):
            opening.prepare(place(tmp_path))
    assert {"antirelou.db"} == names(tmp_path)
    assert not opening.prepare(place(tmp_path)).is_new


def test_a_start_that_was_killed_is_taken_over(tmp_path):
    """What it left, half a ledger and half a key, is overwritten by the next one, and gone after it."""
    (tmp_path / "antirelou.db.new").write_bytes(b"half a ledger" * 9_000)
    (tmp_path / "antirelou.db.key.new").write_bytes(b"half a key, and rather long" * 9)
    found = opening.prepare(place(tmp_path))

    assert (True, 32) == (found.is_new, len(found.hash_key))
    assert {"antirelou.db", "antirelou.db.key"} == names(tmp_path)


def test_who_comes_second_finds_the_work_done(tmp_path, monkeypatch):
    """One that begins between the other's open and its lock: the same key for both, one of them new, and nothing else stays."""
    lock, begun = fcntl.flock, []

    def come_first(descriptor, how):
        monkeypatch.undo()
        begun.append(opening.prepare(place(tmp_path)))
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", come_first)
    second = opening.prepare(place(tmp_path))

    assert [(True, second.hash_key)] == [(first.is_new, first.hash_key) for first in begun]
    assert not second.is_new
    assert {"antirelou.db", "antirelou.db.key"} == names(tmp_path)


def test_no_hard_links_are_needed(tmp_path, monkeypatch):
    """Some file systems have none: FAT, exFAT, many a share."""

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)

    assert opening.prepare(place(tmp_path)).is_new


def test_a_folder_that_cannot_be_synced_is_no_obstacle(tmp_path, monkeypatch):
    """Some file systems refuse that; the files are on disk by then."""
    sync = os.fsync

    def fail(descriptor):
        if Path(f"/proc/self/fd/{descriptor}").resolve() == tmp_path:
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)

    assert opening.prepare(place(tmp_path)).is_new


@pytest.mark.parametrize("kib", [0, 4, 16, 32, 60, 64, 68, 76, 100, 200])
def test_an_upgrade_that_does_not_fit_leaves_nothing(tmp_path, kib):
    """On a full disk a ledger of the first format is brought up to date beside its copy, or is what it was, and no copy stays."""
    with small(tmp_path / "disk", kib=512) as folder:
        for name in ("format-1.sqlite", "format-1.sqlite.key"):
            (folder / name).write_bytes((ROOT / "tests" / "ledger" / "samples" / name).read_bytes())
        there = Place("sqlite:format-1.sqlite", folder, PHONE, currency="EUR")
        ballast = fill(folder, but_kib=kib)
        with contextlib.suppress(LedgerError):
            opening.prepare(there)
        ballast.unlink()
        copied = (folder / "format-1.sqlite.format-1").exists()
        upgraded = bool(read(folder / "format-1.sqlite", lambda found: list(found.execute(ABOUT))))

        assert copied == upgraded
        assert not list(folder.glob("*.new*"))
        assert not opening.prepare(there).is_new
