"""A run whose figures would not mean what they say has none."""

import pytest

from bench.compare import BadRun, validate
from bench.generators.load import Load
from bench.workload import Workload
from loadtest.provider.reading import Outcome

SIZES = {Outcome.REPLY: 300, Outcome.SILENCE: 100, Outcome.REFUSED: 200}


def load(*, messages=1_000, size=100, broken=0):
    """Return a run whose responses have so many bytes on average."""
    return Load(messages, 1_000_000, messages * size, 1, 1, broken, 0.5)


def played(*, repeatable=True, **shares):
    """Return a workload of a thousand requests."""
    return Workload("w", "w", 1_000, repeatable, {Outcome(name): share for name, share in shares.items()}, tuple)


def test_right_answers():
    """A run that got what it asks for is fine, over and over if it may be repeated."""
    validate(load(messages=5_000), played(silence=1), SIZES)


def test_mixed_answers():
    """A mix is judged by the mean of its responses."""
    validate(load(size=190), played(silence=0.5, refused=0.2, reply=0.3), {**SIZES, Outcome.REFUSED: 250})


def test_wrong_answers():
    """A server that refuses what it should be silent about is not timed."""
    with pytest.raises(BadRun, match=r"200.0 bytes on average, and should have 100.0"):
        validate(load(size=200), played(silence=1), SIZES)


def test_broken_connections():
    """Requests that failed cost less than answers, so a run with any has no figure."""
    with pytest.raises(BadRun, match="3 requests failed"):
        validate(load(broken=3), played(silence=1), SIZES)


def test_pool_too_small():
    """Who writes again is not a first-time sender any more."""
    with pytest.raises(BadRun, match="too small"):
        validate(load(messages=1_001, size=300), played(repeatable=False, reply=1), SIZES)
