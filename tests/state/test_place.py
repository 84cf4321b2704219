"""Where the state of a machine lies, and what is said where it can lie nowhere."""

from pathlib import Path

import pytest

from edge.configfile import parse
from edge.ledger.opening import Place
from edge.setup import state_of
from edge.state.folder import risk
from tests.worker import PHONE, config

BASE = Path("/etc/antirelou")


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
    said = risk(tmp_path / "missing")

    assert said.startswith(f"server.state: nothing can be kept in {tmp_path}/missing: No such file or directory; ")
    assert said.endswith("Make the folder, or choose another")
    assert ("", "") == (risk(tmp_path), risk(None))
    (tmp_path / "file").touch()
    for what in (tmp_path / "file", Path("/dev/null")):
        assert risk(what).startswith(f"server.state: nothing can be kept in {what}: it is no folder; ")
