"""The arguments that several commands share, and a count with its noun."""

from pathlib import Path

import click

FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json_", is_flag=True, help="Print it all as JSON.")


def many(count: int, one: str, more: str = "") -> str:
    """Return a count with its noun: "1 segment", "2,000 segments"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
