"""Pages are filled from results, and only between their marks."""

import re

from bench import results
from bench.pages import report
from bench.pages.report import Found
from bench.results import Comparison
from tests.bench import samples
from tests.bench.samples import comparison, run, share

RUNS = [run("ours", 50_000), run("ours", 200_000, workload="admitted")]
SHARED = [
    *(run(name, us, scheduling="batch") for name, us in (("ours", 50_000), ("floor", 40_000))),
    *(run("fastapi", us, scheduling=scheduling) for scheduling, us in (("batch", 500_000), ("default", 600_000))),
    *(run("flask", us, scheduling=scheduling) for scheduling, us in (("batch", 900_000), ("default", 800_000))),
]


def test_fill():
    """What stands between the marks is replaced; the rest stays, and so does a block without results."""
    page = "a\n<!-- bench:cpu -->\nold\n<!-- /bench -->\nb\n<!-- bench:p99 -->\nkept\n<!-- /bench -->\n"

    assert "a\n<!-- bench:cpu -->\nnew\n<!-- /bench -->\nb\n<!-- bench:p99 -->\nkept\n<!-- /bench -->\n" == report.fill(
        page, {"cpu": "new"}
    )


def test_fill_twice():
    """Filling a page again changes nothing."""
    page = "<!-- bench:cpu -->\n<!-- /bench -->\n"
    once = report.fill(page, {"cpu": r"a \1 b"})

    assert once == report.fill(once, {"cpu": r"a \1 b"})


def test_headline():
    """The headline says our own share and on which processor, and that ratios depend on the machine."""
    assert (
        "Refusing a message, signature verified, takes 10.0 µs of CPU time of our own (10.0 to 10.0 in half of the rounds; "
        "A CPU, `SCHED_BATCH`), beside the 40.0 µs of a handler on the same server that only receives and answers: 0.80 of "
        "that handler's speed. One core refuses 20,000 messages a second. FastAPI with Twilio's SDK and `limits` takes 10.0 "
        "to 10.0 times as much CPU time as our whole server, Flask with Flask-Limiter 16.0 to 16.0 times, each under the "
        "scheduling that serves it best. Ratios hold for a machine like this one only: all of them move with what a system "
        "call costs there."
    ) == report.headline(share(*SHARED))


def test_headline_needs_everybody():
    """Without somebody to compare with there is none."""
    assert "" == report.headline(share(*SHARED[:2]))


def test_budget():
    """The pieces of a refused message add up to the whole."""
    parts = report.budget(share(*SHARED), samples.steps())

    assert [40.0, 2.5, 1.875, 3.125, 1.25, 1.25] == [part.value for part in parts]


def test_budget_needs_every_step():
    """Without a step nothing is drawn."""
    steps = samples.steps()
    steps.steps.pop()

    assert [] == report.budget(share(*SHARED), steps)


def test_every_mark_of_the_page_is_known():
    """The page asks for nothing that is not written, and shows all the pictures that are drawn, and no other."""
    strangers = run("ours", 60_000, workload="strangers", scheduling="batch")
    found = Found(
        share(*SHARED, strangers),
        comparison(*RUNS, run("ours", 1, workload="forged")),
        samples.cost(),
        samples.steps(),
        samples.growth(),
    )
    page = report.PAGE.read_text(encoding="utf-8")

    asked = {found["name"] for found in report._BLOCK.finditer(page)}
    shown = re.findall(r"\(performance/([\w-]+\.svg)\)", report.fill(page, report.blocks(found)))

    assert set() == asked - set(report.blocks(found))
    assert sorted(report.pictures(found)) == sorted(shown)


def test_command(tmp_path, capsys):
    """The command reads what there is, fills the page and draws the pictures."""
    results.write(tmp_path / "share.json", share(*SHARED))
    results.write(tmp_path / "compare.json", comparison(*RUNS))
    page = tmp_path / "page.md"
    page.write_text("<!-- bench:headline -->\n<!-- /bench -->\n", encoding="utf-8")

    code = report.main(["--results", str(tmp_path), "--pages", str(page)])

    assert 0 == code
    assert "takes 10.0 µs of CPU time of our own" in page.read_text(encoding="utf-8")
    assert ["cpu-admitted.svg", "cpu-refused.svg"] == sorted(path.name for path in (tmp_path / "performance").iterdir())
    assert "holds   all refused: own share: 10.0 µs" in capsys.readouterr().out


def test_nothing_measured(tmp_path):
    """Without results there is nothing to show."""
    assert Found(None, None, None, None, None, []) == report.read(tmp_path)
    assert {} == report.pictures(report.read(tmp_path))


def test_other_processors_are_read(tmp_path):
    """What was measured elsewhere, in a file of its own, has a row beside ours."""
    for name in ("share.json", "share-xeon.json"):
        results.write(tmp_path / name, share(*SHARED))

    shown = report.blocks(report.read(tmp_path))["processors"]

    assert 4 == len(shown.splitlines())


def test_results_are_read(tmp_path):
    """What a command has written is what the report reads."""
    written: Comparison = comparison(*RUNS)
    results.write(tmp_path / "compare.json", written)

    assert written == report.read(tmp_path).comparison
