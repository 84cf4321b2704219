"""The numbers that a command is about, as a person writes them: ours, and a sender's."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import click

from edge.config import Config

_WITHOUT_COUNTRY = re.compile(r"0[0-9]{6,}|[0-9]{9,}")
"""A telephone number, and no short code: those have at most eight digits."""


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
    return _close(sender) if sender.startswith("+") else sender


def sender_of(text: str, where: str) -> str:
    """Return a sender as providers write it. Raises UsageError for a number without its country, which none of them writes."""
    sender = plain(text)
    if _WITHOUT_COUNTRY.fullmatch(_close(sender)):
        raise click.UsageError(f"{where}: a number without its country; write it as +33639980001")
    return sender


def _close(number: str) -> str:
    return "".join(c for c in number if c not in ".-()/" and not c.isspace())
