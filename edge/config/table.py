"""What every table of the static file is: frozen, with hyphens in its keys, and no unknown ones; and how a value is refused."""

import re
from typing import Annotated

import msgspec

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
"""The name of a variable: in capitals, so that a secret that was written in its place is not taken for one, nor shown."""

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Names = str | list[str]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the file: frozen, keys with hyphens, unknown keys refused."""


def require(holds: object, complaint: str) -> None:
    """Raise ValueError with a complaint where something does not hold."""
    if not holds:
        raise ValueError(complaint)


def as_list(names: Names) -> list[str]:
    """Return one name or several as a list."""
    return [names] if isinstance(names, str) else names


def require_variables(names: Names, where: str) -> None:
    """Refuse what is not the name of a variable."""
    for name in as_list(names):
        require(
            _VARIABLE.fullmatch(name),
            f"{where}: not the name of a variable; write one in capitals, such as "
            '"TWILIO_AUTH_TOKEN", and never the secret itself',
        )


def require_paths(names: Names | None, where: str) -> None:
    """Refuse what no file can be called."""
    for name in as_list(names or []):
        require("\0" not in name, f"{where}: holds a null character, which the name of no file has; leave it out")
