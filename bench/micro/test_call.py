"""The whole ASGI call, without a server: what the framework and the network cost is the difference to `bench.compare`."""

from itertools import cycle

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.stand import Call, Stand


@pytest.mark.benchmark(group="whole ASGI call")
def test_refused(benchmark: BenchmarkFixture, here: Stand, messages: list[Call]) -> None:
    """Another message of a sender who was answered."""
    following = cycle(messages).__next__

    benchmark(lambda: here.ask(following()))


@pytest.mark.benchmark(group="whole ASGI call")
def test_forged(benchmark: BenchmarkFixture, here: Stand, forgeries: list[Call]) -> None:
    """A message that the provider did not sign."""
    following = cycle(forgeries).__next__

    benchmark(lambda: here.ask(following()))


@pytest.mark.benchmark(group="whole ASGI call")
def test_not_found(benchmark: BenchmarkFixture, here: Stand, messages: list[Call]) -> None:
    """A scanner's request: the least that a call can cost."""
    call = Call({**messages[0].scope, "path": "/wp-login.php"}, messages[0].body)

    benchmark(here.ask, call)


@pytest.mark.benchmark(group="whole ASGI call")
def test_answered(benchmark: BenchmarkFixture, here: Stand, strangers: list[Call]) -> None:
    """A first message, charged on disk before it is answered, one at a time; the calls turn an event loop."""
    following = iter(strangers).__next__

    benchmark.pedantic(lambda: here.answer(following()), rounds=200, iterations=1)
