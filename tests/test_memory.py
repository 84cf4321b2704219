"""Strangers leave no trace in memory."""

import json
import os
import subprocess
import sys

MESSAGES = 1_000_000
GROWTH_BYTES_MAX = 2_000_000


def test_a_million_strangers_leave_no_trace():
    """A million refused messages from a million senders grow the process by less than 2 bytes each: flat, but for noise."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "tests.sybil", str(MESSAGES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ, timeout=400)
    found = json.loads(done.stdout)

    assert MESSAGES == found["pace_limit"] - 14  # of 20 before the flood, 6 used up the pace
    assert 0 == found["replies"]
    sys.stdout.write(done.stdout)  # the figure: pytest -s shows it
    assert GROWTH_BYTES_MAX > found["growth_bytes"]
