"""The program as it was when its ledgers were of the first format, run from the repository's history: nothing of it is written again."""

import json
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests import ROOT
from tests.needs import COMMIT_BEFORE, need

DRIVER = Path(__file__).with_name("beforedriver.py")
RUN = "import sys; sys.path.insert(0, {tree!r}); from edge.cli import main; main()"
"""What stands for `python -m edge` of another folder."""


@cache
def tree(folder, commit=COMMIT_BEFORE):
    """Return a folder with the package of a commit. Skips the test where the history is not there."""
    need("the history of the repository")
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit, "edge"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "x"], cwd=folder, input=archive.stdout, check=True)
    return folder


def program(folder):
    """Return the command that is `antirelou` of then."""
    return [sys.executable, "-c", RUN.format(tree=str(tree(folder)))]


class Worker:
    """A ledger of then in a process of its own, asked one thing after the other."""

    def __init__(self, process):
        self._process = process

    def __getattr__(self, name):
        """Return a method that has the ledger do something."""

        def ask(*arguments):
            self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

        return ask


@contextmanager
def worker(folder, place, limits):
    """Run a ledger of then on a place, begun if it is not there; `limits` are burst, count and period, and those of the pace."""
    arguments = [place.url, str(place.base), place.phone, place.key.decode(), limits]
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), json.dumps(arguments)],
        env={"PYTHONPATH": str(tree(folder))}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert "ready" == json.loads(process.stdout.readline())
        yield Worker(process)
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
