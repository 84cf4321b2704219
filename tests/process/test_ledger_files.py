"""Real workers whose ledger's files are removed, replaced and put back under load: no reply is lost, nobody gets two."""

import json
import shutil
import threading
import time

import apsw
import pytest

from tests.mounted import fill, small
from tests.process.test_kill import PRICE_MICROS
from tests.senders import Seen, send_all
from tests.torture import rounds
from tests.worker import await_, config, free_port, is_running, kill, message_id, sender, serving

ROUNDS = rounds(1, many=10)
DEATHS = rounds(1, many=4)
"""Workers that die again and again are replaced after growing pauses."""
SENDERS = 300
LEDGER = '[ledger]\nurl = "sqlite:data/antirelou.db"\n'


def beside(path, left):
    """Return a file that lies beside a ledger."""
    return path.with_name(path.name + left)


def log_removed(path):
    """Somebody removes the log; the workers go on by themselves."""
    beside(path, "-wal").unlink(missing_ok=True)


def all_beside_removed(path):
    """Somebody removes all that lies beside the ledger."""
    log_removed(path)
    beside(path, "-shm").unlink(missing_ok=True)


def removed(path):
    """Somebody removes the ledger and all beside it; what was saved is put back."""
    before = saved(path)
    path.unlink()
    all_beside_removed(path)
    return lambda: put_back(path, before)


def replaced(path):
    """Somebody puts an older copy in its place, beside the log of the newer one; what was saved is put back."""
    copy = path.parent.parent / "copy.db"
    before = saved(path)
    shutil.copy(copy, beside(path, ".new"))
    beside(path, ".new").replace(path)
    return lambda: put_back(path, before)


def moved(path):
    """Somebody moves the folder away and back."""
    elsewhere = path.parent.parent / "elsewhere"
    path.parent.rename(elsewhere)
    return lambda: elsewhere.rename(path.parent)


def saved(path):
    """Return what workers have saved of a ledger, by its number; what one is still writing has none."""
    found = ((file.name.rpartition(".saved-")[2], file) for file in path.parent.glob(f"{path.name}.saved-*"))
    return {int(number): file for number, file in found if number.isdecimal()}


def put_back(path, before):
    """Do what the log says, once a worker has done it: move the newest of what was saved to where the ledger lay."""
    await_(lambda: saved(path).keys() - before.keys())
    [*_, newest] = sorted(saved(path).items())
    newest[1].replace(path)


def copy_ledger(path):
    """Copy it as the documentation says."""
    source, target = apsw.Connection(str(path)), apsw.Connection(str(path.parent.parent / "copy.db"))
    with target.backup("main", source, "main") as backup:
        backup.step(-1)
    target.close()
    source.close()


def audit(path, seen):
    """Hold the ledger against what the clients saw."""
    connection = apsw.Connection(str(path))
    rows = list(connection.execute("SELECT message_id, sender, micros FROM charge"))
    [(replies, spent)] = connection.execute("SELECT replies, replies_micros FROM account")
    [(verdict,)] = connection.execute("PRAGMA integrity_check")
    connection.close()

    assert "ok" == verdict
    assert set(seen.replied) <= {row[0] for row in rows}
    assert len(rows) == len({row[1] for row in rows}), "a sender was paid for twice"
    assert len(seen.replied) == len(set(seen.replied.values())), "a sender got two replies"
    assert (len(rows), len(rows) * PRICE_MICROS) == (replies, spent)


def answer(worker, number):
    """Return whether a sender gets a reply; whatever happens, there is an answer with status 200."""
    status, body = worker.send(sender(number), "salut", message_id(number))
    assert 200 == status
    return "<Message>" in body


def status_of(worker):
    """Return the status, once a worker has it: each comes back by itself."""
    found = []

    def is_told():
        found[:] = worker.get("/status.json")
        return found[0] == 200

    await_(is_told)
    return json.loads(found[1])


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("fault", [log_removed, all_beside_removed, removed, replaced, moved])
def test_whatever_becomes_of_the_files_no_reply_is_lost(tmp_path, shows, fault, workers):
    """Under load, with one worker and with two: what clients saw is in the ledger, nobody gets two, and it comes back."""
    path = tmp_path / "data" / "antirelou.db"
    path.parent.mkdir()
    text = config(bind=f"127.0.0.1:{free_port()}", workers=workers) + LEDGER
    seen, back_s = Seen(), []
    with serving(tmp_path, text) as worker:
        for round_ in range(ROUNDS):
            first = round_ * SENDERS
            copy_ledger(path)
            sendings = [
                (sender(n), message_id(3 * n + again)) for n in range(first, first + SENDERS) for again in (0, 1)
            ]
            load = threading.Thread(
                target=send_all, args=(lambda: worker, sendings), kwargs={"seen": seen, "connections": 6}
            )
            enough = seen.answers + SENDERS // 2
            load.start()
            await_(lambda enough=enough, load=load: seen.answers >= enough or not load.is_alive())
            mend = fault(path)
            load.join()
            if mend is not None:
                await_(lambda: worker.get("/readyz")[0] == 503)
                mend()
            began = time.monotonic()
            await_(lambda number=900_000 + round_: answer(worker, number))
            back_s.append(time.monotonic() - began)
            seen.replied[message_id(900_000 + round_)] = sender(900_000 + round_)
            await_(lambda: worker.get("/readyz")[0] == 200)
        worker.stop()
        log = worker.log.read_text()
    audit(path, seen)
    shows("P3", "P4", "P8", rounds=ROUNDS, requests=seen.answers, faults=ROUNDS)
    shows(figure=f"{fault.__name__}, {workers} workers: back in {max(back_s):.1f} s at most")

    assert {200} == seen.statuses
    assert "under the running worker; what it held, " in log
    assert "Traceback" not in log


