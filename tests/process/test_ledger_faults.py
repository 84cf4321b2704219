"""A real worker whose ledger goes and comes back: silence and no spending meanwhile, and then it answers by itself."""

import os
import resource
import shutil
import subprocess
from contextlib import contextmanager

import apsw
import pytest

from edge.ledger.opening import Place, create
from tests.ledger.parts import PHONE
from tests.ledger.servers import SERVERS, any_server, running
from tests.torture import rounds
from tests.worker import PROGRAM, SECRET, await_, config, free_port, message_id, sender, serving

ROUNDS = rounds(1, many=8)
KEY = "k" * 64
SILENT = 5
"""How many write while the ledger is away."""
PAGE_BYTES = 4_096


@contextmanager
def removed(path, _):
    """Somebody moves the file away."""
    path.rename(path.with_name("elsewhere.db"))
    yield
    path.with_name("elsewhere.db").rename(path)


@contextmanager
def replaced(path, _):
    """Somebody puts a copy in its place, from before the last charge, say."""
    path.rename(path.with_name("elsewhere.db"))
    shutil.copy(path.with_name("elsewhere.db"), path)
    yield
    path.with_name("elsewhere.db").replace(path)


@contextmanager
def locked(path, _):
    """Somebody else holds the file and does not let go."""
    holder = apsw.Connection(str(path))
    holder.set_busy_timeout(20_000)  # a worker may be telling
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("ROLLBACK")
    holder.close()


@contextmanager
def full(_, worker):
    """Not one page of the ledger or its log fits on the disk: room in a log that begins anew would be room to go on in."""
    before = [(pid, resource.prlimit(pid, resource.RLIMIT_FSIZE)) for pid in worker.children()]
    for pid, (_, most) in before:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (PAGE_BYTES, most))
    yield
    for pid, limits in before:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def answered(worker, number):
    """Return whether a sender gets a reply; whatever happens, there is an answer with status 200."""
    status, body = worker.send(sender(number), "salut", message_id(number))
    assert 200 == status
    return "<Message>" in body


def goes_and_comes_back(worker, fault):
    """Return how many requests it took to see that a worker is silent under a fault, and answers everyone after it."""
    sent = 0
    for round_ in range(ROUNDS):
        first = round_ * 100
        assert answered(worker, first)
        with fault():
            assert [False] * SILENT == [answered(worker, first + n) for n in range(1, SILENT + 1)]
            assert 200 == worker.get("/healthz")[0]
            await_(lambda: worker.get("/readyz")[0] == 503)  # a look at the ledger serves for a second
        await_(lambda: worker.get("/readyz")[0] == 200)
        await_(lambda first=first: answered(worker, first + 1))
        assert [True] * (SILENT - 1) == [answered(worker, first + n) for n in range(2, SILENT + 1)]
        sent += 1 + 2 * SILENT
    return sent


