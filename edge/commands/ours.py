"""Which of our numbers a command is about, as a person names it."""

import unicodedata
from collections.abc import Callable
from typing import Any

import click

from edge.config import Config


def to_option(help_: str) -> Callable[[Any], Any]:
    """Return the option that names one of our numbers, with its help."""
    return click.option("--to", metavar="NUMBER", help=help_)


def index_of(config: Config, to: str) -> int:
    """Return the place in the file of one of our numbers. Raises UsageError where it is none."""
    phone, phones = plain(to), [number.phone for number in config.numbers]
    if phone not in phones:
        raise click.UsageError(f"--to: the file has no such number; it has {', '.join(phones)}")
    return phones.index(phone)


def plain(sender: str) -> str:
    """Return a number as providers write it, without what people put between its digits, and what nobody sees beside them.

    An address book puts marks of direction around a number, and some files begin with a byte order mark.
    """
    sender = "".join(c for c in sender.encode("utf-8", "replace").decode() if unicodedata.category(c) != "Cf").strip()
    return "".join(c for c in sender if c not in ".-()/" and not c.isspace()) if sender.startswith("+") else sender
