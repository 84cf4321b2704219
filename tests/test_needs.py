"""Facts about what tests need beyond Python: where it is missing they are skipped by name, counted, and a failure where all has to run."""

import os
import subprocess
import sys

import pytest

from tests import ROOT

NEEDY = """
import pytest
from tests.needs import NEEDS, Need, need

NEEDS["a moon"] = Need(lambda: False, "apt install moon")
NEEDS["a sun"] = Need(lambda: True, "")

def test_by_night():
    need("a moon")

def test_by_any_night():
    need("a sun", "a moon")

def test_by_day():
    need("a sun")
"""


@pytest.mark.parametrize(
    ("everything", "code", "counts"), [("", 0, "1 passed, 2 skipped"), ("1", 1, "2 failed, 1 passed")]
)
def test_what_is_missing_is_said_with_what_brings_it(everything, code, counts, tmp_path):
    """Each once, with how many tests it kept from running; with `ANTIRELOU_EVERYTHING` they fail."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_sky.py").write_text(NEEDY)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", tmp_path, "-p", "tests.conftest", "-p", "no:cacheprovider", tmp_path / "tests"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "ANTIRELOU_EVERYTHING": everything}, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (code, True) == (done.returncode, counts in done.stdout), done.stdout + done.stderr
    assert ("2 skipped: needs a moon (apt install moon)" in done.stdout) is not bool(everything)
