"""The files of a sweep: one file with each of several values for one of its keys, or each combination for several keys."""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import msgspec

from edge.config import Config
from edge.configfile import convert, tables
from edge.errors import ConfigError

_NUMBERED = ("knock.", "limit.")
"""Where numbers that are worth a sweep stand without quotes."""
_FRACTION = re.compile(r"\d*\.\d+", re.ASCII)


class Variant(msgspec.Struct, frozen=True):
    """One file of a sweep, and the values that it differs in."""

    values: tuple[str, ...]
    config: Config


class Key(msgspec.Struct, frozen=True):
    """A key of the file and the values that it is given."""

    name: str
    values: tuple[str, ...]


def key_of(text: str) -> Key:
    """Return what ``limit.sender.period=1h,6h`` asks for. Raises ConfigError."""
    name, found, values = text.partition("=")
    each = tuple(value.strip() for value in values.split(","))
    if not found or not name.strip() or not all(each):
        raise ConfigError(
            f"--sweep: found {text!r}; write a key and its values, such as limit.sender.period=1h,6h,24h,7d"
        )
    return Key(name.strip(), each)


def variants(text: str, name: str, keys: Iterable[Key]) -> Iterator[Variant]:
    """Yield the file with each combination of values. Raises ConfigError; `name` stands at the head of its line."""
    keys = list(keys)
    for values in product(*(key.values for key in keys)):
        tree = tables(text, name)
        for key, value in zip(keys, values, strict=True):
            _put(tree, key.name, value)
        said = ", ".join(f"{key.name}={value}" for key, value in zip(keys, values, strict=True))
        yield Variant(values, convert(tree, f"{name} with {said}"))


def _put(tree: dict[str, Any], path: str, value: str) -> None:
    *steps, last = path.split(".")
    for step in steps:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise ConfigError(
                f"--sweep: {path}: {step} is no table of the file; write a key such as limit.sender.period"
            )
    tree[last] = _number(value) if path.startswith(_NUMBERED) else value


def _number(value: str) -> int | float | str:
    """Return a value as it stands in a file: without quotes, unless it is a duration."""
    if value.isdecimal():
        return int(value)
    return float(value) if _FRACTION.fullmatch(value) else value
