"""What a server posts of its reloads: only while it lives, and whole."""

import json
import os
import subprocess
import sys

import pytest

from edge.state.bulletin import Bulletin, Posted, path_of, posted

SERVE = """
import sys
from pathlib import Path
from edge.state.bulletin import Bulletin
bulletin = Bulletin(Path(sys.argv[1]), Path(sys.argv[2]))
bulletin.open()
for line in sys.stdin:
    name, *given = line.split()
    getattr(bulletin, name)(*given)
    print(name, flush=True)
"""


@pytest.fixture(name="server")
def _server(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, tmp_path, tmp_path / "edge.toml"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        yield lambda *words: (print(*words, file=process.stdin, flush=True), process.stdout.readline()), process
        process.kill()


def test_what_became_of_reloads_is_read_by_others(tmp_path, server):
    """How many were asked for, what is different or why not, and whether all workers have been replaced."""
    tell, process = server
    file, seen = tmp_path / "edge.toml", []
    for words in (("done",), ("begun", "kitty"), ("done",), ("refused", "broken"), ("done",)):
        tell(*words)
        seen.append(posted(tmp_path, file))

    assert [
        Posted(process.pid, 0, "", "done"),
        Posted(process.pid, 1, "kitty", "begun"),
        Posted(process.pid, 1, "kitty", "done"),
        Posted(process.pid, 2, "broken", "refused"),
        Posted(process.pid, 2, "broken", "refused"),
    ] == seen


def test_a_server_that_is_gone_has_posted_nothing(tmp_path, server):
    """Its file stays, and the number in it may be somebody else's by now; of another static file nothing is known."""
    tell, process = server
    tell("begun", "kitty")
    other = posted(tmp_path, tmp_path / "other.toml")
    process.kill()
    process.wait()

    assert other is None
    assert path_of(tmp_path, tmp_path / "edge.toml").exists()
    assert posted(tmp_path, tmp_path / "edge.toml") is None


def test_what_is_just_being_written_is_read_later(tmp_path, server):
    """Half a line is none."""
    tell, _ = server
    tell("begun", "kitty")
    os.truncate(path_of(tmp_path, tmp_path / "edge.toml"), 5)

    assert posted(tmp_path, tmp_path / "edge.toml") is None
    tell("done")


def test_it_is_written_in_one_line(tmp_path):
    """By whoever serves; a reload that was refused is over."""
    bulletin, file = Bulletin(tmp_path, tmp_path / "edge.toml"), path_of(tmp_path, tmp_path / "edge.toml")
    bulletin.open()
    written = []
    for step in (lambda: bulletin.begun("kitty"), bulletin.done, lambda: bulletin.refused("broken"), bulletin.done):
        step()
        written.append(json.loads(file.read_text())[1:])

    assert [[1, "kitty", "begun"], [1, "kitty", "done"], [2, "broken", "refused"], [2, "broken", "refused"]] == written


@pytest.mark.parametrize("folder", [None, "missing"])
def test_where_nothing_can_be_kept_nothing_is(tmp_path, folder):
    """And nothing fails."""
    bulletin = Bulletin(None if folder is None else tmp_path / folder, tmp_path / "edge.toml")
    bulletin.open()
    bulletin.begun("kitty")
    bulletin.refused("broken")
    bulletin.done()

    assert [] == list(tmp_path.iterdir())
