"""Writes what stays of a flood: the files that were asked for, then the verdict on the terminal.

Where the files go is tried before the flood is played: a flood takes minutes, and may not come a second time.
"""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import AntirelouError
from loadtest.judge.judgement import Judgement
from loadtest.report.page import page
from loadtest.report.printout import as_json, as_junit, as_table


class NotWritten(AntirelouError):
    """A result cannot be written where it was asked for."""


def prove(options: Namespace) -> None:
    """Try to write where the results shall go, and change nothing there. Raises NotWritten."""
    asked = [(option, path) for option, path, _ in _files(options)]
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
    """Write the files, print the verdict, and say where the report is. Raises NotWritten, once all that can be is written."""
    failures = []
    for option, path, render in _files(options):
        try:
            with _explained(option, path):
                path.write_text(render(judgement), encoding="utf-8")
        except NotWritten as error:
            failures.append(error)
    with _explained("standard output", Path("verdict")):
        sys.stdout.write(as_table(judgement))
        if options.report and not failures:
            sys.stdout.write(f"report: {Path(options.report).resolve()}\n")
        sys.stdout.flush()
    for failure in failures[:1]:
        raise failure


def _files(options: Namespace) -> Iterator[tuple[str, Path, Callable[[Judgement], str]]]:
    asked = (("--report", options.report, page), ("--verdict-json", options.verdict_json, as_json))
    for option, path, render in (*asked, ("--junit", options.junit, as_junit)):
        if path:
            yield option, Path(path), render


@contextmanager
def _explained(option: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{option}: {path} cannot be written: {error.strerror or error}") from None
    except ValueError as error:  # of a name with a null character in it
        raise NotWritten(f"{option}: {str(path)!r} is no file's name: {error}") from None
