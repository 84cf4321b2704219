"""What a server's settings put at risk is said where an operator looks: by `check`, in the log at the start, by /readyz."""

from pathlib import Path

import pytest

from edge.ledger.opening import Place, create
from tests.commands.test_cli import run
from tests.ledger.parts import PHONE
from tests.ledger.servers import any_server, running
from tests.worker import config, free_port, serving

KEY = "k" * 64
SAID = "appendfsync is everysec: a crash of the server's machine forgets what was spent in the last seconds; set it to always"


@pytest.fixture(name="forgetful")
def _forgetful(tmp_path):
    (tmp_path / "server").mkdir()
    options = ("--port", "0", "--appendonly", "yes", "--appendfsync", "everysec")
    with running(any_server(), tmp_path / "server", *options) as server:
        create(Place(server.url, tmp_path, PHONE, KEY.encode()))
        yield server


def text(url):
    """Return a static file whose ledger is there."""
    return config(bind=f"127.0.0.1:{free_port()}") + f'[ledger]\nurl = "{url}"\nkey-env = "LEDGER_KEY"\n'


def test_check_reads_the_settings(forgetful, tmp_path):
    """The file holds, and what the server may forget is a warning."""
    file = tmp_path / "edge.toml"
    file.write_text(text(forgetful.url))
    code, out, _ = run("check", file, LEDGER_KEY=KEY)

    assert (0, True) == (code, f"warning: {SAID}" in out)


def test_check_says_that_the_server_is_away(tmp_path):
    """A server that does not answer is what `serve` would refuse, and so an error."""
    file = tmp_path / "edge.toml"
    file.write_text(text(f"unix://{tmp_path}/nowhere.sock"))
    code, out, _ = run("check", file, LEDGER_KEY=KEY)

    assert (1, True) == (code, f"error: unix://{tmp_path}/nowhere.sock: " in out)


def test_a_worker_says_it_too(forgetful, tmp_path):
    """It stands in the log once, and under `ready`."""
    with serving(tmp_path, text(forgetful.url), environ={"LEDGER_KEY": KEY}) as worker:
        ready = worker.get("/readyz")
        worker.stop()
        log = Path(worker.log).read_text()

    assert (200, f"ready\nwarning: {SAID}\n".encode()) == ready
    assert 1 == log.count(SAID)
