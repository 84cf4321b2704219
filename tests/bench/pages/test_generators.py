"""Facts about the tables of load generators: what is in them, and where they go."""

from bench.generators.result import Result
from bench.pages import generators as tables

FAST, SLOW = Result(20_000, 2.0, 0.5, 500.0, 900.0, 2.5), Result(2_000, 2.0, 1.0, 40.4, 960.0)


def test_a_generator_has_a_row_with_its_median_and_its_best():
    """And below them how many times as fast the engine was, round by round."""
    faster = Result(30_000, 2.0, 0.3)
    assert [
        "| generator | messages/s, median | best | CPU µs per message, median | least |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| engine | 12,500 | 15,000 | 17.5 | 10.0 |",
        "| FastHttpUser | 1,000 | 1,000 | 500.0 | 500.0 |",
        "",
        "engine over FastHttpUser, median of 2 rounds: 12.5 times",
    ] == tables.speeds({"engine": [FAST, faster], "FastHttpUser": [SLOW, SLOW]}).splitlines()


def test_a_stall_has_a_row_for_each_loop():
    """What was sent, and what each said of the waits."""
    assert ["| engine | 20,000 | 500 | 900 | 2.5 |", "| FastHttpUser | 2,000 | 40 | 960 | 0.0 |"] == tables.stall(
        {"engine": FAST, "FastHttpUser": SLOW}
    ).splitlines()[2:]


def test_both_have_a_place_in_the_page(tmp_path):
    """Each table goes into its own, and nothing else changes."""
    page, before = tmp_path / "page.md", tables.PAGE.read_text(encoding="utf-8")
    page.write_text(before, encoding="utf-8")
    for name in ("speeds", "stall"):
        tables.write(name, f"here are the {name}", page)
    written = page.read_text(encoding="utf-8")

    assert "<!-- bench:speeds -->\nhere are the speeds\n<!-- /bench -->" in written
    assert "<!-- bench:stall -->\nhere are the stall\n<!-- /bench -->" in written
    assert [before.partition("<!-- bench")[0], before.rpartition("/bench")[2]] == [
        written.partition("<!-- bench")[0],
        written.rpartition("/bench")[2],
    ]
