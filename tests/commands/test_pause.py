"""`antirelou pause` and `resume`, as a person calls them: what is refused, and what is said."""

import pytest

from edge.configfile import load
from edge.ledger.opening import prepare
from edge.setup import place_of
from tests.commands.test_cli import run
from tests.worker import config


@pytest.fixture(name="file")
def _file(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text(config())
    return path


@pytest.mark.parametrize(
    ("length", "complaint"),
    [
        ("soon", '--for: found \'soon\'; write a duration such as "24h", "15m" or "1h30m" (units: ms, s, m, h, d)'),
        ("0s", '--for: found \'0s\'; write more than "0s" and at most "3650d", or leave it out for no end'),
        ("3651d", '--for: found \'3651d\'; write more than "0s" and at most "3650d", or leave it out for no end'),
    ],
)
def test_a_length_that_is_none_is_refused(file, length, complaint):
    """One line, exit 2."""
    assert (2, "", f"antirelou: {complaint}\n") == run("pause", file, "--for", length)


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_what_cannot_be_paused_is_said(file, command):
    """Where no ledger was begun, and where it is a worker's own: one line, exit 2, and nothing is made."""
    begun = run(command, file)
    file.write_text(config() + '[ledger]\nurl = "memory:"\n')
    in_memory = run(command, file)

    assert (2, "") == begun[:2]
    assert "no ledger was begun there yet; `antirelou serve` begins it\n" in begun[2]
    assert (2, "") == in_memory[:2]
    assert (
        "antirelou: ledger.url: a ledger in memory is its worker's own: nobody else reaches it; end the worker\n"
        == (in_memory[2])
    )
    assert [file] == list(file.parent.iterdir())


def test_what_the_file_says_stays(file):
    """Without an end unless told otherwise; who resumes is told that the file pauses as well."""
    prepare(place_of(load(file), file.parent))
    paused = run("pause", file)
    shown = run("status", file)
    file.write_text("paused = true\n" + config())
    resumed, again = run("resume", file), run("resume", file)

    assert paused[1].startswith("paused without an end; all workers know")
    assert "paused without an end\n" in shown[1]
    stays = "; paused = true stands in the file, so nobody is answered all the same\n"
    assert f"resumed; all workers know within about a second{stays}" == resumed[1]
    assert f"was not paused by hand{stays}" == again[1]
