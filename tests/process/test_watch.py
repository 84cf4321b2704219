"""The watch on real workers: what must be known arrives, whoever is killed, and nothing else does."""

import os
import signal

from tests.commands.test_cli import run
from tests.process.test_pause import answered
from tests.watch.receiver import receiving
from tests.worker import await_, config, free_port, message_id, sender, serving

ALERT = '[alert]\nto-env = "ALERT_URLS"\nheartbeat-env = "HEARTBEAT_URL"\nlanguage = "fr"\n'


def test_a_kitty_that_falls_is_told_whoever_is_killed(tmp_path, shows):
    """Two workers, of which each is killed in turn: each bound is told once, or twice around a crash; no number, text or secret."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="1", received="0.05") + ALERT
    with receiving() as receiver, receiving() as beats:
        environ = {"ALERT_URLS": f"{receiver.url}/secret", "HEARTBEAT_URL": f"{beats.url}/beat"}

        def said(name):
            return [request for request in receiver.requests if request.json["event"] == name]

        with serving(tmp_path, text, environ=environ) as worker:
            await_(lambda: beats.requests)
            for number in range(5):
                answered(worker, number)
            await_(lambda: said("kitty_low"))
            for pid in worker.children():
                os.kill(pid, signal.SIGKILL)
            await_(worker.answers)
            for number in range(5, 8):
                answered(worker, number)
            await_(lambda: said("kitty_empty") or len(said("kitty_low")) > 1, 40)
            shown = worker.status()
        log = worker.log.read_text()
        ledger = b"".join(
            path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and "edge" not in path.name
        )

    everything = b"".join(request.body for request in receiver.requests) + log.encode() + ledger
    shows("P11", rounds=1, requests=8, faults=2)

    assert [] == shown["channels_failing"]
    assert b"/secret" not in everything
    assert sender(1).encode()[1:] not in everything
    assert b"salut" not in everything
    assert all(len(said(name)) <= 2 for name in ("kitty_empty",))
    assert "GET /beat HTTP/1.1" == beats.requests[0].line


def test_a_worker_without_alerts_has_none(tmp_path):
    """No key on the status, and no watch."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        worker.send(sender(1), "salut", message_id(1))

        assert "channels_failing" not in worker.status()


def test_a_zone_or_an_address_that_is_none_stops_the_start(tmp_path):
    """`check` says so as well, on one line, and not what the address is."""
    file = tmp_path / "edge.toml"
    file.write_text(config() + ALERT + 'time-zone = "Europe/Paradis"\n')
    environ = {"ALERT_URLS": "secret", "HEARTBEAT_URL": "ntfys://secret"}
    code, out, _ = run("check", file, **environ)
    serve = run("serve", file, **environ)

    assert (1, True) == (code, "error: alert.to-env: address 1: has no scheme" in out)
    assert "error: alert.heartbeat-env: not an address of the web" in out
    assert "error: alert.time-zone: found 'Europe/Paradis', which this machine does not know" in out
    assert (2, True) == (serve[0], "alert.to-env: address 1: has no scheme" in serve[2])
    assert "secret" not in out + serve[2]
