"""A release's line."""

from bench.pages.history import line
from tests.bench.samples import MACHINE, comparison, run


def test_line():
    """A release is one line: its version, the machine, what a message costs, and how near that is to the floor."""
    found = line(
        "1.2.0", comparison(run("ours", 50_000), run("floor", 45_000), run("ours", 200_000, workload="admitted"))
    )

    assert ("1.2.0", MACHINE) == (found.version, found.machine)
    assert {"refused": 50.0, "admitted": 200.0} == found.cpu_us
    assert 0.9 == found.floor_ratio


def test_line_without_floor():
    """Without a floor there is no ratio to it."""
    assert line("1.2.0", comparison(run("ours", 50_000))).floor_ratio is None
