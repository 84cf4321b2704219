"""Generators whose clocks differ play one flood, and nobody is blamed for what only their clocks say."""

import os
import subprocess

from tests.loadtest.locusts import LOCUST, ROOT
from tests.needs import faketime, need
from tests.worker import SECRET, config, free_port, serving

ONE_MAN = """
description = "One man writes all the time, and may have a reply each second."
limits = ["lag.p99_ms < 5000", "corrected.p99_ms < 5000"]
[[phase]]
name = "he"
lasts = "6s"
messages = 120
arrivals = { process = "constant" }
senders = { from = "one" }
"""


def test_clocks_that_differ_are_allowed_for(tmp_path):
    """One generator is half a second ahead; every second message is its own."""
    need("libfaketime")
    port = str(free_port())
    text = config(bind=f"127.0.0.1:{free_port()}").replace('period = "24h"', 'period = "1s"')
    (tmp_path / "flood.toml").write_text(ONE_MAN)
    environ = os.environ | {"TWILIO_AUTH_TOKEN": SECRET}
    ahead = {"LD_PRELOAD": faketime(), "FAKETIME": "+0.5s"}
    meeting = ["--master-host", "127.0.0.1", "--master-port", port]
    files = ["--config-file", str(tmp_path / "edge.toml"), "--scenario", str(tmp_path / "flood.toml")]
    leader = ["--headless", "--master", "--expect-workers", "2", "--master-bind-port", port, *files]
    with serving(tmp_path, text):
        processes = [
            subprocess.Popen(
                [*LOCUST, *arguments],
                env=environ | more,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for arguments, more in ((leader, {}), (["--worker", *meeting], {}), (["--worker", *meeting], ahead))
        ]
        try:
            said, _ = processes[0].communicate(timeout=100)
        finally:
            for process in processes:
                process.kill()
                process.communicate()

    assert 0 == processes[0].returncode, said
    assert "by 2 processes" in said
