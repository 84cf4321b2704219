"""A worker behind a unix socket is flooded like any other."""

import os
import subprocess
import sys

from tests.loadtest.locusts import ROOT, TROLLS
from tests.worker import SECRET, await_, config

ENVIRON = os.environ | {"TWILIO_AUTH_TOKEN": SECRET, "STATUS_KEY": "a key"}


def test_a_real_worker_behind_a_socket_keeps_its_promises(tmp_path):
    """With its books, which it shows there to whoever has the key."""
    file, scenario = tmp_path / "edge.toml", tmp_path / "trolls.toml"
    file.write_text(config(bind="unix:edge.sock") + 'status-key-env = "STATUS_KEY"\n')
    scenario.write_text(TROLLS)
    locust = [sys.executable, "-m", "locust", "-f", str(ROOT / "loadtest" / "locustfile.py"), "--headless"]
    with subprocess.Popen([sys.executable, "-m", "edge", "serve", str(file)], env=ENVIRON) as worker:
        try:
            await_((tmp_path / "edge.sock").is_socket)
            ended = subprocess.run(
                [*locust, "--config-file", str(file), "--scenario", str(scenario)],
                env=ENVIRON, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
            )  # fmt: skip
        finally:
            worker.terminate()

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "ok      the worker's books agree with what was seen" in ended.stdout
