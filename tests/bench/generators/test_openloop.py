"""Messages that come by themselves, at a steady rate."""

from bench.contestants import named, running
from bench.generators.load import engine
from bench.generators.openloop import troll
from tests.needs import need


def test_rate():
    """Messages come at the rate on average, in order, and the same each time."""
    arrivals = list(troll(500, 20))

    assert 9_700 < len(arrivals) < 10_300
    assert sorted(arrivals, key=lambda arrival: arrival.at_us) == arrivals
    assert arrivals == list(troll(500, 20))
    assert arrivals[-1].at_us < 20_000_000


def test_engine(tmp_path):
    """Each message gets its answer, and is counted from the instant at which it was due."""
    need("nginx's Lua module")
    [floor] = named(["nginx-return"])

    with running(floor, tmp_path, core=None) as server:
        wait = engine(server.port, 200, 0.5, core=0)

    assert len(list(troll(200, 0.5))) == wait.messages
    assert 0 == wait.lost
    assert 0 < wait.p50_us <= wait.p99_us <= wait.p999_us
