"""Looking at a file while whoever writes begins or ends: what was read meanwhile is read again."""

from contextlib import closing

import apsw
import pytest

from edge.errors import LedgerError
from edge.ledger import sqlite_look
from edge.ledger.opening import Place, look, others, pinned, prepare
from edge.ledger.sqlite_file import connect
from edge.ledger.sqlite_look import read
from tests.worker import PHONE


@pytest.fixture(name="path")
def _path(tmp_path):
    prepare(Place("sqlite:antirelou.db", tmp_path, PHONE, currency="EUR"))
    return tmp_path / "antirelou.db"


def reply(writer):
    """Write something, and keep the log open."""
    writer.execute("UPDATE account SET replies = replies + 1")


def replies(connection):
    """Return how often."""
    [(count,)] = connection.execute("SELECT replies FROM account")
    return count


@pytest.mark.parametrize("error", [None, LedgerError("nonsense"), apsw.CorruptError("nonsense"), OSError("nonsense")])
def test_what_changes_meanwhile_is_read_again(path, error):
    """A file that was taken to stand still, and did not: whatever came of that is forgotten."""
    seen = []
    with closing(connect(path)) as writer:

        def work(connection):
            seen.append(replies(connection))
            if len(seen) == 1:
                reply(writer)
                if error:
                    raise error
            return seen[-1]

        assert 1 == read(path, work)
    assert [0, 1] == seen


HEADER = 32
"""The bytes of a log before its first frame."""
LEFT = {
    "nothing": lambda _: b"",
    "half a header": lambda log: log[: HEADER // 2],
    "a header": lambda log: log[:HEADER],
    "half a frame": lambda log: log[: HEADER + 8],
    "zeros": lambda log: bytes(len(log)),
    "another's": lambda log: b"a" * len(log),
    "another version": lambda log: log[:4] + bytes(4) + log[8:],
    "a broken header": lambda log: log[:10] + b"abcd" + log[14:],
}


@pytest.mark.parametrize("left", [*LEFT, "all"])
@pytest.mark.parametrize("has_index", [True, False])
def test_a_log_that_a_kill_has_left_is_read_as_sqlite_would(path, tmp_path, left, has_index):
    """What a log holds that is whole counts, whatever of it was written; without a frame it is no reason to wait, or to fail."""
    with closing(connect(path)) as writer:
        reply(writer)
        parts = {part.name: part.read_bytes() for part in tmp_path.iterdir()}
    parts["antirelou.db-wal"] = LEFT.get(left, bytes)(parts["antirelou.db-wal"])
    if not has_index:
        del parts["antirelou.db-shm"]
    for name, part in parts.items():
        (tmp_path / name).write_bytes(part)
    found = read(path, replies)
    with closing(connect(path)) as writer:
        expected = replies(writer)

    assert expected == found == (left == "all")


@pytest.mark.parametrize("fails", [False, True])
def test_what_never_stands_still_is_not_read_for_ever(path, monkeypatch, fails):
    """After a while what was found is found, and what failed has failed."""
    monkeypatch.setattr(sqlite_look, "BUSY_S", 0.0)

    def work(_):
        path.touch()
        if fails:
            raise LedgerError("nonsense")
        return "found"

    if fails:
        with pytest.raises(LedgerError, match="nonsense"):
            read(path, work)
    else:
        assert "found" == read(path, work)


def test_a_file_that_goes_meanwhile_is_no_ledger(path):
    """It is an error of the system, and not a loop."""
    with pytest.raises(FileNotFoundError):
        read(path, lambda _: path.unlink())


def test_odd_names_are_names(tmp_path):
    """What has a meaning in a URI is part of the name of a file."""
    folder = tmp_path / "a ?b#c%20é"
    folder.mkdir()
    place = Place("sqlite:an?immutable=0&x.db", folder, PHONE, currency="EUR")

    assert None is look(place)
    assert prepare(place).is_new
    assert look(place).id == prepare(place).id


def test_the_ledgers_beside_one_are_named(path, tmp_path):
    """In its folder and in that of the static file, as far as they have a key; a ledger in memory has none."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "lone.key").touch()
    place = Place("sqlite:sub/other.db", tmp_path, PHONE, currency="EUR")
    prepare(place)
    memory = Place("memory:", tmp_path, PHONE)

    assert [path] == others(place)
    assert [] == others(memory)
    assert memory == pinned(memory)
    assert f"sqlite:{tmp_path}/sub/other.db" == pinned(place).url
