"""The options of a benchmark's command, and one line for what is wrong with them."""

import argparse
import os
import re
from pathlib import Path
from typing import NoReturn

from edge.errors import one_line


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong, and not all that would be right: `--help` does that."""

    def error(self, message: str) -> NoReturn:
        """End with exit 2 and one line."""
        self.exit(2, f"{self.prog}: {one_line(message)}\n")


def at_least_one(text: str) -> int:
    """Return a whole number from 1 on: of rounds, of seconds, of senders."""
    if not (re.fullmatch(r"[0-9]{1,9}", text) and int(text)):
        raise argparse.ArgumentTypeError(f"found {text!r}; write a whole number from 1 on")
    return int(text)


def seconds(text: str) -> float:
    """Return a length of time above zero."""
    if not re.fullmatch(r"[0-9]{0,6}\.?[0-9]{1,6}", text) or not float(text):
        raise argparse.ArgumentTypeError(f"found {text!r}; write seconds above zero, such as 0.5")
    return float(text)


def folder_there(text: str) -> Path:
    """Return a folder that is there."""
    if not os.path.isdir(text):  # noqa: PTH112 — Path.is_dir raises OSError for a name that is too long
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    return Path(text)


def result(text: str) -> Path:
    """Return where a result goes: tried before an hour of measuring, and left as it was; its folder is made."""
    path = Path(text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        was_there = path.exists()
        path.open("ab").close()
        if not was_there:
            path.unlink()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise argparse.ArgumentTypeError(f"{text} cannot be written: {reason}") from None
    return path
