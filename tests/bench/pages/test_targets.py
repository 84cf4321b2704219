"""What was promised, judged."""

from bench.pages.targets import targets
from tests.bench import samples
from tests.bench.samples import comparison, run


def kept(found):
    """Return which targets hold, by the beginning of their text."""
    return {target.text.split(":")[0] + "/" + f"{target.limit:g}": target.holds for target in found}


def test_nothing_measured():
    """Without figures nothing is judged, and nothing passes."""
    assert [] == targets(None, None)


def test_all_kept():
    """A worker that is fast enough keeps all promises."""
    found = comparison(
        run("ours", 50_000),
        run("floor", 45_000),
        run("fastapi", 500_000),
        run("flask", 600_000),
        run("nginx-lua", 25_000),
        run("ours", 48_000, workload="forged"),
    )

    judged = targets(found, samples.cost())

    assert 10 == len(judged)
    assert all(target.holds for target in judged)


def test_each_missed():
    """Each promise is judged by its own figure."""
    found = comparison(
        run("ours", 100_000),
        run("floor", 45_000),
        run("fastapi", 500_000),
        run("flask", 600_000),
        run("nginx-lua", 25_000),
        run("ours", 110_000, workload="forged"),
    )
    dear = samples.cost(
        group_ratio=samples.exactly(9.0),
        refused_ratio=samples.exactly(0.8),
        first_reply_s=samples.exactly(0.6),
        worker_rss_bytes=70 * 2**20,
        senders_growth_bytes=11 * 2**20,
    )

    assert not any(target.holds for target in targets(found, dear))


def test_missing_figures_are_left_out():
    """A contestant that did not take part leaves its target out."""
    judged = targets(comparison(run("ours", 50_000), run("floor", 45_000)), None)

    assert {"refused/0.85": True} == kept(judged)
