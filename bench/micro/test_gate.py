"""The gate by reason, and the table with one key and with a million."""

import random
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench import number
from bench.stand import START_MS
from bench.workload import sender_at
from edge import wiring
from edge.configfile import parse
from edge.core.answering.gate import Gate
from edge.core.charging.charge import Decision
from edge.core.charging.question import Question
from edge.core.limits.bucket import GRANT, UNUSED, Bucket
from edge.core.limits.generations import Generations
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.ledger.opening import Place
from edge.meaning import terms
from edge.setup import Setup
from edge.units import DAY_MS

MILLION = 1_000_000
SPENT = frozenset({Reason.SENDER_LIMIT, Reason.BLOCK_LIMIT, Reason.PACE_LIMIT, Reason.KITTY_SPENT})
"""The reasons that follow from a reply that was paid before."""


def gate_of(text: str) -> Gate:
    """Return a worker's memory of that static file."""
    config = parse(text)
    return wiring.gate_of(
        Setup(
            config=config,
            place=Place("memory:", Path(), config.number.phone),
            secrets=[[number.SECRET]],
            apis=[None],
            origin_secrets=[],
            status_key=None,
            hash_key=b"k" * 32,
            purse=terms.purse_of(config, 0, START_MS),
        )
    )


def answered(gate: Gate, message: Message) -> None:
    """Let a message through, as if the ledger had said yes to it."""
    question = gate.judge(message, 0, START_MS)
    assert isinstance(question, Question)
    used = Bucket(GRANT, START_MS)
    gate.settle(question, Decision(Reason.ANSWERED, used, UNUSED, UNUSED, question.route.cost.micros, START_MS))


def following(make: Callable[[int], Message], first: int = 1, size: int = 1_000) -> Callable[[], Message]:
    """Return messages by position, over and over."""
    return cycle([make(position) for position in range(first, first + size)]).__next__


def from_troll(position: int) -> Message:
    """Return another message of the sender who was answered."""
    return Message(sender_at(0), "Salut", f"SM{position:032x}")


def from_neighbour(position: int) -> Message:
    """Return a first message of somebody whose number differs from the troll's in its last digits only."""
    return Message(sender_at(position), "Salut", f"SM{position:032x}")


FILE = number.static_file()
CASES = {
    Reason.PAUSED: ("paused = true\n" + FILE, from_troll),
    Reason.NOT_A_PERSON: (FILE, lambda n: Message("36180", "Salut", f"SM{n:032x}")),
    Reason.UNSERVED: (FILE, lambda n: Message("+447700900000", "Hi", f"SM{n:032x}")),
    Reason.SENDER_LIMIT: (FILE, from_troll),
    Reason.BLOCK_LIMIT: (FILE.replace("burst = 1000000, count = 1000000", "burst = 1, count = 1"), from_neighbour),
    Reason.PACE_LIMIT: (FILE.replace('"10000000"', '"0.000001"'), from_neighbour),
    Reason.KITTY_SPENT: (FILE.replace('kitty = "100000000"', 'kitty = "0.000001"'), from_neighbour),
}


@pytest.mark.benchmark(group="gate")
@pytest.mark.parametrize("reason", CASES, ids=str)
def test_refused(benchmark: BenchmarkFixture, reason: Reason) -> None:
    """A message is refused for that reason; the checks stand in the order of the reasons."""
    text, make = CASES[reason]
    gate = gate_of(text)
    if reason in SPENT:
        answered(gate, from_troll(0))
    message = following(make)

    found = benchmark(lambda: gate.judge(message(), 1, START_MS))

    assert reason == found


@pytest.mark.benchmark(group="gate")
def test_asks(benchmark: BenchmarkFixture) -> None:
    """A first message comes to a question to the ledger, which says yes."""
    gate = gate_of(number.static_file())
    positions = count()

    def admit() -> None:
        position = next(positions)
        answered(gate, Message(sender_at(position), "Salut", f"SM{position:032x}"))

    benchmark.pedantic(admit, rounds=200, iterations=100, warmup_rounds=5)


@pytest.mark.benchmark(group="table")
@pytest.mark.parametrize("size", [1, MILLION])
def test_table_get(benchmark: BenchmarkFixture, size: int) -> None:
    """A bucket is looked up."""
    table = Generations[str](DAY_MS)
    for position in range(size):
        table.put(sender_at(position), START_MS + DAY_MS, START_MS)
    chance = random.Random(1)
    following_key = cycle([sender_at(chance.randrange(size)) for _ in range(10_000)]).__next__

    assert benchmark(lambda: table.get(following_key()))


@pytest.mark.benchmark(group="table")
@pytest.mark.parametrize("size", [1, MILLION])
def test_table_put(benchmark: BenchmarkFixture, size: int) -> None:
    """A bucket is written, among so many others."""
    table = Generations[str](DAY_MS)
    for position in range(size):
        table.put(sender_at(position), START_MS + DAY_MS, START_MS)
    following_key = cycle([sender_at(position % size) for position in range(10_000)]).__next__

    benchmark(lambda: table.put(following_key(), START_MS + DAY_MS, START_MS))
