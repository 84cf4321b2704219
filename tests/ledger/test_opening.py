"""Opening a ledger by its URL: every kind, every mistake, one line each."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from edge.errors import ConfigError, LedgerError
from edge.ledger.opening import Place, create, look, open_ledger, prepare, warnings
from tests.ledger.parts import KEY, NOW_MS, PHONE, RULES


def _place(url, base=Path(), **more):
    return Place(url, base, PHONE, **more)


def test_a_file_begins_by_itself(tmp_path):
    """A relative path starts at the folder of the static file; what is made there opens, and has nothing to warn about."""
    place = _place("sqlite:ledger.db", tmp_path)
    prepare(place)

    async def scene():
        ledger = open_ledger(place, RULES, lambda: NOW_MS, lambda _: None)
        totals = await ledger.totals()
        await ledger.close()
        return totals.spent_micros, await warnings(place)

    assert (0, []) == asyncio.run(scene())
    assert (tmp_path / "ledger.db").exists()


def test_memory_is_opened_and_warned_about():
    """A ledger in memory has a new key each time, works, and says that it forgets."""
    place = _place("memory:")

    async def scene():
        ledger = open_ledger(place, RULES, lambda: NOW_MS, lambda _: None)
        return (await ledger.totals()).spent_micros, await warnings(place)

    assert prepare(place).hash_key != prepare(place).hash_key
    spent, said = asyncio.run(scene())
    assert 0 == spent
    assert [
        "a ledger in memory forgets what was spent when the worker ends, and several workers do not share it"
    ] == said


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlit:x.db", "found 'sqlit:x.db'; unknown kind 'sqlit'; did you mean \"sqlite\""),
        ("sqlite:", "found 'sqlite:'; write a file, such as"),
        ("sqlite://x.db", "found 'sqlite://x.db'; write a file, such as"),
        ("valkey://:secret@127.0.0.1/0", "holds a password; write where it is, such as password-env"),
        ("valkey://127.0.0.1/zero", "'zero' is not the number of a database"),
        ("valkey+sentinel://127.0.0.1", "no name; write the one that the Sentinels know it by"),
        ("valkey+cluster://127.0.0.1/1", "a cluster has one database; leave the path out"),
        ("valkey://127.0.0.1/0?timeot=1", "unknown option 'timeot'; did you mean"),
        ("valkey://127.0.0.1/0?ssl_ca_cert=/x", 'did you mean "ssl_ca_certs"?'),
        ("valkey://127.0.0.1/0?password=s3cret", "holds a password; write where it is, such as password-env"),
        (
            "valkey+sentinel://127.0.0.1/main?password=s3cret",
            "holds a password; write where it is, such as password-env",
        ),
        ("valkey://127.0.0.1/0?decode_responses=True", "unknown option 'decode_responses'"),
        ("valkey://127.0.0.1/0#1", "nothing of a server stands after #"),
        ("valkey://127.0.0.1:0/0", "port 0 is none; write that of the server, such as 6379"),
        ("valkey+sentinel://127.0.0.1/main?ssl=true", "option 'ssl', and a sentinel takes none; leave it out"),
        ("valkey+cluster://127.0.0.1?ssl_ca_certs=/x", "option 'ssl_ca_certs', and a cluster takes none"),
        ("valkey+sentinel://a,,b/main", "an address without a host"),
        ("unix:valkey.sock", 'no whole path; write one such as "unix:///run/valkey/valkey.sock"'),
        ("unix://", "no whole path"),
    ],
)
def test_a_url_that_leads_nowhere_says_why(url, complaint):
    """Each mistake names what was found and what would be right."""
    with pytest.raises(ConfigError) as caught:
        prepare(_place(url, key=b"" if url.startswith("sqlit") else KEY))

    assert complaint in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("pipe", "ledger.db: cannot be used as a ledger: a pipe, not a file"),
        ("folder", "ledger.db: cannot be used as a ledger: a folder, not a file"),
        ("links in a circle", "ledger.db: cannot be used as a ledger: Too many levels of symbolic links"),
        ("a link to a device", "null: cannot be used as a ledger: a device, not a file"),
        ("a pipe for a key", "ledger.db.key: cannot be read: a pipe, not a file"),
    ],
)
def test_what_is_no_file_is_no_ledger(tmp_path, kind, complaint):
    """It is neither waited at nor replaced: whoever starts as root would take a device from the whole machine."""
    path = tmp_path / "ledger.db"
    {
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "links in a circle": lambda: path.symlink_to(path.name),
        "a link to a device": lambda: path.symlink_to("/dev/null"),
        "a pipe for a key": lambda: os.mkfifo(f"{path}.key"),
    }[kind]()
    with pytest.raises(
        LedgerError, match=complaint
    ):  # `prepare` looks first, and were it wrong, would take /dev/null away
        look(_place("sqlite:ledger.db", tmp_path))


def test_secrets_of_a_server_are_not_for_files():
    """A key or a password with a file is a mistake, not something to be ignored."""
    with pytest.raises(ConfigError, match="key-env and password-env are for a server; leave them out"):
        prepare(_place("sqlite:x.db", key=KEY))


def test_a_file_is_not_begun_by_hand():
    """Only what cannot tell whether it is new is begun by hand."""
    with pytest.raises(ConfigError, match="begins by itself, at the first start"):
        create(_place("sqlite:x.db"))


def test_a_server_needs_its_client(monkeypatch):
    """Without the client library, the line says what to install."""
    monkeypatch.setitem(sys.modules, "edge.ledger.valkey_setup", None)

    with pytest.raises(ConfigError, match=r"needs a client \(.*\); .*: pip install .*requirements/run\.txt$"):
        prepare(_place("valkey://127.0.0.1/0", key=KEY))
