"""What floods cost follows from what a message costs, and from nothing else."""

import pytest

from bench.pages.floods import Flood, Machine, capacity, floods_table, machine
from edge.units import HOUR_MS, SECOND_MS
from tests.bench.samples import run, share

ONE = Machine(message_us=50.0, received_micros=7_500, kitty_micros=15_000_000, currency="EUR")
"""A core that refuses 20,000 a second, and money for 2,000 messages."""


@pytest.mark.parametrize(
    ("gives_way", "messages", "length_ms"),
    [
        ("nothing", 2_000, HOUR_MS),
        ("the kitty, after 2,000 messages (30.0 minutes): silence from then on", 4_000, HOUR_MS),
        ("the core: messages wait, and are tried again", 20_001, SECOND_MS),
        ("the kitty, after 2,000 messages (0.002 minutes): silence from then on", 20_000, SECOND_MS),
    ],
)
def test_what_gives_way_first(gives_way, messages, length_ms):
    """The core if messages come faster than it refuses them; else the money, if it does not pay for receiving them."""
    assert gives_way == ONE.gives_way(Flood("", messages, length_ms))


def test_floods_table():
    """A flood of 3,600 in an hour is one a second: 50 µs of each second, and 0.18 s in all."""
    assert (
        "| 3,600 in an hour | 1.00 | 0.005% | 0.18 | 27.00 | the kitty, after 2,000 messages (33.3 minutes): silence from then on |"
    ) == floods_table(ONE, [Flood("3,600 in an hour", 3_600, HOUR_MS)]).splitlines()[-1]


def test_capacity():
    """What a core refuses stands beside what the kitty pays for."""
    assert (
        "One core refuses 20,000 messages of strangers a second, 72,000,000 an hour; the kitty of the example, 15 EUR, pays for "
        "receiving 2,000."
    ) == capacity(ONE)


def test_the_machine_is_the_one_that_was_measured():
    """Its message is the strangers', under the scheduling that we run in; without them there is none."""
    strangers = run("ours", 60_000, workload="strangers", scheduling="batch")

    assert 60.0 == machine(share(strangers, run("ours", 50_000, scheduling="batch"))).message_us
    assert machine(share(run("ours", 50_000, scheduling="batch"))) is None
