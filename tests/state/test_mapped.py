"""Facts about files that are memory."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from edge.state.mapped import HEAD_BYTES, VERSION, Head, Mapped, NotWholeError, make
from tests.state.parts import names

HEAD = Head(VERSION, "owner", "teller", ("a", "b"), 16)


@pytest.fixture
def path(tmp_path):
    """Return the path of a file with two whole numbers."""
    make(tmp_path / "sums", HEAD)
    return tmp_path / "sums"


def test_a_file_is_blank_whole_and_for_its_owner_only(path):
    """All of it has its place on the disk, and nobody else can read it."""
    file = Mapped(path)

    assert (HEAD, {"a": 0, "b": 0}) == (file.head, file.cells())
    assert HEAD_BYTES + 16 == path.stat().st_size <= path.stat().st_blocks * 512
    assert 0o600 == path.stat().st_mode & 0o777
    assert ["sums"] == names(path.parent)


@pytest.mark.parametrize("more", range(-2, 3))
def test_what_it_says_may_take_several_pages(tmp_path, more):
    """Up to the last byte of a page, and beyond it; the numbers begin behind."""
    blank = len(msgspec.json.encode(HEAD))
    head = Head(VERSION, "owner", "teller", ("a" * (HEAD_BYTES - blank + 1 + more), "b"), 16)
    make(tmp_path / "sums", head)
    Mapped(tmp_path / "sums").body.cast("q")[:] = memoryview(bytes(range(16))).cast("q")
    again = Mapped(tmp_path / "sums")

    assert (head, bytes(range(16))) == (again.head, bytes(again.body))
    assert (2 if more >= 0 else 1) * HEAD_BYTES + 16 == (tmp_path / "sums").stat().st_size


def test_what_is_stored_survives_a_process_that_is_killed(path):
    """`kill -9` right after the store: nothing was written, and all of it is there."""
    code = f"""
import os, signal, pathlib
from edge.state.mapped import Mapped
Mapped(pathlib.Path({str(path)!r})).body.cast("q")[1] = 2**53
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert -9 == subprocess.run([sys.executable, "-c", code], check=False).returncode
    assert {"a": 0, "b": 2**53} == Mapped(path).cells()


def test_a_file_is_made_once(path):
    """Whoever comes second finds what is there."""
    Mapped(path).body.cast("q")[0] = 7
    make(path, HEAD)

    assert {"a": 7, "b": 0} == Mapped(path).cells()
    assert ["sums"] == names(path.parent)


def test_where_there_are_no_hard_links_it_is_made_all_the_same(tmp_path, monkeypatch):
    """On a file system without them, such as exFAT, it is renamed into its place."""

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    make(tmp_path / "sums", HEAD)

    assert ["sums"] == names(tmp_path)
    assert HEAD == Mapped(tmp_path / "sums").head


def test_it_is_held_by_one(path):
    """Until that one closes it."""
    one, other = Mapped(path), Mapped(path)

    assert [True, False] == [one.take(), other.take()]
    one.close()
    assert other.take()


@pytest.mark.parametrize("there_is_another", [True, False])
def test_what_was_removed_cannot_be_taken(path, there_is_another):
    """Whoever opened it before has no file any more, whether or not another one is in its place."""
    file = Mapped(path)
    path.unlink()
    if there_is_another:
        make(path, HEAD)

    assert not file.take()


def cut(path):
    """Cut a file short."""
    os.truncate(path, HEAD_BYTES + 8)


def empty(path):
    """Leave nothing of a file."""
    os.truncate(path, 0)


def garble(path):
    """Put something else in a file."""
    path.write_bytes(b"SQLite format 3\0" * 400)


def renew(path):
    """Write a file as a later program would."""
    path.unlink()
    make(path, Head(VERSION + 1, "owner", "teller", ("a", "b"), 16))


def turn_bits(path):
    """Have a text in a file be none any more."""
    path.write_bytes(path.read_bytes().replace(b':"owner"', b':"\xff\xffner"'))


@pytest.mark.parametrize("spoil", [cut, empty, garble, renew, turn_bits])
def test_what_is_not_whole_is_not_opened(path, spoil):
    """A file that was cut, emptied or replaced would kill whoever stores into it, and a later version means something else."""
    spoil(path)
    before = len(names(Path("/proc/self/fd")))

    with pytest.raises(NotWholeError):
        Mapped(path)

    assert before == len(names(Path("/proc/self/fd")))


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    """The file is allocated before anybody sees it; if it cannot be, there is none."""

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)

    with pytest.raises(OSError, match="No space left"):
        make(tmp_path / "sums", HEAD)
    assert [] == names(tmp_path)
