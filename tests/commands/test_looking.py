"""Commands that look never write: `check`, `status`, `try` and `explain` leave everything as it was, to the byte, whoever owns it and whoever runs."""

import json
import os
import shutil

import pytest

from tests.commands.test_cli import run
from tests.ledger.parts import KEY
from tests.ledger.servers import any_server, running
from tests.unprivileged import give, open_folder, run_as_user
from tests.worker import await_, config, free_port, message_id, sender, serving


def snapshot(folder):
    """Return all that is in a folder: names, contents as far as we may read them, when they were changed, and their modes."""
    found = {}
    for path in sorted((folder, *folder.rglob("*"))):
        status = path.stat()
        content = path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else b""
        found[str(path.relative_to(folder))] = content, status.st_mtime_ns, status.st_mode, status.st_uid, status.st_ino
    return found


def look(file):
    """Run the commands that look, and return their exit codes and what they said."""
    run("try", file, "--from", sender(1))
    run("explain", file, given=sender(1))
    return [run("check", file), run("status", file), run("status", file, "--json")]


@pytest.fixture(name="file")
def _file(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text(config(bind=f"127.0.0.1:{free_port()}"))
    return path


def served(folder, text=None, *, end="stop"):
    """Serve two people in a folder, and end as said."""
    with serving(folder, text or config(bind=f"127.0.0.1:{free_port()}")) as worker:
        for n in (1, 2):
            worker.send(sender(n), "salut", message_id(n))
        await_(lambda: {"answered": 2} == worker.status()["by_reason"])
        getattr(worker, end)()
    worker.log.unlink()
    return folder / "edge.toml"


def test_nothing_is_begun_by_looking(file):
    """On a file that never served, status says that nothing was begun, exit 2; check that serve would begin it, exit 0."""
    before = snapshot(file.parent)
    checked, status, _ = look(file)

    assert before == snapshot(file.parent)
    assert (0, True) == (
        checked[0],
        f"note: ledger.url: there is none yet at sqlite:{file.parent}/antirelou.db: " in checked[1],
    )
    assert (2, "") == status[:2]
    assert (
        f"antirelou: sqlite:{file.parent}/antirelou.db: no ledger was begun there yet; `antirelou serve` begins it\n"
        == status[2]
    )


@pytest.mark.parametrize("end", ["stop", "kill_tree"])
def test_a_ledger_is_read_as_it_lies(tmp_path, end):
    """After a stop, and after a crash that leaves the log behind: the same totals, and nothing is changed."""
    file = served(tmp_path, end=end)
    before = snapshot(tmp_path)
    checked, _, status = look(file)

    assert before == snapshot(tmp_path)
    assert ("antirelou.db-wal" in before) == (end == "kill_tree")
    assert (0, 0, 2) == (checked[0], status[0], json.loads(status[1])["replies"])


def test_a_log_without_its_shared_memory_is_read_from_a_copy(tmp_path):
    """As a backup of a folder may have it: what the log holds counts, and nothing is changed."""
    file = served(tmp_path, end="kill_tree")
    (tmp_path / "antirelou.db-shm").unlink()
    before = snapshot(tmp_path)
    checked, _, status = look(file)

    assert before == snapshot(tmp_path)
    assert (0, 0, 2) == (checked[0], status[0], json.loads(status[1])["replies"])


def test_looking_beside_a_worker_that_runs(tmp_path):
    """The log and its shared memory are the worker's; they are read, and not made, grown or removed."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        worker.send(sender(1), "salut", message_id(1))
        names = {path.name for path in tmp_path.iterdir()}
        checked, _, status = look(tmp_path / "edge.toml")
        answered = "<Message>" in worker.send(sender(2), "salut", message_id(2))[1]

        assert names == {path.name for path in tmp_path.iterdir()}
    assert (0, "", 0, 1, True) == (checked[0], checked[2], status[0], json.loads(status[1])["replies"], answered)


@pytest.mark.parametrize("end", ["stop", "kill_tree"])
def test_another_user_may_look_where_nobody_may_write(tmp_path, end):
    """In a read-only folder, at somebody else's ledger: status tells; check says who may not write what."""
    served(tmp_path, end=end)
    with open_folder() as folder:
        for path in tmp_path.iterdir():
            shutil.copy(path, folder)
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555)
        before = snapshot(folder)
        code, out, _ = run_as_user("status", folder / "edge.toml", "--json")
        checked = run_as_user("check", folder / "edge.toml")
        refused = run_as_user("serve", folder / "edge.toml")

        assert before == snapshot(folder)
    assert (0, 2) == (code, json.loads(out)["replies"])
    assert (1, True) == (checked[0], f"error: {folder}/antirelou.db: cannot be written: {folder}: user " in checked[1])
    assert (2, True) == (refused[0], f"{folder}/antirelou.db: cannot be written: {folder}: user " in refused[2])
    assert 1 == refused[2].count("\n")


def test_root_that_looks_does_not_lock_the_service_out():
    """Whatever an operator has looked at, the service begins its ledger, and it is the service's."""
    with open_folder() as folder:
        file = folder / "edge.toml"
        file.write_text(config(bind=f"127.0.0.1:{free_port()}"))
        give(folder)
        look(file)

        assert ["edge.toml"] == [path.name for path in folder.iterdir()]
        assert 2 == run_as_user("status", file)[0]


def test_looking_at_a_server_writes_nothing(tmp_path):
    """Not a key, and none is made to live longer: what the server holds is the same, to the byte."""
    (tmp_path / "server").mkdir()
    with running(any_server(), tmp_path / "server") as server:
        text = config(bind=f"127.0.0.1:{free_port()}") + f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
        (tmp_path / "edge.toml").write_text(text)
        environ = {"LEDGER_KEY": KEY.decode()}
        empty = [run(command, tmp_path / "edge.toml", **environ)[0] for command in ("check", "status")]
        with server.client() as client:
            none = client.keys("*")
        run("create-ledger", tmp_path / "edge.toml", **environ)
        with serving(tmp_path, text, environ=environ) as worker:
            worker.send(sender(1), "salut", message_id(1))
            await_(lambda: {"answered": 1} == worker.status()["by_reason"])
            before = worker.status()
            worker.stop()
        with server.client() as client:
            # Bytes: some values are no text.
            client.connection_pool.connection_kwargs["decode_responses"] = False
            held = {key: client.dump(key) for key in client.keys("*")}
            code = run("check", tmp_path / "edge.toml", **environ)[0]
            status = run("status", tmp_path / "edge.toml", "--json", **environ)
            tried = run("try", tmp_path / "edge.toml", "--from", sender(1), **environ)
            explained = run("explain", tmp_path / "edge.toml", given=sender(1), **environ)

            assert held == {key: client.dump(key) for key in client.keys("*")}
    assert ([1, 2], []) == (empty, none)
    assert (0, 0) == (code, status[0])
    assert (0, True) == (tried[0], tried[1].startswith("sender_limit: "))
    assert (0, True) == (explained[0], explained[1].startswith("answered: last "))
    told = json.loads(status[1])
    assert [before[name] for name in ("messages", "replies", "spent")] == [
        told[name] for name in ("messages", "replies", "spent")
    ]
