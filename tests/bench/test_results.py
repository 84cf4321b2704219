"""Medians, spreads and ratios of runs."""

import subprocess

import msgspec
import pytest

from bench.proc import Work
from bench.results import Comparison, Spread, commit_of, quartiles, spread, this_machine, write
from tests.bench.samples import comparison, run, share
from tests.needs import need


def test_per_message():
    """A run's figures are per message and per second."""
    found = run("ours", 50_000)

    assert 50.0 == found.cpu_us_per_message
    assert 10_000.0 == found.messages_per_second


def test_spread():
    """A spread is the median between the extremes."""
    assert Spread(2.0, 1.0, 9.0) == spread([9.0, 1.0, 2.0])


def test_spread_over_rounds():
    """The rounds of one contestant under one workload make a spread; others have no part in it."""
    found = comparison(
        run("ours", 50_000, round_=0),
        run("ours", 60_000, round_=1),
        run("floor", 40_000),
        run("ours", 90_000, workload="forged"),
    )

    assert Spread(55.0, 50.0, 60.0) == found.spread("ours", "refused", lambda one: one.cpu_us_per_message)
    assert found.spread("ours", "mix", lambda one: one.cpu_us_per_message) is None


def test_ratio_within_rounds():
    """A ratio compares what was measured in the same round, whatever the minute was like."""
    found = comparison(
        run("ours", 50_000, round_=0),
        run("floor", 40_000, round_=0),
        run("ours", 100_000, round_=1),
        run("floor", 80_000, round_=1),
        run("ours", 10_000, round_=2),
    )

    assert Spread(0.8, 0.8, 0.8) == found.ratio("refused", "floor", "ours")
    assert found.ratio("refused", "flask", "ours") is None


def test_ratio_of_workloads():
    """One contestant's workloads are compared in the same way."""
    found = comparison(run("ours", 50_000), run("ours", 40_000, workload="forged"))

    assert 0.8 == found.ratio_of_workloads("ours", "forged", "refused").median


def test_quartiles():
    """Half of the rounds lie between the quartiles; one round is its own."""
    assert Spread(3.0, 2.0, 4.0) == quartiles([5.0, 1.0, 3.0, 2.0, 4.0])
    assert Spread(7.0, 7.0, 7.0) == quartiles([7.0])


def test_own_share():
    """Own share is the difference to the floor in the same round, under the same scheduling."""
    found = share(
        *(run("ours", 50_000 + 1_000 * round_, round_=round_, scheduling="batch") for round_ in range(3)),
        *(run("floor", 25_000, round_=round_, scheduling="batch") for round_ in range(3)),
        run("ours", 90_000),
        run("floor", 30_000),
        run("ours", 80_000, round_=4, scheduling="batch"),
    )

    assert Spread(26.0, 25.5, 26.5) == found.own_us("refused")
    assert found.own_us("strangers") is None


def test_times_ours():
    """A peer is compared with us as we run, under either scheduling, and by the one that serves it best."""
    found = share(
        run("ours", 50_000, scheduling="batch"),
        run("ours", 1),
        run("flask", 600_000),
        run("flask", 400_000, scheduling="batch"),
        run("nginx", 25_000),
    )

    assert (8.0, 12.0) == (found.times("flask", "refused").median, found.times("flask", "refused", "default").median)
    assert (8.0, 0.5) == tuple(found.times_at_best(name, "refused").median for name in ("flask", "nginx"))
    assert (None, None) == (found.times("nginx", "refused"), found.times_at_best("nobody", "refused"))


def test_messages_a_second():
    """A core that takes 50 µs for a message takes 20,000 in a second."""
    found = share(run("ours", 50_000, scheduling="batch"))

    assert 20_000 == found.per_second("ours", "refused").median
    assert found.per_second("ours", "strangers") is None


def test_work():
    """Threads are told apart by name, round by round, and only as they run under our scheduling."""
    before, after = {"rt": Work(2_000, 9_000, 100)}, {"rt": Work(4_000, 1_000, 300), "idle": Work(0, 0, 0)}
    runs = [
        msgspec.structs.replace(run("ours", 1, round_=0, scheduling="batch"), work=before),
        msgspec.structs.replace(run("ours", 1, round_=1, scheduling="batch"), work=after),
        msgspec.structs.replace(run("ours", 1), work={"rt": Work(1_000_000, 0, 0)}),
        run("floor", 1, scheduling="batch"),
        msgspec.structs.replace(run("flask", 1, scheduling="batch"), work={"flask": Work(1_000, 0, 0)}),
    ]
    found = share(*runs)

    assert ["rt"] == found.threads("refused")
    assert [3.0, 5.0, 0.2] == found.work("ours", "refused", "rt")
    assert [0.0, 0.0, 0.0] == found.work("floor", "refused", "rt")


def test_others():
    """What others took is told by the median run."""
    runs = [msgspec.structs.replace(run("ours", 1, round_=round_), others_share=round_ / 10) for round_ in range(3)]

    assert 0.1 == share(*runs).others_share


def test_written_and_read_again(tmp_path):
    """Results survive their file."""
    written = comparison(run("ours", 50_000))
    path = tmp_path / "results" / "compare.json"

    write(path, written)

    assert written == msgspec.json.decode(path.read_bytes(), type=Comparison)


def test_machine():
    """The machine is described by what matters for a figure."""
    found = this_machine()

    assert 0 < found.cores
    assert "2." == found.packages["granian"][:2]
    assert all([found.cpu, found.kernel, found.python])


@pytest.mark.parametrize(
    ("name", "is_dirty"), [("edge/app.py", True), ("bench/share.py", True), ("bench/results/a.json", False), ("README.md", False)]
)  # fmt: skip
def test_a_tree_is_dirty_where_more_is_changed_than_benchmarks_write(tmp_path, name, is_dirty):
    """One result after the other is measured at the same commit."""
    need("git")
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("before")
    git = ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "first"]):
        subprocess.run([*git, *command], check=True)
    clean = commit_of(tmp_path)
    file.write_text("after")

    assert (False, is_dirty) == (clean.endswith("-dirty"), commit_of(tmp_path) != clean)
