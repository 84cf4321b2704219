"""A reload takes what a file says anew, says what that is, and neither begins a ledger nor takes another one than the workers hold."""

import shutil
import signal
from itertools import count

import pytest

from tests.commands.test_cli import run
from tests.commands.test_looking import snapshot
from tests.ledger.parts import KEY
from tests.ledger.servers import any_server, running
from tests.worker import PHONE, await_, config, free_port, message_id, sender, serving

MESSAGES = count(1)
REFUSED = "not reloaded, nothing changed: "


def reload(worker, text=None):
    """Reload a file, changed or not, and return the one line that is said of it."""
    if text is not None:
        worker.log.with_suffix(".toml").write_text(text)
    before = len(worker.log.read_text())
    worker.process.send_signal(signal.SIGHUP)
    said = []
    await_(lambda: said.extend(_said(worker.log.read_text()[before:])) or said)
    return said[0]


def _said(log):
    marks = ("reloading ", REFUSED)
    return [line for line in log.split("\n")[:-1] if any(mark in line for mark in marks)]


def answered(worker, number):
    """Return whether a person is answered, who sends another message each time."""
    return "<Message>" in worker.send(sender(number), "salut", message_id(next(MESSAGES)))[1]


def serving_in(folder, text=None, **options):
    """Serve a file in a folder of its own."""
    folder.mkdir(exist_ok=True)
    return serving(folder, text or config(bind=f"127.0.0.1:{free_port()}"), **options)


def with_ledger(text, url):
    """Return a file with another ledger."""
    return f'{text}[ledger]\nurl = "{url}"\n'


def test_a_start_says_that_it_begins_a_ledger(tmp_path):
    """With its path, and with the ledger beside it, which may be the one that was meant; the second start says nothing of it."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        worker.stop()
        first = worker.log.read_text()
        worker.log.unlink()
    with serving(tmp_path, text) as worker:
        worker.stop()
        second = worker.log.read_text()
        worker.log.unlink()
    with serving(tmp_path, with_ledger(text, "sqlite:mistyped.db")) as worker:
        worker.stop()
        third = worker.log.read_text()

    assert f"begun: {tmp_path}/antirelou.db, a new ledger with nothing spent\n" in first
    assert "begun" not in second
    assert (
        f"begun: {tmp_path}/mistyped.db, a new ledger with nothing spent; another ledger lies at {tmp_path}/antirelou.db\n"
        in third
    )


def test_a_mistyped_ledger_at_a_reload_is_refused(tmp_path):
    """Nothing is made where it leads, and the workers go on with the ledger that they hold."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving_in(tmp_path / "here", text) as worker:
        first = answered(worker, 1)
        said = reload(worker, with_ledger(text, "sqlite:mistyped.db"))
        nowhere = reload(worker, with_ledger(text, "sqlite:no/such/folder.db"))
        again = answered(worker, 1), answered(worker, 2)
        names = {path.name for path in worker.log.parent.iterdir()}

    held = f"the workers hold {tmp_path}/here/antirelou.db. Name that one, or restart to begin another"
    path = f"{tmp_path}/here/mistyped.db"
    assert f"{REFUSED}ledger.url: there is no ledger at sqlite:{path}, and a reload begins none; {held}" in said
    assert f"there is no ledger at sqlite:{tmp_path}/here/no/such/folder.db, and" in nowhere
    assert (True, (False, True)) == (first, again)
    assert not [name for name in names if name.startswith(("mistyped", "no"))]


@pytest.mark.parametrize("put_there", ["another", "a copy"])
def test_another_ledger_at_a_reload_is_refused(tmp_path, put_there):
    """One that is whole, of the same number and money, and even a copy of our own: what is in it is not what the workers have spent."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving_in(tmp_path / "other") as worker:
        worker.stop()
    other = tmp_path / "other" / "antirelou.db"
    with serving_in(tmp_path / "here", text) as worker:
        if put_there == "a copy":
            for name in ("antirelou.db", "antirelou.db-wal", "antirelou.db.key"):
                shutil.copy(tmp_path / "here" / name, tmp_path / "other")
        before = snapshot(tmp_path / "other")
        said = reload(worker, with_ledger(text, f"sqlite:{other}"))
        after = snapshot(tmp_path / "other")
        goes_on = answered(worker, 1)

    assert (
        f"{REFUSED}ledger.url: {other} is another ledger than the workers hold, {tmp_path}/here/antirelou.db; " in said
    )
    assert before == after
    assert goes_on


def test_the_same_ledger_by_another_path_is_taken(tmp_path):
    """A link to it, or its whole path: it is the ledger that counts, not its name."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving_in(tmp_path / "here", text) as worker:
        (tmp_path / "link").symlink_to("here")
        said = reload(worker, with_ledger(text, f"sqlite:{tmp_path}/link/antirelou.db"))

    assert ": ledger.url; TWILIO_AUTH_TOKEN as of the start" in said