@pytest.mark.parametrize("fault", [removed, replaced, locked, full])
def test_a_file_that_goes_is_met_with_silence_until_it_is_back(tmp_path, shows, fault):
    """Removed, replaced, locked, on a full disk: silence, nothing spent, alive and not ready; then the same senders are answered."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        sent = goes_and_comes_back(worker, lambda: fault(tmp_path / "antirelou.db", worker))
        await_(lambda: "the ledger is back" in worker.log.read_text())
        status = worker.status()
    shows("P8", rounds=ROUNDS, requests=sent, faults=ROUNDS)

    assert ROUNDS * (SILENT + 1) == status["replies"] == status["by_reason"]["answered"]


@contextmanager
def stopped(server):
    """The server accepts connections and answers nothing."""
    server.pause()
    yield
    server.resume()


@contextmanager
def killed(server):
    """The server is gone; another one starts on its files."""
    server.kill()
    yield
    server.start()


@pytest.mark.parametrize("fault", [stopped, killed])
@pytest.mark.parametrize("binary", SERVERS)
def test_a_server_that_goes_is_met_with_silence_until_it_is_back(tmp_path, shows, binary, fault):
    """Valkey or Redis, stopped or killed: silence, nothing spent, alive and not ready; then the same senders are answered."""
    (tmp_path / "server").mkdir()
    with running(binary, tmp_path / "server") as server:
        create(Place(server.url, tmp_path, PHONE, KEY.encode()))
        text = config(bind=f"127.0.0.1:{free_port()}") + f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
        with serving(tmp_path, text, environ={"LEDGER_KEY": KEY}) as worker:
            sent = goes_and_comes_back(worker, lambda: fault(server))
            status = worker.status()
    shows("P8", rounds=ROUNDS, requests=sent, faults=ROUNDS)

    assert ROUNDS * (SILENT + 1) == status["replies"] == status["by_reason"]["answered"]


def test_a_stop_while_the_server_is_away_outlives_the_worker_that_heard_it(tmp_path):
    """Of two who were answered both say STOP, one while the server is gone; all is killed, and both are opted out afterwards."""
    (tmp_path / "server").mkdir()
    state = tmp_path / "state"
    state.mkdir()
    with running(any_server(), tmp_path / "server") as server:
        create(Place(server.url, tmp_path, PHONE, KEY.encode()))
        text = config(bind=f"127.0.0.1:{free_port()}").replace("[server]", f'[server]\nstate = "{state}"')
        text += f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
        with serving(tmp_path, text, environ={"LEDGER_KEY": KEY}) as worker:
            assert [True, True] == [answered(worker, number) for number in (1, 2)]
            assert 200 == worker.send(sender(1), "STOP", message_id(11))[0]
            server.kill()
            assert 200 == worker.send(sender(2), "STOP", message_id(12))[0]
            kept = [path for path in state.iterdir() if "-stop-" in path.name]
            worker.kill_tree()
        server.start()
        with serving(tmp_path, text, environ={"LEDGER_KEY": KEY}) as worker:
            await_(lambda: not any(path.exists() for path in kept))
            after = [worker.send(sender(number), "salut", message_id(20 + number)) for number in (1, 2)]
            by_reason = worker.status()["by_reason"]

    assert 1 == len(kept)
    assert [200, 200] == [status for status, _ in after]
    assert (3, 1) == (by_reason["opted_out"], by_reason["ledger_down"])


def overwritten(path):
    """Somebody writes over its pages."""
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:100] + os.urandom(size - 100))


def test_a_file_that_is_overwritten_is_met_with_silence(tmp_path, shows):
    """Garbage in the place of the pages, under a running worker: nobody is answered, nothing is spent, and the log says why."""
    path = tmp_path / "antirelou.db"
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        assert answered(worker, 0)
        execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.seek(100)
            file.write(os.urandom(path.stat().st_size - 100))
        silent = [answered(worker, number) for number in range(1, SILENT + 1)]
        alive = worker.get("/healthz")[0]
        await_(lambda: worker.get("/readyz")[0] == 503)
        log = worker.log.read_text()
    shows("P8", rounds=1, requests=1 + SILENT, faults=1)

    assert [False] * SILENT == silent
    assert 200 == alive
    assert "malformed" in log
    assert "Traceback" not in log


def newer(path):
    """A later version of the program has written it."""
    execute(path, "PRAGMA user_version = 99")


def emptied(path):
    """Somebody wants to begin anew."""
    path.write_bytes(b"")


def lost(path):
    """The disk is a new one, but for the key."""
    path.unlink()


def keyless(path):
    """Somebody has saved the ledger, and not its key."""
    path.with_name(path.name + ".key").unlink()


@pytest.mark.parametrize("fault", [overwritten, newer, emptied, lost, keyless])
def test_a_ledger_that_cannot_be_trusted_stops_the_start(tmp_path, shows, fault):
    """Overwritten, of a newer version, emptied, lost, without its key: one line, exit 2, and nothing is begun anew."""
    path = tmp_path / "antirelou.db"
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        assert answered(worker, 1)
        assert 0 == worker.stop()
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    for left in ("-wal", "-shm"):
        path.with_name(path.name + left).unlink(missing_ok=True)
    fault(path)
    before = path.read_bytes() if path.exists() else None
    done = subprocess.run(
        [*PROGRAM, "serve", str(tmp_path / "edge.toml")],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    shows("P1", "P2", "P8", rounds=1, requests=1, faults=1)

    assert 2 == done.returncode
    assert 1 == len(done.stderr.splitlines()), done.stderr
    assert "antirelou.db" in done.stderr
    assert before == (path.read_bytes() if path.exists() else None)


def execute(path, sql):
    """Do something to the file behind the ledger's back."""
    connection = apsw.Connection(str(path))
    connection.execute(sql).fetchall()
    connection.close()
