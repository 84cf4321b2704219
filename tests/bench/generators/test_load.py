"""wrk plays a pool."""

import pytest

from bench.contestants import named, running
from bench.generators.load import wrk
from bench.workload import write_pool
from tests.needs import need

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def port(tmp_path):
    """Return the port of a server that answers whatever it is asked."""
    need("wrk")
    [floor] = named(["floor"])
    with running(floor, tmp_path, core=None) as server:
        yield server.port


def test_each_once(port, tmp_path):
    """A pool that is larger than what is played of it does not come round."""
    load = wrk(port, write_pool(tmp_path / "pool", [REQUEST] * 200_000), 1, core=0)

    assert 0 == load.rounds
    assert 0 == load.broken
    assert 0 < load.messages < 200_000


def test_comes_round(port, tmp_path):
    """A pool that is smaller begins again, and that is told."""
    load = wrk(port, write_pool(tmp_path / "pool", [REQUEST] * 10), 1, core=0)

    assert 10 < load.messages
    assert load.messages // 10 <= load.rounds + 1
    assert 0 < load.rounds
