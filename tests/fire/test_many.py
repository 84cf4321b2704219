"""Facts about very many connections, and about a worker that may open no more files."""

import os
import resource
import subprocess

from edge.web.listening import CONNECTIONS_MAX, FILES_SPARE, allow_files, connections_max
from tests.fire.siege import files_of, memory_of, open_to, read, siege, signed
from tests.needs import need
from tests.worker import PROGRAM, SECRET, await_, config, free_port, message_id, serving

CONNECTIONS = 10_000
SOURCES = 20
FILES_MAX = 200
CONNECTION_BYTES_MAX = 32 * 1024


def test_ten_thousand_idle_connections_keep_nobody_out(tmp_path, shows):
    """Two workers hold ten thousand connections that say nothing and answer whoever writes; once they are gone nothing is left."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    number = min(CONNECTIONS, most - 500)
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", workers=2)) as worker:
        with siege(worker) as genuine:
            before = memory_of(worker.children())
            idle = [open_to(worker, source=f"127.0.0.{2 + n % SOURCES}") for n in range(number)]
            await_(lambda: files_of(worker.children()) > number)
            grown = memory_of(worker.children()) - before
            for _ in range(20):
                genuine.write_once()
            for connection in idle:
                connection.close()
        replies = worker.status()["replies"]
    shows(
        "P6", requests=len(genuine.answers), figure=f"{number:,} idle connections, {grown / number / 1024:.1f} KiB each"
    )

    assert grown < number * CONNECTION_BYTES_MAX
    assert len(genuine.replied) == replies


def test_a_worker_that_may_open_no_more_files_answers_again_when_it_may(tmp_path, shows):
    """When an attacker has taken every file descriptor, an open connection is still answered, and once they are free, everybody is."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        [pid] = worker.children()
        with siege(worker) as genuine:
            genuine.pause()
            kept = open_to(worker, signed(900_001))
            before = read(kept, 1)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))
            taken = [open_to(worker) for _ in range(2 * FILES_MAX)]
            await_(lambda: files_of([pid]) >= FILES_MAX - 1)
            kept.sendall(signed(900_002))
            meanwhile = read(kept, 1)
            for connection in (kept, *taken):
                connection.close()
            await_(lambda: files_of([pid]) < FILES_MAX // 2)
            genuine.resume()
            genuine.replied |= {message_id(900_001), message_id(900_002)}
        status = worker.status()
        log = worker.log.read_text()
    shows(
        "P8",
        figure=f"{len(taken)} connections where {FILES_MAX} files may be open",
        requests=len(genuine.answers) + 2,
        faults=1,
    )

    assert [True, True] == [b"<Message>" in body for [(_, body)] in (before, meanwhile)]
    assert len(genuine.replied) == status["replies"]
    assert "ledger_down" not in log


def test_a_worker_that_the_system_allows_few_files_holds_few_connections(tmp_path, shows):
    """Allowed 300 files, a worker takes no more connections than leave it some: the rest wait, and it does not spin on them."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text, files_max="300") as worker:
        [pid] = worker.children()
        with siege(worker) as genuine:
            genuine.pause()
            kept = open_to(worker, signed(900_003))
            before = read(kept, 1)
            waiting = [open_to(worker) for _ in range(400)]
            await_(lambda: files_of([pid]) >= 300 - FILES_SPARE)
            kept.sendall(signed(900_004))
            meanwhile = read(kept, 1)
            held = files_of([pid])
            for connection in (kept, *waiting):
                connection.close()
            genuine.resume()
            genuine.replied |= {message_id(900_003), message_id(900_004)}
    shows(
        "P6",
        figure=f"{len(waiting)} connections where 300 files may be open",
        requests=len(genuine.answers) + 2,
        faults=1,
    )

    assert [True, True] == [b"<Message>" in body for [(_, body)] in (before, meanwhile)]
    assert 300 > held


def test_with_very_few_files_a_worker_says_so_and_holds_few_connections(tmp_path):
    """Allowed 100 files, it serves half as many connections, and its first line says how many, and how to get more."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}"), files_max="100") as worker:
        waiting = [open_to(worker) for _ in range(120)]
        first = open_to(worker, signed(900_005))
        for connection in waiting:
            connection.close()
        answers = read(first, 1)
        first.close()
        log = worker.log.read_text()

    assert [200] == [status for status, _ in answers]
    assert "open files: the hard limit is 100, so a worker holds 50 connections at once; with 8320" in log


def test_with_fewer_files_than_a_worker_needs_nothing_starts(tmp_path):
    """Allowed 63 files, the command ends with one line that names the limit and what would be right."""
    need("prlimit")
    file = tmp_path / "edge.toml"
    file.write_text(config(bind=f"127.0.0.1:{free_port()}"))
    done = subprocess.run(
        ["prlimit", "--nofile=63", *PROGRAM, "serve", str(file)],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (2, "") == (done.returncode, done.stdout)
    assert [
        "antirelou: open files: the hard limit is 63, and a worker needs 64 at least; "
        "raise it (ulimit -n, LimitNOFILE), to 8,320 if you can"
    ] == done.stderr.splitlines()


def test_the_soft_limit_of_open_files_is_raised(tmp_path):
    """Started with room for 256 files under a hard limit of 2,048, a worker makes itself room for that many."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}"), files_max="256:2048") as worker:
        limits = [resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in worker.children()]

    assert [(2048, 2048)] == limits


def test_no_more_files_are_allowed_than_connections_need():
    """The soft limit is raised to what the connections need, and left alone where it is enough."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections_max() + FILES_SPARE
    seen = []
    try:
        for soft in (256, needed):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
            allow_files()
            seen.append(resource.getrlimit(resource.RLIMIT_NOFILE))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert [(needed, before[1])] * 2 == seen


def test_no_limit_of_open_files_is_no_limit_of_ours(monkeypatch):
    """Where the system sets no limit, the worker's own is what counts, and nothing is raised."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", None)

    assert CONNECTIONS_MAX == connections_max()
    assert allow_files() is None
