"""Facts about workers whose server was killed: they end by themselves, replies first, and leave the ledger whole."""

import socket

from tests.process.owed import Owed
from tests.worker import await_, config, free_port, is_running, kill, message_id, sender, serving


def test_workers_do_not_outlive_their_server(tmp_path, shows):
    """After kill -9 of the server alone both workers end, say so once, and the next server starts on a whole ledger."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2)
    with serving(tmp_path, text) as worker:
        first = worker.send(sender(1), "salut", message_id(1))
        pids = worker.children()
        kill(worker.process.pid)
        worker.process.wait()
        await_(lambda: not any(is_running(pid) for pid in pids))
        log = worker.log.read_text()
    with serving(tmp_path, text) as worker:
        again = worker.send(sender(1), "salut", message_id(2))
        await_(lambda: {"answered": 1, "sender_limit": 1} == worker.status()["by_reason"])
    shows("P1", "P2", requests=2, faults=1)

    assert 2 == len(pids)
    assert 2 == log.count("the server is gone: its worker ends")
    assert [True, False] == ["<Message>" in body for _, body in (first, again)]


def test_an_orphan_delivers_the_reply_that_it_owes(tmp_path, shows):
    """A charge that waits for the disk when the server is killed is written, and its reply delivered, before the worker ends."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        [pid] = worker.children()
        owed = Owed(worker, tmp_path)
        kill(worker.process.pid)
        worker.process.wait()
        await_(lambda: "the server is gone" in worker.log.read_text())
        owed.release()
        await_(lambda: not is_running(pid))
    answers, charged = owed.decision()
    shows("P3", requests=1, faults=1)

    assert [(200, True)] == answers
    assert 1 == charged


def test_a_body_that_never_comes_does_not_keep_an_orphan(tmp_path, shows):
    """A body that never comes is given up when its worker's server is gone, and the worker ends."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        [pid] = worker.children()
        with socket.create_connection(worker.address) as slow:
            slow.sendall(b"POST /sms HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n")
            continued = slow.recv(100)
            kill(worker.process.pid)
            worker.process.wait()
            await_(lambda: not is_running(pid))
            answer = slow.recv(100)
    shows("P8", requests=1, faults=1)

    assert continued.startswith(b"HTTP/1.1 100 ")
    assert answer.startswith(b"HTTP/1.1 408 ")