def test_a_release_whose_link_moves_keeps_its_ledger(tmp_path):
    """The ledger lies beside the file of the release: a reload after the link has moved is refused, and nobody is answered twice."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    one, two, current = tmp_path / "one", tmp_path / "two", tmp_path / "current"
    one.mkdir(), two.mkdir(), current.symlink_to(one)
    (two / "edge.toml").write_text(text)
    with serving(current, text) as worker:
        first = answered(worker, 1)
        (two / "edge.log").touch()
        log = one / "edge.log"
        current.unlink(), current.symlink_to(two)
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: REFUSED in log.read_text())
        again = answered(worker, 1), answered(worker, 2)
        names = {path.name for path in two.iterdir()}

    assert (True, (False, True)) == (first, again)
    assert {"edge.toml", "edge.log"} == names
    assert (
        f"there is no ledger at sqlite:{two}/antirelou.db, and a reload begins none; the workers hold {one}/antirelou.db"
        in log.read_text()
    )


def test_another_ledger_on_a_server_is_refused_at_a_reload(tmp_path):
    """As in a file: one of another name, which was begun and is whole; and nothing is written to it."""
    (tmp_path / "server").mkdir()
    with running(any_server(), tmp_path / "server") as server:
        text = config(bind=f"127.0.0.1:{free_port()}") + f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
        named = text + 'name = "other"\n'
        for contents in (named, text):
            (tmp_path / "edge.toml").write_text(contents)
            run("create-ledger", tmp_path / "edge.toml", LEDGER_KEY=KEY.decode())
        with serving(tmp_path, text, environ={"LEDGER_KEY": KEY.decode()}) as worker:
            said = reload(worker, named)
            missing = reload(worker, text + 'name = "none"\n')
            in_file = reload(worker, text.partition("[ledger]")[0])
            goes_on = answered(worker, 1)

    assert (
        f"{REFUSED}ledger.url: other on {server.url} is another ledger than the workers hold, {PHONE} on {server.url}; "
        in said
    )
    assert f"{REFUSED}{server.url}: holds no ledger of none, but of {PHONE}, other. " in missing
    assert (
        f"{REFUSED}ledger.url: there is no ledger at sqlite:{tmp_path}/antirelou.db, and a reload begins none"
        in in_file
    )
    assert goes_on


def test_a_reload_says_what_is_different(tmp_path):
    """Keys with what they were and are; of a text only that it is another; a variable of the environment cannot be."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        changed = "paused = true\n" + text.replace('kitty = "2000"', 'kitty = "2500.5"').replace("Bonjour", "Bonsoir")
        said = reload(worker, changed)
        await_(lambda: not answered(worker, 9))
        same = reload(worker)

    kept = "TWILIO_AUTH_TOKEN as of the start: a variable of the environment changes at a restart only"
    assert f": paused no → yes; reply.text; budget.kitty 2000.00 → 2500.50; {kept}; the ledger: it holds" in said
    assert f": nothing is different; {kept}; the ledger: it holds" in same


def test_an_editor_that_renames_changes_the_file(tmp_path):
    """It puts a new file in the place of the old one; a folder that is mounted has it, and a reload takes it."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        (tmp_path / "edge.toml.new").write_text("paused = true\n" + text)
        (tmp_path / "edge.toml.new").rename(tmp_path / "edge.toml")
        said = reload(worker)
        await_(lambda: {"paused"} <= set(worker.status()["by_reason"]) or not answered(worker, 1))

    assert ": paused no → yes; " in said


def test_a_reload_refuses_a_folder_that_takes_no_trace(tmp_path):
    """One that is not there, and one that takes no file: what runs goes on, as `check` and a start would have said."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        missing = reload(worker, text + 'trace = "nowhere"\n')
        full = reload(worker, text + 'trace = "/proc/self"\n')
        goes_on = answered(worker, 1)

    nothing = f"{REFUSED}{tmp_path}/edge.toml: server.trace: nothing can be written to "
    assert f"{nothing}{tmp_path}/nowhere: No such file or directory; make the folder" in missing
    assert f"{nothing}/proc/self: " in full
    assert goes_on
