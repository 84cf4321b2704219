"""A release's line."""

from bench.pages.history import line
from tests.bench.samples import MACHINE, run, share


def test_line():
    """A release is one line: its version, the machine, our own share of a message, and the floor that it lies on."""
    found = line(
        "1.2.0",
        share(
            run("ours", 50_000, scheduling="batch"),
            run("floor", 25_000, scheduling="batch"),
            run("ours", 90_000),
            run("floor", 1),
        ),
    )

    assert ("1.2.0", MACHINE) == (found.version, found.machine)
    assert ({"refused": 25.0}, {"refused": 25.0}) == (found.own_share_us, found.floor_us)


def test_what_was_not_measured_is_left_out():
    """Without a floor there is no own share."""
    assert {} == line("1.2.0", share(run("ours", 50_000, scheduling="batch"))).own_share_us
