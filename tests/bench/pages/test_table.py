"""Tables in Markdown."""

import msgspec
import pytest

from bench.pages import table
from bench.pages.targets import targets
from bench.proc import Work
from bench.results import Spread
from tests.bench import samples
from tests.bench.samples import comparison, run, share


@pytest.mark.parametrize(
    ("shown", "value"),
    [("0.012", 0.0123), ("0.12", 0.123), ("1.23", 1.234), ("12.3", 12.34), ("123", 123.4), ("12,346", 12_345.6)],
)
def test_number(shown, value):
    """A number is shown with the digits that matter."""
    assert shown == table.number(value)


def test_cell():
    """A cell holds a median with its extremes, the median alone if there was one round, and a dash if there was none."""
    assert "50.0 (40.0 to 60.0)" == table.cell(Spread(50, 40, 60))
    assert "50.0" == table.cell(Spread(50, 50, 50))
    assert "-" == table.cell(None)


def test_comparison_table():
    """Contestants are rows, workloads columns, and what was not measured is a dash."""
    found = comparison(run("ours", 50_000), run("floor", 40_000), run("ours", 45_000, workload="forged"))

    shown = table.comparison_table(found, lambda one: one.cpu_us_per_message)

    assert [
        "|  | all refused | all forged |",
        "| --- | ---: | ---: |",
        "| ours | 50.0 | 45.0 |",
        "| floor | 40.0 | - |",
    ] == shown.splitlines()


def test_targets_table():
    """A promise that is not kept stands out."""
    shown = table.targets_table(targets(None, None, samples.cost(first_reply_s=samples.exactly(0.7))))

    assert "| start to first reply | ≤ 0.5 s | 0.70 s | **no** |" in shown
    assert "| memory of an idle worker | ≤ 60 MiB | 40.0 MiB | yes |" in shown


def test_waits_table():
    """What senders waited is shown in milliseconds, with how late the generator was itself."""
    assert "| ours | 0.20 | 1.00 | 3.00 | 0.040 |" in table.waits_table(comparison(run("ours", 50_000)))


def test_cost_table():
    """What a worker costs is shown in units that people use."""
    shown = table.cost_table(samples.cost())

    assert "| growth under 10,000,000 distinct senders, MiB | 1.00 |" in shown
    assert "| a durable reply, 100 waiting, µs | 10.0 |" in shown


def test_steps_table():
    """Steps are shown at their best, and with the middle half of their timings."""
    assert "| steps: read_ours | 6.00 | 6.05 | 5.90 to 6.10 |" in table.steps_table(samples.steps())


def test_scale_table():
    """What a rate needs follows from the cost of a message: at 50 µs, 100,000 a second take five cores and eight workers."""
    found = comparison(run("ours", 50_000), run("ours", 200_000, workload="admitted"))

    shown = table.scale_table(found, samples.cost())

    assert "| 100,000 | 5.00 | 8 | 0.20 | 0.010 | 800 |" == shown.splitlines()[-1]


def test_machine_line():
    """A figure belongs to a day, a commit, a machine and to versions."""
    assert (
        "Medians. Measured on 2027-10-30 at commit abc1234: A CPU, 2 cores, Linux 6.1, CPython 3.11.7, nginx 1.22.1, "
        "granian 2.8.7."
    ) == table.machine_line(samples.MACHINE, "Medians.")


def test_share_table():
    """Own share stands beside what it is the difference of, and that under the default scheduling beside it."""
    found = share(
        run("ours", 50_000, scheduling="batch"),
        run("floor", 20_000, scheduling="batch"),
        run("ours", 95_000),
        run("floor", 60_000),
    )

    assert [
        "|  | own share, µs | whole server, µs | floor, µs | floor / whole | own share by default, µs |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| all refused | 30.0 | 50.0 | 20.0 | 0.40 | 35.0 |",
    ] == table.share_table(found).splitlines()


def test_work_table():
    """What each thread does for a message stands beside the floor's, and what is more beside it."""
    ours, floor = run("ours", 50_000, scheduling="batch"), run("floor", 20_000, scheduling="batch")
    found = share(
        msgspec.structs.replace(ours, work={"python": Work(30_000, 5_000, 200)}),
        msgspec.structs.replace(floor, work={"python": Work(10_000, 6_000, 300)}),
    )

    assert [
        "| `python`: in programs and libraries, µs | 10.0 | 30.0 | 20.0 |",
        "| `python`: in the kernel, µs | 6.0 | 5.0 | -1.0 |",
        "| `python`: switches to another thread | 0.3 | 0.2 | -0.1 |",
    ] == table.work_table(found).splitlines()[2:]


def test_processors_table():
    """Each kind of processor has a row, with the peers under what serves them best there."""
    found = share(
        run("ours", 50_000, scheduling="batch"), run("floor", 20_000, scheduling="batch"), run("flask", 600_000)
    )

    assert (
        "| A CPU, CPython 3.11.7 | 2027-10-30, abc1234 | 30.0 | - | 20.0 | 0.40 | - | 12.0 | - |"
        == table.processors_table([found, found]).splitlines()[-1]
    )


def test_ratios_table():
    """Everybody is compared with us, and a ratio stands beside what it is the ratio of."""
    found = share(run("ours", 50_000, scheduling="batch"), run("flask", 600_000))

    assert "| flask | - | 12.0 | - | 600 |" == table.ratios_table(found).splitlines()[-1]
