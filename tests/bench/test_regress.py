"""Whether a loss is larger than the noise that was measured with it."""

import random

import pytest

from bench import contestants, regress, rounds
from bench.regress import cheaper_half, checkout, judge, noise, obstacle
from bench.rounds import CannotMeasure
from bench.workload import refused
from edge.compiled import one_pass
from tests.bench.samples import run
from tests.needs import need

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
    """Return what they come to in one workload."""
    [finding] = judge(found, [refused(1)])
    return finding


def test_same_speed_holds():
    """Two trees that cost the same but for noise are not a regression."""
    finding = judged(runs(0))

    assert finding.holds
    assert "own share 24.9 us, base 25.0 us (floor 25.0); difference -0.15 us, by chance up to 0." in str(finding)


def test_loss_beyond_the_noise_fails():
    """Half a microsecond is a loss where the noise is a fifth of one."""
    finding = judged(runs(0.5))

    assert not finding.holds
    assert "difference +0.35 us, by chance up to 0." in str(finding)
    assert "SLOWER than the base" in str(finding)


def test_loss_within_the_noise_holds():
    """The same half is none where the noise is two."""
    assert judged(runs(0.5, noise=[10 * odd for odd in QUIET])).holds


def test_gain_holds():
    """Who is faster has lost nothing."""
    assert judged(runs(-5)).holds


def test_slow_minutes_decide_nothing():
    """Four rounds in twelve that were slow for everybody move neither the loss nor the own shares."""
    finding = judged(runs(1, slow={3, 4, 9, 10}))

    assert 24.5 < finding.base_us - finding.floor_us < 25.5
    assert 0.5 < finding.loss_us < 1.5
    assert not finding.holds


def test_noise_is_what_chance_comes_to():
    """Two trees whose costs are drawn from one urn are told apart in no more than the chance that is allowed."""
    chance = random.Random(7)
    drawn = [[50 + chance.expovariate(0.2) for _ in range(24)] for _ in range(60)]

    told_apart = sum(
        cheaper_half(costs[:12]) - cheaper_half(costs[12:]) > noise(costs[:12], costs[12:], 0.05) for costs in drawn
    )

    assert 0 < told_apart <= 8


def test_too_few_rounds(capsys):
    """Of a few rounds nothing can be told, and that is said before anything is measured."""
    with pytest.raises(SystemExit, match="2"):
        regress.main(["--rounds", "9"])

    assert "9 rounds are too few" in capsys.readouterr().err


def test_tree_without_worker(tmp_path):
    """A tree that has no worker says so, instead of another one answering for it."""
    with rounds.pools(1, []) as pools:
        assert "it has no worker" == obstacle(pools, contestants.ours("base", "base", tree=tmp_path))


def test_unknown_commit():
    """A base that does not exist is named in one line."""
    need("git")
    with (
        pytest.raises(CannotMeasure, match=r"git cannot lay out no-such-commit: fatal: .*no-such-commit"),
        checkout("no-such-commit"),
    ):
        pass


def test_base_compiled_as_here():
    """What is used compiled here is compiled in the base as well, so that it is no merit of this tree's."""
    need("git")
    with checkout("HEAD") as tree:
        assert (one_pass is not None) == (tree / "edge" / "compiled" / "onepass.abi3.so").exists()


def test_missing_program(monkeypatch, capsys):
    """Where wrk is missing the command says so in one line."""
    monkeypatch.setenv("PATH", "")

    assert 2 == regress.main([])
    assert "bench: not installed: taskset, wrk, chrt, git; on Debian" in capsys.readouterr().err
