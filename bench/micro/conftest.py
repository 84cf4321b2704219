"""The same data for every step, and a collector that keeps still."""

from collections.abc import Iterator

import pytest

from bench import number
from bench.stand import Call, Stand, stand
from bench.workload import forged, genuine, sender_at

POOL = 1_000


def pytest_configure(config: pytest.Config) -> None:
    """Pin the collector: what it does when is not part of a step."""
    config.option.benchmark_disable_gc = True


@pytest.fixture(scope="session")
def messages() -> list[Call]:
    """Return messages of one troll, as an ASGI server hands them over."""
    return [Call.of(genuine(position, sender_at(0))) for position in range(1, 1 + POOL)]


@pytest.fixture(scope="session")
def strangers() -> list[Call]:
    """Return messages of as many senders."""
    return [Call.of(genuine(position, sender_at(position))) for position in range(1, 1 + POOL)]


@pytest.fixture(scope="session")
def forgeries() -> list[Call]:
    """Return messages under another secret."""
    return [Call.of(forged(position, sender_at(0))) for position in range(1, 1 + POOL)]


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Return a worker that has answered the troll already."""
    with stand(tmp_path_factory.mktemp("stand"), number.static_file()) as started:
        started.answer(Call.of(genuine(0, sender_at(0))))
        yield started
