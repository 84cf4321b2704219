"""Pages are filled from results, and only between their marks."""

from bench import results
from bench.pages import report
from bench.pages.report import Found
from bench.results import Comparison
from tests.bench import samples
from tests.bench.samples import comparison, run

RUNS = [run("ours", 50_000), run("floor", 40_000), run("fastapi", 500_000), run("ours", 200_000, workload="admitted")]


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
    """The headline says what a refusal costs, in microseconds and in comparison."""
    assert (
        "Refusing a message costs 50.0 µs of CPU time, signature verified: 80% of the speed of an empty handler on the "
        "same server, and 10.0 times less than FastAPI with Twilio's SDK and `limits`."
    ) == report.headline(comparison(*RUNS))


def test_headline_needs_everybody():
    """Without somebody to compare with there is none."""
    assert "" == report.headline(comparison(RUNS[0]))


def test_budget():
    """The pieces of a refused message add up to the whole."""
    parts = report.budget(comparison(*RUNS), samples.steps())

    assert [40.0, 2.5, 1.875, 3.125, 1.25, 1.25] == [part.value for part in parts]


def test_budget_needs_every_step():
    """Without a step nothing is drawn."""
    steps = samples.steps()
    steps.steps.pop()

    assert [] == report.budget(comparison(*RUNS), steps)


def test_every_mark_of_the_page_is_known():
    """The page asks for nothing that is not written, and shows no picture that is not drawn."""
    found = Found(comparison(*RUNS, run("ours", 1, workload="forged")), samples.cost(), samples.steps())
    page = report.PAGE.read_text(encoding="utf-8")

    asked = {found["name"] for found in report._BLOCK.finditer(page)}
    shown = {line.partition("(performance/")[2].rstrip(")") for line in page.splitlines() if "(performance/" in line}

    assert set() == asked - set(report.blocks(found))
    assert set() == shown - set(report.pictures(found))


def test_command(tmp_path, capsys):
    """The command reads what there is, fills the page and draws the pictures."""
    results.write(tmp_path / "compare.json", comparison(*RUNS))
    page = tmp_path / "page.md"
    page.write_text("<!-- bench:headline -->\n<!-- /bench -->\n", encoding="utf-8")

    code = report.main(["--results", str(tmp_path), "--pages", str(page)])

    assert 0 == code
    assert "Refusing a message costs 50.0 µs" in page.read_text(encoding="utf-8")
    assert ["cpu-admitted.svg", "cpu-refused.svg"] == sorted(path.name for path in (tmp_path / "performance").iterdir())
    assert "MISSED  refused: throughput" in capsys.readouterr().out


def test_nothing_measured(tmp_path):
    """Without results there is nothing to show."""
    assert Found(None, None, None) == report.read(tmp_path)
    assert {} == report.pictures(report.read(tmp_path))


def test_results_are_read(tmp_path):
    """What a command has written is what the report reads."""
    written: Comparison = comparison(*RUNS)
    results.write(tmp_path / "compare.json", written)

    assert written == report.read(tmp_path).comparison
