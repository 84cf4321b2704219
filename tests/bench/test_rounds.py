"""A run whose figures would not mean what they say has none."""

import pytest

from bench.contestants import Scheduling
from bench.generators.load import Load
from bench.rounds import RATE_MAX, BadRun, CannotMeasure, pools, prepare, turns, validate
from bench.share import spent
from bench.workload import Workload, refused
from loadtest.provider.reading import Outcome
from tests.needs import need

SIZES = {Outcome.REPLY: 300, Outcome.SILENCE: 100, Outcome.REFUSED: 200}


def load(*, size=100, broken=0, rounds=0):
    """Return a run whose responses have so many bytes on average."""
    return Load(1_000, 1_000_000, 1_000 * size, 1, 1, broken, rounds, 0.5)


def played(**shares):
    """Return a workload of a thousand requests."""
    return Workload("w", "w", 1_000, {Outcome(name): share for name, share in shares.items()}, tuple)


def test_right_answers():
    """A run that got what it asks for is fine."""
    validate(load(), played(silence=1), SIZES)


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


def test_pool_came_round():
    """A message that comes twice is no new one any more."""
    with pytest.raises(BadRun, match="the pool of 1000 came round"):
        validate(load(rounds=1), played(silence=1), SIZES)


def test_turns():
    """Everybody has a turn in each round, and who begins changes."""
    assert [(0, "a"), (0, "b"), (1, "b"), (1, "a"), (2, "a"), (2, "b")] == list(turns("ab", 3))


def test_play(monkeypatch, tmp_path):
    """A server is started as it is told to, checked, and played a pool: the run says what was answered and what that took."""
    need("wrk", "chrt")
    monkeypatch.chdir(tmp_path)
    troll = refused(RATE_MAX)

    with pools(1, [troll]) as written, written.serving(spent("ours", "ours"), 3, Scheduling.BATCH) as server:
        run = written.play(server, troll)

    assert ("ours", "refused", 3, "batch") == (run.contestant, run.workload, run.round, run.scheduling)
    assert 0 < run.messages < RATE_MAX
    assert 0 < run.cpu_us
    assert [] == list(tmp_path.iterdir())


def test_missing_program():
    """A machine that lacks a program hears which one, before anything is started."""
    with pytest.raises(CannotMeasure, match=r"not installed: .*no-such-program"):
        prepare("no-such-program")
