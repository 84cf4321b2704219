"""Facts about docs/explanation/under-fire.md: its attacks are those of the tests, and its figures those of the promises."""

import ast
import re

from docs.fire import attacks
from tests import ROOT
from tests.torture import declared

TEXT = (ROOT / "docs" / "explanation" / "under-fire.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[^`]+)::(\w+)`", TEXT)
SETTINGS = [
    (ROOT / "edge" / name).read_text(encoding="utf-8")
    for name in ("web/listening.py", "web/app.py", "serving/worker.py", "web/page/site.py")
]
HEAD = ["| attack | what happens | figure | what does it | test |", "|---|---|---|---|---|"]
ROW = "| noise | closed | 9 sent | - | `tests/fire/test_a.py::test_one`, `tests/fire/test_a.py::test_two` |"


def figure_of(*counted):
    """Return the figure of a row whose tests came to this, by the rows of the promises."""
    table = "".join(f"| `tests/fire/test_a.py::{row} |\n" for row in counted)
    *_, row = attacks("\n".join([*HEAD, ROW]), table)
    return row.split(" | ")[2]


def test_each_test_that_is_named_is_there():
    """In the file that is named with it."""
    for path, name in NAMED:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {test.name for test in tree.body if isinstance(test, ast.FunctionDef)}, path


def test_each_setting_that_is_named_is_set():
    """What stands in the column of what does it as a name of the worker's code is found there."""
    rows = re.findall(r"^\| .+ \|$", TEXT, re.MULTILINE)[1:]
    named = {name for row in rows for name in re.findall(r"`([A-Za-z_]+)`", row.split(" | ")[3])}

    assert len(rows) > 20
    assert {"BODY_S", "allow_files", "backpressure", "end_with"} <= named
    assert [] == sorted(name for name in named if not any(name in code for code in SETTINGS))


def test_each_attack_of_the_tests_is_on_the_page():
    """Whoever adds one to tests/fire, and says which promise it shows, adds a row or names it in one."""
    fired = {test for test in declared() if test.startswith("tests/fire/")}

    assert set() == fired - {"::".join(named) for named in NAMED}


def test_what_was_recorded_is_the_figure():
    """Of all tests of the row."""
    assert "8 MiB; back in 2 s" == figure_of(
        "test_one` | P6 | 1 | 119 | 1 | kept; 8 MiB", "test_two` | P6 P7 |  | 7 |  | kept; back in 2 s"
    )


def test_where_nothing_was_recorded_it_is_what_was_sent():
    """By all tests of the row; one that was not counted adds nothing."""
    assert "1,007 sent" == figure_of("test_one` | P6 |  | 1,000 |  | kept", "test_two` | P6 | 2 | 7 |  | kept")
    assert "7 sent" == figure_of("test_two` | P6 | 2 | 7 |  | kept")


def test_what_was_not_counted_has_no_figure():
    """The one that stood there is not kept."""
    assert "" == figure_of() == figure_of("test_one` | P6 | 2 |  |  | kept")
