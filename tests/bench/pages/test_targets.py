"""What was promised, judged."""

from bench.pages.targets import targets
from tests.bench import samples
from tests.bench.samples import comparison, run, share


def kept(found):
    """Return which targets hold, by the beginning of their text."""
    return {target.text.split(":")[0] + "/" + f"{target.limit:g}": target.holds for target in found}


def test_nothing_measured():
    """Without figures nothing is judged, and nothing passes."""
    assert [] == targets(None, None, None)


def shared(own_us):
    """Return a measurement in which our own share is that."""
    return share(
        run("ours", 25_000 + 1_000 * own_us, scheduling="batch"),
        run("floor", 25_000, scheduling="batch"),
        run("ours", 200_000),
        run("floor", 50_000),
    )


def test_all_kept():
    """A worker that is fast enough keeps all promises."""
    found = comparison(run("ours", 50_000), run("ours", 48_000, workload="forged"))

    judged = targets(shared(14), found, samples.cost())

    assert 7 == len(judged)
    assert all(target.holds for target in judged)


def test_each_missed():
    """Each promise is judged by its own figure."""
    found = comparison(run("ours", 100_000), run("ours", 110_000, workload="forged"))
    dear = samples.cost(
        group_ratio=samples.exactly(9.0),
        refused_ratio=samples.exactly(0.8),
        first_reply_s=samples.exactly(0.6),
        worker_rss_bytes=70 * 2**20,
        senders_growth_bytes=11 * 2**20,
    )

    assert not any(target.holds for target in targets(shared(15), found, dear))


def test_missing_figures_are_left_out():
    """What did not take part leaves its target out."""
    assert {"all refused/14": False} == kept(targets(shared(20), comparison(run("ours", 50_000)), None))
