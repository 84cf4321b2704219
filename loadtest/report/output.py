"""Writes what stays of a flood: the verdict on the terminal, and the files that were asked for."""

import sys
from argparse import Namespace
from pathlib import Path

from loadtest.judge.judgement import Judgement
from loadtest.report.page import page
from loadtest.report.printout import as_json, as_junit, as_table


def write(judgement: Judgement, options: Namespace) -> None:
    """Print the verdict, write the files, and say where they are."""
    sys.stdout.write(as_table(judgement))
    for path, render in ((options.report, page), (options.verdict_json, as_json), (options.junit, as_junit)):
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(render(judgement), encoding="utf-8")
    if options.report:
        sys.stdout.write(f"report: {Path(options.report).resolve()}\n")
    sys.stdout.flush()
