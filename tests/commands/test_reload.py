"""`antirelou reload`: what is different is said, workers are replaced, and a file that does not hold changes nothing."""

import os
import stat

import pytest

from edge.commands import reload as command
from edge.commands.reload import reload
from edge.errors import ConfigError
from edge.state.bulletin import Posted
from tests.commands.test_cli import run
from tests.worker import config, free_port, serving


def test_a_reload_says_what_is_different_and_replaces_the_workers(tmp_path):
    """When the command ends the new ones answer; again, nothing is different; of what waits for a start it says so."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="10")
    file = tmp_path / "edge.toml"
    with serving(tmp_path, text) as worker:
        before = worker.children()
        file.write_text(text.replace('kitty = "10"', 'kitty = "20"'))
        changed = run("reload", file)
        after, left = worker.children(), worker.status()["kitty_left"]
        same = run("reload", file)
        file.write_text(text.replace('kitty = "10"', 'kitty = "20"').replace("workers = 2", "workers = 1"))
        later = run("reload", file)
        file.write_text(text.replace('kitty = "10"', 'kitty = "-1"'))
        broken = run("reload", file)
        file.write_text(text + '[ledger]\nurl = "sqlite:./other.db"\n')
        refused = run("reload", file)
    gone = run("reload", file.with_name("edge.toml"))

    assert (0, True) == (
        changed[0],
        changed[1].startswith("reloaded: budget.kitty 10.00 → 20.00; TWILIO_AUTH_TOKEN as of"),
    )
    assert ("20.00", 2, set()) == (left, len(after), set(before) & set(after))
    assert (0, True) == (same[0], same[1].startswith("reloaded: nothing is different"))
    assert (0, True) == (later[0], "server: bind and workers change at the next start" in later[1])
    assert (2, 1) == (broken[0], broken[2].count("\n"))
    assert "budget.kitty" in broken[2]
    assert (2, True) == (
        refused[0],
        refused[2].startswith("antirelou: not reloaded, nothing changed: ledger.url: there is no ledger"),
    )
    assert (2, True) == (gone[0], "no server of it runs on this machine" in gone[2])


def test_without_a_server_one_line_says_so(tmp_path):
    """And where it was looked for; a ledger in memory leaves no trace."""
    file = tmp_path / "edge.toml"
    file.write_text(config())
    alone = run("reload", file)
    file.write_text(config() + '[ledger]\nurl = "memory:"\n')
    memory = run("reload", file)

    assert [(2, "", 1)] * 2 == [(code, out, err.count("\n")) for code, out, err in (alone, memory)]
    assert f"no server of it runs on this machine ({tmp_path} names none); begin it with `antirelou serve`" in alone[2]
    assert "a ledger in memory keeps nothing" in memory[2]


def test_a_server_of_another_user_is_left_alone(tmp_path, monkeypatch):
    """One line says whose it has to be."""
    file = tmp_path / "edge.toml"
    file.write_text(config())
    monkeypatch.setattr(command, "posted", lambda *_: Posted(1, 0, "", "done"))

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    with pytest.raises(ConfigError, match="its server is another user's"):
        reload.callback(file)
    monkeypatch.setattr(command, "posted", refuse)
    with pytest.raises(ConfigError, match="its server is another user's"):
        reload.callback(file)


def test_a_server_that_says_nothing_is_waited_for_and_no_longer(tmp_path, monkeypatch, capsys):
    """Of one that has read its file, what it said; of one that has not, that its log may know."""
    file = tmp_path / "edge.toml"
    file.write_text(config())
    monkeypatch.setattr(os, "kill", lambda *_: None)
    monkeypatch.setattr(command, "ANSWER_S", 0.1)
    monkeypatch.setattr(command, "WORKERS_S", 0.2)
    monkeypatch.setattr(command, "posted", lambda *_: Posted(1, 0, "", "done"))
    with pytest.raises(ConfigError, match=r"did not say within 0\.1 s what became of it"):
        reload.callback(file)
    answers = iter([Posted(1, 0, "", "done")])
    monkeypatch.setattr(command, "posted", lambda *_: next(answers, Posted(1, 1, "kitty", "begun")))

    assert 0 == reload.callback(file)
    assert "reloaded: kitty\nthe workers are still being replaced, one by one\n" == capsys.readouterr().out


def test_only_its_user_reads_what_a_server_posts(tmp_path):
    """It names a process."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")):
        [path] = tmp_path.glob("server-*")

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
