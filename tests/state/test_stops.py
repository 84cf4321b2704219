"""Facts about the STOPs that a machine keeps while the ledger is away: whoever heard them, they are told once it is back."""

import logging

import pytest

from edge.state import stops
from edge.state.folder import State
from tests.state.parts import names

OWNER, OTHER = "0123456789abcdef", "fedcba9876543210"
KEYS = [bytes([number]) * 16 for number in range(4)]


def test_what_one_worker_keeps_another_one_tells(tmp_path):
    """Each once, however often it was kept and by whom; what is told is gone for all of them."""
    heard, next_ = State(tmp_path, OWNER).stops(), State(tmp_path, OWNER).stops()
    for key in (KEYS[1], KEYS[0], KEYS[1]):
        heard.keep(key)
    next_.keep(KEYS[1])

    assert KEYS[:2] == next_.kept() == heard.kept()
    for key in KEYS[:3]:
        next_.told(key)
    assert [] == heard.kept()
    assert [] == names(tmp_path)


def test_two_ledgers_in_a_folder_keep_theirs_apart(tmp_path):
    """A key says nothing to another ledger; and what is no key, whoever laid it there, is left alone."""
    State(tmp_path, OWNER).stops().keep(KEYS[0])
    State(tmp_path, OTHER).stops().keep(KEYS[1])
    for end in ("", "0", "not-a-key"):
        (tmp_path / f"antirelou-{OWNER[:8]}-stop-{end}").touch()

    assert [KEYS[0]] == State(tmp_path, OWNER).stops().kept()


def test_only_their_owner_reads_their_names(tmp_path):
    """Mode 0600, like all that is kept there; nothing is in them."""
    State(tmp_path, OWNER).stops().keep(KEYS[0])
    [path] = tmp_path.iterdir()

    assert (0o600, 0) == (path.stat().st_mode & 0o777, path.stat().st_size)


@pytest.mark.parametrize("folder", [None, "gone"])
def test_without_a_folder_nothing_is_kept(tmp_path, caplog, folder):
    """It is said once where one was meant to be there."""
    kept = State(folder and tmp_path / folder, OWNER).stops()
    with caplog.at_level(logging.WARNING, "antirelou"):
        for key in KEYS:
            kept.keep(key)
        kept.told(KEYS[0])

    assert [] == kept.kept()
    assert (0 if folder is None else 1) == len(caplog.messages)
    assert all("No such file or directory; who says STOP while" in message for message in caplog.messages)


def test_there_is_an_end_to_them(tmp_path, monkeypatch):
    """Of three a worker that may keep two keeps two; when they are told, whoever told them, it may keep two more."""
    monkeypatch.setattr(stops, "STOPS_MAX", 2)
    heard, other = State(tmp_path, OWNER).stops(), State(tmp_path, OWNER).stops()
    for key in KEYS[:3]:
        heard.keep(key)
    assert KEYS[:2] == heard.kept()
    for key in KEYS[:2]:
        other.told(key)
    heard.kept()
    for key in KEYS[2:]:
        heard.keep(key)

    assert KEYS[2:] == heard.kept()
