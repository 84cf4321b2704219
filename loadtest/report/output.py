"""Writes what stays of a flood: the files that were asked for, then the verdict on the terminal.

Where the files go is tried before the flood is played: a flood takes minutes, and may not come a second time.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from edge.errors import AntirelouError
from loadtest.judge.judgement import Judgement
from loadtest.judge.trial import Trial, played
from loadtest.report.markdown import summary, trial_summary
from loadtest.report.page import page, trial_page
from loadtest.report.printout import as_json, as_junit, as_table
from loadtest.report.several import trial_json, trial_junit, trial_table

SUMMARY = "GITHUB_STEP_SUMMARY"
"""Where GitHub says which file a job's summary is in: several steps may write to it, each below the one before."""


class NotWritten(AntirelouError):
    """A result cannot be written where it was asked for."""


class Result(NamedTuple):
    """A file that something of a verdict goes to."""

    option: str
    path: Path
    text: Callable[[], str]
    is_appended: bool = False


def prove(options: Namespace) -> None:
    """Try to write where the results shall go, and change nothing there. Raises NotWritten."""
    asked = [(result.option, result.path) for result in _results(options, dict.fromkeys(_RENDERED, str))]
    asked += [("--html", Path(options.html_file))] if options.html_file else []
    asked += [("--csv", Path(f"{options.csv_prefix}_stats.csv"))] if options.csv_prefix else []
    for option, path in asked:
        with _explained(option, path):
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            with path.open("a", encoding="utf-8") as file:
                if not path.is_file():  # a device or a pipe may take no byte at all
                    file.write("\n")
            if is_new:
                path.unlink()


def write(judgement: Judgement, options: Namespace) -> None:
    """Write the files, print the verdict, and say where the report is. Raises NotWritten, once all that can be is written.

    Of one seed among several nothing is said: it is kept for whoever plays them.
    """
    if options.kept:
        with _explained("--kept", Path(options.kept)):
            Path(options.kept).write_bytes(played(judgement))
        return
    renders = dict(report=page, verdict_json=as_json, junit=as_junit, markdown=summary)
    results = _results(options, {name: partial(render, judgement) for name, render in renders.items()})
    _write(results, as_table(judgement), options.report)


def write_trial(trial: Trial, options: Namespace) -> None:
    """Write and print the verdict on several seeds, as that on one. Raises NotWritten, once all that can be is written."""
    renders = dict(report=trial_page, verdict_json=trial_json, junit=trial_junit, markdown=trial_summary)
    results = _results(options, {name: partial(render, trial) for name, render in renders.items()})
    _write(results, trial_table(trial), options.report)


def _write(results: Iterator[Result], said: str, report: str) -> None:
    failures = []
    for result in results:
        try:
            with (
                _explained(result.option, result.path),
                result.path.open("a" if result.is_appended else "w", encoding="utf-8") as file,
            ):
                file.write(result.text())
        except NotWritten as error:
            failures.append(error)
    with _explained("standard output", Path("verdict")):
        sys.stdout.write(said)
        if report and not failures:
            sys.stdout.write(f"report: {Path(report).resolve()}\n")
        sys.stdout.flush()
    for failure in failures[:1]:
        raise failure


_RENDERED = ("report", "verdict_json", "junit", "markdown")


def _results(options: Namespace, texts: dict[str, Callable[[], str]]) -> Iterator[Result]:
    """Yield each file that was asked for, by an option or by GitHub, and what it is to hold."""
    for name in _RENDERED:
        if path := getattr(options, name):
            yield Result(f"--{name.replace('_', '-')}", Path(path), texts[name])
    if not options.kept and (path := os.environ.get(SUMMARY)):
        yield Result(SUMMARY, Path(path), texts["markdown"], is_appended=True)


@contextmanager
def _explained(option: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{option}: {path} cannot be written: {error.strerror or error}") from None
    except ValueError as error:  # of a name with a null character in it
        raise NotWritten(f"{option}: {str(path)!r} is no file's name: {error}") from None
