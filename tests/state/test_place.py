"""Where the state of a machine lies, and what is said where it can lie nowhere."""

from pathlib import Path

import pytest

from edge.configfile import parse
from edge.core.seen.sightings import TABLE_BYTES
from edge.ledger.opening import Place
from edge.setup import state_of
from edge.state.folder import State
from edge.state.mapped import VERSION, Head, make
from edge.state.risk import Keeps, risk
from edge.system import access
from tests.mounted import fill, small
from tests.unprivileged import USER, as_nobody, give, open_folder
from tests.worker import PHONE, config

BASE = Path("/etc/antirelou")
OWNER = "0123456789abcdef"
TABLE_KIB = 8196
"""Of one table, its head included."""


@pytest.mark.parametrize(
    ("server", "url", "expected"),
    [
        ("", "sqlite:antirelou.db", BASE),
        ("", "sqlite:/var/lib/x/antirelou.db", Path("/var/lib/x")),
        ("", "valkey://127.0.0.1/0", Path("/var/lib/antirelou")),
        ("", "unix:///run/valkey.sock", Path("/var/lib/antirelou")),
        ("", "memory:", None),
        ('state = "state"\n', "sqlite:antirelou.db", BASE / "state"),
        ('state = "/srv/state"\n', "memory:", Path("/srv/state")),
    ],
)
def test_it_lies_where_the_file_says_or_beside_the_ledger(server, url, expected):
    """Beside a ledger in a file, where Debian has it for one on a server, and nowhere for one in memory."""
    assert expected == state_of(parse(config() + server), BASE, Place(url, BASE, PHONE))


def test_beside_a_ledger_that_a_link_leads_to_it_is_beside_the_ledger(tmp_path):
    """As `serve` has it, which follows links once: or a command would look for its server where none keeps anything."""
    data, conf = tmp_path / "data", tmp_path / "conf"
    data.mkdir()
    conf.mkdir()
    (conf / "antirelou.db").symlink_to(data / "real.db")

    assert data == state_of(parse(config()), conf, Place("sqlite:antirelou.db", conf, PHONE))


def test_what_is_at_risk_is_said(tmp_path):
    """In one sentence, with the folder, why nothing can be kept there, and what to do; of one that will do, or none, nothing."""
    said = risk(tmp_path / "missing", Keeps())

    assert said.startswith(f"server.state: nothing can be kept in {tmp_path}/missing: No such file or directory; ")
    assert said.endswith("Make the folder, or choose another")
    assert ("", "") == (risk(tmp_path, Keeps()), risk(None, Keeps()))
    (tmp_path / "file").touch()
    for what in (tmp_path / "file", Path("/dev/null")):
        assert risk(what, Keeps()).startswith(f"server.state: nothing can be kept in {what}: it is no folder; ")


@pytest.mark.parametrize(
    ("keeps", "kib", "missing"),
    [
        (Keeps(), 2 * TABLE_KIB, 8),
        (Keeps(workers=3), 2 * TABLE_KIB + 20, 4),
        (Keeps(workers=3), 2 * TABLE_KIB + 24, 0),
        (Keeps(knocks=False), TABLE_KIB, 8),
        (Keeps(knocks=False), TABLE_KIB + 8, 0),
    ],
)
def test_a_disk_that_is_too_full_is_said(tmp_path, keeps, kib, missing):
    """For the sums of each worker and for the tables, with what is free and what is needed; of one that is not, nothing."""
    with small(tmp_path / "disk", kib=3 * TABLE_KIB) as folder:
        fill(folder, but_kib=kib)
        said = risk(folder, keeps)

    free, needed = f"{kib * 1024:,}", f"{(kib + missing) * 1024:,}"
    beginning = f"server.state: there is no room in {folder}: {free} bytes are free, and {needed} are needed; "
    assert (beginning if missing else "") == said[: len(beginning)]


def test_what_is_there_already_needs_no_room(tmp_path):
    """But for new sums, which a worker begins at a reload, or when the machine has started again."""
    with small(tmp_path / "disk", kib=3 * TABLE_KIB) as folder:
        for table in ("seen", "knocks"):
            make(folder / f"antirelou-01234567-{table}", Head(VERSION, OWNER, "", (), TABLE_BYTES))
        fill(folder, but_kib=8).rename(folder / "ballast of before")
        with_little = risk(folder, Keeps(OWNER))
        fill(folder)
        with_none = risk(folder, Keeps(OWNER))

    assert "" == with_little
    assert with_none.startswith(f"server.state: there is no room in {folder}: 0 bytes are free, and 8,192 are needed; ")


def test_what_may_not_be_opened_is_said():
    """With its name, by whom and what to do, as for what root has left behind; nothing is said of another ledger's."""
    with open_folder() as folder:
        state = State(folder, OWNER)
        state.own(), state.seen(), state.knocks()
        give(folder)
        for what in ("seen", "sums-1"):
            (folder / f"antirelou-01234567-{what}").chmod(0o000)
        with as_nobody():
            said, of_another = risk(folder, Keeps(OWNER)), risk(folder, Keeps("f" * 16))

    who = access._user(USER)
    assert "" == of_another
    assert said.startswith(
        f"server.state: {folder} has what cannot be opened, antirelou-01234567-seen, antirelou-01234567-sums-1: "
        f"{who} may not write it; it is {who}'s, mode 0000; "
    )
    assert said.endswith("Give it to whoever serves (chown)")
