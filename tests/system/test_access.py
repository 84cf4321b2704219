"""What a process may do with files, in words that say who it is."""

import os
import socket
from pathlib import Path

import pytest

from edge.system import access
from edge.system.access import read_file, why_not_read, why_not_written


def test_what_is_ours_can_be_written(tmp_path):
    """A folder, and a file in it, which stays as it was."""
    file = tmp_path / "file"
    file.write_text("as it was")
    before = file.stat().st_mtime_ns

    assert (None, None) == (why_not_written(tmp_path), why_not_written(file))
    assert ("as it was", before) == (file.read_text(), file.stat().st_mtime_ns)


def test_what_is_not_there_cannot(tmp_path):
    """The reason is the system's."""
    assert "No such file or directory" == why_not_written(tmp_path / "nowhere")


@pytest.mark.parametrize("uid", [0, 4_000_123_456])
def test_users_have_a_name_if_the_system_knows_one(tmp_path, monkeypatch, uid):
    """In a container any number may be a user."""
    monkeypatch.setattr(access.os, "access", lambda *_, **__: False)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    tmp_path.chmod(0o750)
    owner = access._user(tmp_path.stat().st_uid)

    who = "user 0 (root)" if uid == 0 else f"user {uid}"
    assert f"{who} may not write it; it is {owner}'s, mode 0750" == why_not_written(tmp_path)
    assert f"Permission denied to {who}" == why_not_read(PermissionError(13, "Permission denied"))
    assert "Is a directory" == why_not_read(IsADirectoryError(21, "Is a directory"))


def test_a_file_is_read_if_it_is_one_and_no_longer_than_it_may_be(tmp_path):
    """At a pipe one would wait for ever, and a device never ends: neither is opened."""
    (tmp_path / "file").write_bytes(b"1234")
    os.mkfifo(tmp_path / "pipe")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(f"{tmp_path}/socket")
    bound.close()

    assert b"1234" == read_file(tmp_path / "file", 4)
    for path, said in {
        tmp_path / "file": "longer than 3 bytes",
        tmp_path / "pipe": "a pipe, not a file",
        tmp_path / "socket": "a socket, not a file",
        tmp_path: "a folder, not a file",
        Path("/dev/zero"): "a device, not a file",
        tmp_path / "nowhere": "No such file or directory",
    }.items():
        with pytest.raises(OSError, match=said):
            read_file(path, 3)
