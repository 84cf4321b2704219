"""Facts about docs/explanation/under-fire.md: the tests, names and settings that its table points to exist."""

import re
from pathlib import Path

from tests import ROOT

ROWS = re.findall(r"^\| .+ \|$", (ROOT / "docs/explanation/under-fire.md").read_text(), re.MULTILINE)[1:]
SETTINGS = (
    (ROOT / "edge/web/listening.py").read_text()
    + (ROOT / "edge/web/app.py").read_text()
    + (ROOT / "edge/serving/worker.py").read_text()
    + (ROOT / "edge/web/page/site.py").read_text()
)


def test_each_attack_names_tests_that_exist():
    """The fourth column holds files, of this folder or from the root of the repository."""
    named = {name for row in ROWS for name in re.findall(r"`([\w/]+\.py)`", row.split("|")[4])}
    tests = {name if "/" in name else f"tests/fire/{name}" for name in named}

    assert len(ROWS) > 20
    assert [] == sorted(name for name in tests if not (ROOT / name).is_file())
    assert {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name} <= named


def test_each_setting_that_is_named_is_set():
    """What stands in the last column as a name of the worker's code is found there."""
    named = {name for row in ROWS for name in re.findall(r"`([A-Za-z_]+)`", row.split("|")[5])}

    assert {"BODY_S", "allow_files", "backpressure", "end_with"} <= named
    assert [] == sorted(name for name in named if name not in SETTINGS)
