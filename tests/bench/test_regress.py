"""The arithmetic of the comparison with a base commit."""

from bench.regress import LIMIT, judge


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


def test_ratio_is_taken_within_a_round():
    """A slow minute that slows both trees moves no ratio, and one odd round of three decides nothing."""
    rounds = [
        ({"refused": 10.0}, {"refused": 10.5}),
        ({"refused": 30.0}, {"refused": 31.5}),
        ({"refused": 10.0}, {"refused": 30.0}),
    ]

    [finding] = judge(rounds, LIMIT)

    assert 1.05 == finding.ratio
    assert (10.0, 30.0) == (finding.base_us, finding.here_us)
    assert finding.holds


def test_new_path_is_not_compared():
    """A path that the base does not measure yet has nothing to be compared with."""
    assert ["refused"] == [f.path for f in judge([({"refused": 1.0}, {"refused": 1.0, "mms": 9.0})], LIMIT)]
