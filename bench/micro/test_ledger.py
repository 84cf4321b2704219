"""A charge in the ledger on disk: alone, and with others that wait for the same commit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.charges import Books, books_of
from edge.core.wire.reason import Reason

ROUNDS = 30


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """Return an open ledger in its own folder."""
    with books_of(tmp_path) as opened:
        yield opened


@pytest.mark.benchmark(group="ledger admission (each round admits all that wait)")
@pytest.mark.parametrize("waiting", [1, 10, 100])
def test_admit(benchmark: BenchmarkFixture, books: Books, waiting: int) -> None:
    """So many first messages wait for the disk together."""

    def admit() -> list[Reason]:
        return books.admit(waiting)

    assert [Reason.ANSWERED] * waiting == benchmark.pedantic(admit, rounds=ROUNDS, warmup_rounds=2)
