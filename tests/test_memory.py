"""Strangers leave no trace in memory."""

import json
import os
import subprocess
import sys

from tests.torture import rounds

SENDERS = rounds(200_000, many=10_000_000)
WORKERS = 2
GROWTH_BYTES_MAX = 2_000_000


def test_millions_of_strangers_leave_no_trace(shows):
    """Millions of refused messages from as many senders grow no worker by more than a noise of 2 MB: flat."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    each = SENDERS // WORKERS
    floods = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.sybil", str(nth * each), str(each)],
            stdout=subprocess.PIPE, text=True, env=environ,
        )
        for nth in range(WORKERS)
    ]  # fmt: skip
    found = [json.loads(flood.communicate()[0]) for flood in floods]
    grown = [one["growth_bytes"] / 1e6 for one in found]
    shows("P5", rounds=WORKERS, requests=SENDERS, figure=f"{SENDERS:,} senders, +{max(grown):.1f} MB in a worker")

    assert [each + 16] * WORKERS == [one["pace_limit"] for one in found]  # of 20 before the flood, 4 used up the pace
    assert [0] * WORKERS == [one["replies"] for one in found]
    assert GROWTH_BYTES_MAX > max(one["growth_bytes"] for one in found)
