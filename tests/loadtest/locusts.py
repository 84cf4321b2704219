"""Locust as a test starts it: a process of its own, against a worker of the test's."""

import os
import subprocess
import sys

from tests import ROOT
from tests.loadtest.liars import SECRET

ENVIRON = os.environ | {"FLOOD_TEST_SECRET": SECRET}
LOCUST = [sys.executable, "-m", "locust", "-f", str(ROOT / "loadtest" / "locustfile.py")]
HEARD = "2500ms"
"""Later than the news of a charge takes from one worker process to another: a retry that comes sooner may be booked as received
again, and stays so if nothing comes after it."""
TROLLS = """
description = "Some trolls who write again, some retries, some forgers, some people."
limits = ["corrected.p99_ms < 1000", "lag.p99_ms < 900"]

[[phase]]
name = "trolls"
lasts = "1500ms"
messages = 60
arrivals = { process = "constant" }
senders = { from = "pool", size = 30 }
again = [{ kind = "retried", share = 0.5, after = "200ms" }]

[[phase]]
name = "forgers"
lasts = "1500ms"
messages = 30
arrivals = { process = "poisson" }
senders = { from = "distinct", prefix = "+337" }
kind = "forged"

[[phase]]
name = "people"
lasts = "1500ms"
messages = 10
arrivals = { process = "poisson" }
senders = { from = "distinct" }
genuine = true
"""


def command(worker, folder, *arguments, scenario=TROLLS):
    """Return the command that floods a worker."""
    (folder / "edge.toml").write_text(worker.config)
    (folder / "flood.toml").write_text(scenario)
    files = ["--config-file", str(folder / "edge.toml"), "--scenario", str(folder / "flood.toml")]
    return [*LOCUST, *files, *arguments]


def flood(worker, folder, *arguments, scenario=TROLLS):
    """Flood a worker without a web page, and return how it ended."""
    line = command(worker, folder, "--headless", *arguments, scenario=scenario)
    return subprocess.run(line, env=ENVIRON, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
