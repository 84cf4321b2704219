"""Silence by hand on real workers: for all of them at once, through reloads and restarts, and over when it is said."""

import contextlib
import signal

import pytest

from edge.ledger.opening import Place, create
from tests.commands.test_cli import run
from tests.ledger.parts import KEY
from tests.ledger.servers import any_server, running
from tests.worker import PHONE, await_, config, free_port, message_id, sender, serving


def answered(worker, number):
    """Return whether somebody is answered who writes for the first time."""
    return "<Message>" in worker.send(sender(number), "salut", message_id(number))[1]


@pytest.mark.parametrize("kind", ["file", "server"])
def test_a_pause_holds_for_all_workers_through_reloads_and_restarts(tmp_path, kind):
    """Nobody is answered from the moment on at which the command returns, until it is resumed; the status says until when."""
    environ, ledger = {"LEDGER_KEY": KEY.decode()}, ""
    with contextlib.ExitStack() as stack:
        if kind == "server":
            (tmp_path / "server").mkdir()
            server = stack.enter_context(running(any_server(), tmp_path / "server"))
            create(Place(server.url, tmp_path, PHONE, KEY, currency="EUR"))
            ledger = f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
        text = config(bind=f"127.0.0.1:{free_port()}", workers=2) + ledger
        file = tmp_path / "edge.toml"
        with serving(tmp_path, text, environ=environ) as worker:
            before = answered(worker, 1)
            paused = run("pause", file, "--for", "1h", **environ)
            at_once = [answered(worker, 10 + n) for n in range(6)]
            await_(lambda: worker.status()["by_reason"].get("paused") == 6)
            worker.process.send_signal(signal.SIGHUP)
            await_(lambda: "reloading " in worker.log.read_text())
            reloaded = [answered(worker, 20 + n) for n in range(6)]
        with serving(tmp_path, text, environ=environ) as worker:
            restarted = answered(worker, 30)
            shown = worker.status()
            said = run("status", file, **environ)[1]
            resumed = run("resume", file, **environ)
            await_(lambda: answered(worker, 40))

    assert (True, {False}) == (before, {*at_once, *reloaded, restarted})
    assert (0, "", True) == (paused[0], paused[2], paused[1].startswith("paused until "))
    assert "Receiving goes on costing: 0.0075 EUR a segment, answered or not" in paused[1]
    assert (True, 19) == (shown["paused"], shown["paused_until"].index("+00:00"))
    assert f"\npaused until {shown['paused_until'][:10]} {shown['paused_until'][11:19]} UTC\n" in said
    assert (0, "resumed; all workers know within about a second\n", "") == resumed
