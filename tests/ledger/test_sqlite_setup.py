"""The SQLite file: made once, checked at every start, and never quietly replaced."""

import os
import re
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from edge.errors import LedgerError
from edge.ledger import opening, sqlite_file
from edge.ledger.opening import Place
from edge.ledger.sqlite_file import key_path
from edge.ledger.sqlite_look import look
from edge.system import access
from tests.ledger.parts import RULES
from tests.unprivileged import USER, as_nobody
from tests.worker import PHONE


def prepare(path):
    """Prepare a ledger as `serve` does, and return its key."""
    return opening.prepare(Place(f"sqlite:{path}", path.parent, PHONE, currency="EUR")).hash_key


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "antirelou.db"


def _execute(path, sql):
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()


def test_a_ledger_is_made_once_with_its_key_beside_it(path):
    """The first start makes a ledger and a key of 32 bytes that only its owner can read; the second finds both."""
    key = prepare(path)

    assert 32 == len(key)
    assert key == prepare(path)
    assert 0o600 == stat.S_IMODE(key_path(path).stat().st_mode)


def test_many_that_start_at_once_agree_on_one_key(path):
    """Sixteen starts at the same moment make one ledger and one key."""
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: prepare(path), range(16)))

    assert 1 == len(keys)
    made = {path.name for path in path.parent.iterdir()}
    assert {"antirelou.db", "antirelou.db.key"} == made - {"antirelou.db-wal", "antirelou.db-shm"}


def test_a_ledger_that_is_begun_between_two_looks_has_its_key(path):
    """Whoever looks for the key just before another process begins the ledger finds both, and calls nothing lost."""

    class Begun(type(path)):
        """A path at which another process begins a ledger just before it is asked whether it is there."""

        def exists(self):
            prepare(path)
            return super().exists()

    looked = look(Begun(path))

    assert (True, prepare(path)) == looked


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_lost_ledger_is_not_a_fresh_start(path, what):
    """A key without its ledger means that money was counted and the count is gone: refused, and nothing is made."""
    prepare(path)
    for made in path.parent.iterdir():
        if made != key_path(path):
            made.unlink()
    if what == "empty":
        path.touch()

    with pytest.raises(
        LedgerError, match=f"antirelou.db: {what}, but its key .* is there: what was spent is not known"
    ):
        prepare(path)
    assert 0 == (path.stat().st_size if path.exists() else 0)


def test_a_ledger_that_knows_people_needs_its_key(path):
    """Without the key everybody would be a stranger and be answered again: refused."""
    prepare(path)
    _execute(path, "INSERT INTO sender (key, tat_ms) VALUES (x'00', 1)")
    key_path(path).unlink()

    with pytest.raises(LedgerError, match="missing: without it nobody is recognised"):
        prepare(path)


def test_a_ledger_that_knows_nobody_gets_a_key(path):
    """A start that died between making the ledger and the key is mended by the next one, unless the ledger says that it had a key."""
    first = prepare(path)
    key_path(path).unlink()
    with pytest.raises(LedgerError, match="missing: without it nobody is recognised"):
        prepare(path)
    _execute(path, "DELETE FROM about WHERE name <> 'format'")

    assert first != prepare(path)


def test_a_key_cut_short_is_refused(path):
    """A key that is not 32 bytes long is no key."""
    prepare(path)
    key_path(path).write_bytes(b"short")

    with pytest.raises(LedgerError, match="holds 5 bytes, not 32; restore it from a backup"):
        prepare(path)


def test_another_database_is_left_alone(path):
    """A database of somebody else is refused, and not a byte of it changes."""
    _execute(path, "CREATE TABLE diary (page)")
    before = path.read_bytes()

    with pytest.raises(LedgerError, match=r"a database, but not a ledger; name another file in ledger.url"):
        prepare(path)
    assert before == path.read_bytes()


def test_a_newer_ledger_is_refused(path):
    """A ledger of a later version of the program is not guessed at."""
    prepare(path)
    _execute(path, "PRAGMA user_version = 99")

    with pytest.raises(LedgerError, match="version 99, and this program knows 1; run the one that wrote it"):
        prepare(path)


def test_a_damaged_ledger_is_refused(path):
    """A ledger whose pages were overwritten is found out at the start."""
    prepare(path)
    for n in range(200):
        _execute(path, f"INSERT INTO charge (message_id, sender, micros, at_ms) VALUES ('{n:040}', x'00', 1, 1)")
    _execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[-4096:] = os.urandom(4096)
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=r"damaged|cannot be used as a ledger"):
        prepare(path)


def test_damage_that_can_still_be_read_is_named(path):
    """A ledger that reads but does not add up is refused with what is wrong with it."""
    prepare(path)
    for n in range(3):
        _execute(path, f"INSERT INTO charge (message_id, sender, micros, at_ms) VALUES ('{n}', x'00', 1, 1)")
    connection = apsw.Connection(str(path))
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    connection.execute(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'micros INTEGER', 'micros TEXT')"
    )
    connection.close()

    with pytest.raises(LedgerError, match=r"damaged .*; restore it from a backup"):
        prepare(path)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    """A folder that is not there: one line that names the file."""
    with pytest.raises(
        LedgerError,
        match=r"nowhere/antirelou.db: cannot be written: .*/nowhere: No such file or directory; make it, or write another ledger.url$",
    ):
        prepare(tmp_path / "nowhere" / "antirelou.db")


def test_a_ledger_that_cannot_be_written_is_refused():
    """A file and a folder that are read-only: one line, and nothing is spent that could not be counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder / "antirelou.db")
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        with (
            as_nobody(),
            pytest.raises(
                LedgerError,
                match="cannot be written: .*: "
                + re.escape(f"{access._user(USER)} may not write it; it is {access._user(os.getuid())}'s, mode 0"),
            ),
        ):
            prepare(folder / "antirelou.db")
        folder.chmod(0o755)


def test_an_old_sqlite_is_refused(path, monkeypatch):
    """A SQLite that can lose commits is not trusted with money, and nothing is made."""
    monkeypatch.setattr(sqlite_file, "SQLITE_MIN", (99, 0, 0))

    with pytest.raises(LedgerError, match=r"can lose commits; install apsw with 3.51.3 or newer"):
        prepare(path)
    assert not path.exists()


def test_a_key_that_cannot_be_read_is_named(path):
    """It is not taken for one that is missing, and none is made in its place."""
    prepare(path)
    key_path(path).unlink()
    key_path(path).mkdir()

    with pytest.raises(
        LedgerError, match=r"antirelou\.db\.key: cannot be read: a folder, not a file; a ledger needs its key"
    ):
        prepare(path)


def test_nothing_is_adopted_where_nothing_was_begun(path):
    """One line, and nothing is made."""
    with pytest.raises(
        LedgerError, match=r"nothing was begun there, so nothing is to be adopted; `antirelou serve` begins"
    ):
        opening.adopt(Place(f"sqlite:{path}", path.parent, PHONE, currency="EUR"))
    assert [] == list(path.parent.iterdir())


def test_what_cannot_be_read_after_all_is_one_line(path):
    """A file that was put in the place of a ledger which was looked at."""
    path.write_text("a diary" * 500)

    with pytest.raises(LedgerError, match=r"antirelou\.db: cannot be read: file is not a database"):
        opening.totals(Place(f"sqlite:{path}", path.parent, PHONE), RULES, 0)
