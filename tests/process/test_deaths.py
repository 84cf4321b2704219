"""Facts about workers that die: they are replaced, however often, and the server and the other workers go on."""

import signal

from tests.worker import await_, config, free_port, kill, message_id, sender, serving


def test_workers_that_die_again_and_again_are_replaced(tmp_path):
    """Both workers are killed, and their successors as soon as they are there: the server goes on, and exits with 0."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", workers=2)) as worker:
        for _ in range(2):
            old = worker.children()
            for pid in old:
                kill(pid)
            await_(lambda old=old: len(worker.children()) == 2 and not set(old) & set(worker.children()))
        await_(worker.answers)
        reply = worker.send(sender(1), "salut", message_id(1))[1]
        code = worker.stop()
        log = worker.log.read_text()

    assert "Bonjour" in reply
    assert (0, 4) == (code, log.count("died (signal 9); another one starts"))
    assert "Traceback" not in log


def test_a_worker_that_dies_right_after_a_reload_is_no_crash_loop(tmp_path):
    """It is replaced like any other."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        old = worker.children()
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: len(worker.children()) == 1 and not set(old) & set(worker.children()))
        [new] = worker.children()
        kill(new)
        await_(lambda: len(worker.children()) == 1 and new not in worker.children())
        await_(worker.answers)
        code = worker.stop()

    assert 0 == code
