"""The arithmetic of the comparison with a base commit."""

import pytest

from bench.regress import HERE, LIMIT, CannotMeasure, Probe, compare, judge


def test_same_speed_holds():
    """Two trees that cost the same are not a regression."""
    [finding] = judge([({"refused": 10.0}, {"refused": 10.0})] * 3, LIMIT)

    assert 1.0 == finding.ratio
    assert finding.holds


def test_slower_fails():
    """A fifth more CPU time is one."""
    [finding] = judge([({"refused": 10.0}, {"refused": 12.0})] * 3, LIMIT)

    assert not finding.holds
    assert "SLOWER" in str(finding)


def test_limit_itself_holds():
    """Fifteen percent more is still allowed."""
    [finding] = judge([({"refused": 100.0}, {"refused": 115.0})], LIMIT)

    assert finding.holds


def test_ratio_is_taken_within_a_turn():
    """A slow moment that slows both trees moves no ratio, and one odd turn of three decides nothing."""
    turns = [
        ({"refused": 10.0}, {"refused": 10.5}),
        ({"refused": 30.0}, {"refused": 31.5}),
        ({"refused": 10.0}, {"refused": 30.0}),
    ]

    [finding] = judge(turns, LIMIT)

    assert 1.05 == finding.ratio
    assert (10.0, 30.0) == (finding.base_us, finding.here_us)
    assert finding.holds


def test_new_path_is_not_compared():
    """A path that the base does not measure yet has nothing to be compared with."""
    assert ["refused"] == [f.path for f in judge([({"refused": 1.0}, {"refused": 1.0, "mms": 9.0})], LIMIT)]


def test_probes_take_turns():
    """Two trees are measured as often as asked for, both each time."""
    measured = compare(HERE, HERE, sittings=1, turns=3)

    assert 3 == len(measured)
    assert all(us > 0 for pair in measured for figures in pair for us in figures.values())


def test_tree_without_probe(tmp_path):
    """A tree that has no probe says so, instead of being equally fast."""
    with Probe(tmp_path) as probe, pytest.raises(CannotMeasure, match="does not run"):
        probe.measure()