def test_a_ledger_is_noticed_to_be_gone_without_a_message(tmp_path, shows):
    """Nobody writes: within a second or two the log says what has happened and where what was held lies."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        assert answer(worker, 1)
        (tmp_path / "antirelou.db").unlink()
        began = time.monotonic()
        await_(lambda: "what it held, 1 replies, lies in" in worker.log.read_text())
        noticed_s = time.monotonic() - began
        assert not answer(worker, 2)
    shows("P8", rounds=1, requests=2, faults=1, figure=f"noticed after {noticed_s:.1f} s")

    assert not (tmp_path / "antirelou.db").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_starts_without_its_ledger_is_back_with_it(tmp_path, shows, workers):
    """The folder is away when a worker is replaced: silent with 200, and the same senders are answered when it is back."""
    path = tmp_path / "data" / "antirelou.db"
    path.parent.mkdir()
    text = config(bind=f"127.0.0.1:{free_port()}", workers=workers) + LEDGER
    seen, back_s = Seen(), []
    with serving(tmp_path, text) as worker:
        for round_ in range(DEATHS):
            await_(lambda number=10 * round_: answer(worker, number))
            seen.replied[message_id(10 * round_)] = sender(10 * round_)
            path.parent.rename(tmp_path / "elsewhere")
            before = worker.children()
            for pid in before:
                kill(pid)
            await_(lambda before=before: len(set(worker.children()) - set(before)) == workers and worker.answers(), 60)
            assert not any(answer(worker, 10 * round_ + n) for n in range(1, 4))
            assert not list(tmp_path.glob("data/*"))
            (tmp_path / "elsewhere").rename(path.parent)
            began = time.monotonic()
            await_(lambda number=10 * round_ + 4: answer(worker, number))
            back_s.append(time.monotonic() - began)
            seen.replied[message_id(10 * round_ + 4)] = sender(10 * round_ + 4)
            await_(lambda: worker.get("/readyz")[0] == 200)
        await_(lambda: status_of(worker)["by_reason"].get("ledger_down", 0) > 0)
        pids = worker.children()
        worker.process.kill()
        worker.process.wait()
        await_(lambda: not any(is_running(pid) for pid in pids))
    audit(path, seen)
    shows("P3", "P8", rounds=DEATHS, requests=5 * DEATHS, faults=DEATHS)
    shows(figure=f"started without it, {workers} workers: back in {max(back_s):.1f} s at most")


def test_a_worker_that_starts_takes_no_other_file_for_its_ledger(tmp_path, shows):
    """The folder is a mount that is away: the empty one beneath gets no ledger, and neither does another ledger's place."""
    path = tmp_path / "data" / "antirelou.db"
    path.parent.mkdir()
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}") + LEDGER) as worker:
        assert answer(worker, 1)
        path.parent.rename(tmp_path / "elsewhere")
        path.parent.mkdir()
        other = tmp_path / "other"
        other.mkdir()
        with serving(other, config(bind=f"127.0.0.1:{free_port()}")) as stranger:
            assert answer(stranger, 5)
            assert 0 == stranger.stop()
        [pid] = worker.children()
        kill(pid)
        await_(lambda: worker.children() not in ([], [pid]) and worker.answers())
        silent = [answer(worker, 2)]
        made = [made for made in path.parent.iterdir() if made.name.startswith(path.name)]
        for file in other.glob("antirelou.db*"):
            shutil.copy(file, path.parent)
        time_over = time.monotonic() + 1.5
        await_(lambda: time.monotonic() > time_over)
        silent.append(answer(worker, 3))
        log = worker.log.read_text()
    shows("P2", "P8", rounds=1, requests=4, faults=2)

    assert ([False, False], []) == (silent, made)
    assert "put it back" in log


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_loses_no_reply(tmp_path, shows, workers):
    """A real file system without room, under load: silence, nothing that was paid is lost, and it answers when there is room."""
    seen, back_s = Seen(), []
    with small(tmp_path / "data", kib=1024) as disk:
        text = config(bind=f"127.0.0.1:{free_port()}", workers=workers) + LEDGER
        with serving(tmp_path, text) as worker:
            for round_ in range(ROUNDS):
                first = round_ * SENDERS
                await_(lambda number=800_000 + round_: answer(worker, number))
                seen.replied[message_id(800_000 + round_)] = sender(800_000 + round_)
                ballast = fill(disk)
                sendings = [(sender(n), message_id(n)) for n in range(first, first + SENDERS)]
                send_all(lambda: worker, sendings, seen=seen, connections=6)
                await_(lambda: worker.get("/readyz")[0] in {200, 503})
                ballast.unlink()
                began = time.monotonic()
                await_(lambda number=900_000 + round_: answer(worker, number))
                back_s.append(time.monotonic() - began)
                seen.replied[message_id(900_000 + round_)] = sender(900_000 + round_)
            await_(
                lambda: "ledger_down" in status_of(worker)["by_reason"]
            )  # a worker tells what it has seen once a second
            silent = status_of(worker)["by_reason"]["ledger_down"]
            worker.stop()
        audit(disk / "antirelou.db", seen)
    shows("P3", "P8", rounds=ROUNDS, requests=seen.answers, faults=ROUNDS)
    shows(figure=f"full disk, {workers} workers: back in {max(back_s):.1f} s at most")

    assert silent > 0
