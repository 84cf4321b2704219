"""Whether a loss is larger than the noise that was measured with it."""

import pytest

from bench import contestants, regress, rounds
from bench.regress import checkout, interval, judge, obstacle
from bench.rounds import CannotMeasure
from bench.workload import refused
from tests.bench.samples import run

QUIET = (0.0, 0.2, -0.1, 0.1, -0.2, 0.3, -0.3, 0.0, 0.1, -0.1, 0.2, -0.2)
"""What noise adds to twelve rounds."""


def runs(loss_us, *, noise=QUIET, slow=()):
    """Return runs in which a message costs the floor 25 µs, the base 50 and this tree more; slow rounds cost all twice as much."""
    found = []
    for round_, odd in enumerate(noise):
        factor = 2 if round_ in slow else 1
        for name, us in (("floor", 25), ("base", 50), ("here", 50 + loss_us + odd)):
            found.append(run(name, int(us * factor * 1_000), round_=round_, scheduling="batch"))
    return found


def judged(found):
    """Return what they come to."""
    [finding] = judge(found, [refused(1)])
    return finding


def test_same_speed_holds():
    """Two trees that cost the same but for noise are not a regression."""
    finding = judged(runs(0))

    assert finding.holds
    assert "own share 25.0 us, base 25.0 us (floor 25.0); difference +0.00 us (-0.20 to +0.20): fine" in str(finding)


def test_loss_beyond_the_noise_fails():
    """Half a microsecond is a loss where the noise is a fifth of one."""
    finding = judged(runs(0.5))

    assert not finding.holds
    assert "difference +0.50 us (+0.30 to +0.70): SLOWER than the base" in str(finding)


def test_loss_within_the_noise_holds():
    """The same half is none where the noise is two."""
    assert judged(runs(0.5, noise=[10 * odd for odd in QUIET])).holds


def test_gain_holds():
    """Who is faster has lost nothing."""
    assert judged(runs(-5)).holds


def test_a_slow_minute_decides_nothing():
    """A round that was slow for everybody moves neither the difference nor the own shares."""
    assert "own share 25.5 us, base 25.0 us (floor 25.0); difference +0.50 us (" in str(judged(runs(0.5, slow={3})))


def test_interval():
    """Of twelve rounds the second and the last but one enclose the median: beyond either it lies in 13 of 4,096 cases."""
    found = interval([float(figure) for figure in range(12)])

    assert (5.5, 1.0, 10.0) == (found.median, found.low, found.high)


def test_too_few_rounds():
    """Six rounds of the same sign come by chance once in 64 times."""
    with pytest.raises(CannotMeasure, match="6 rounds are too few"):
        interval([1.0] * 6)


def test_tree_without_worker(tmp_path):
    """A tree that has no worker says so, instead of another one answering for it."""
    with rounds.pools(1, []) as pools:
        assert "it has no worker" == obstacle(pools, contestants.ours("base", "base", tree=tmp_path))


def test_unknown_commit():
    """A base that does not exist is named in one line."""
    with (
        pytest.raises(CannotMeasure, match=r"git cannot lay out no-such-commit: fatal: .*no-such-commit"),
        checkout("no-such-commit"),
    ):
        pass


def test_missing_program(monkeypatch, capsys):
    """Where wrk is missing the command says so in one line."""
    monkeypatch.setenv("PATH", "")

    assert 2 == regress.main([])
    assert "bench: not installed: taskset, wrk, chrt, git; on Debian" in capsys.readouterr().err
