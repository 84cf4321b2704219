"""Reads scenarios. A mistake in one is told on one line: what is wrong, where, and what would be right."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from edge.configfile import read, tables
from edge.errors import AntirelouError, ConfigError, did_you_mean, shown
from loadtest.flood.arrival import Kind
from loadtest.flood.scenario import Scenario, Span
from loadtest.flood.texts import TEXTS
from loadtest.flood.thresholds import parse as parse_threshold

FOLDER = Path(__file__).parent.parent / "scenarios"
_UNITS_US = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_PART = re.compile(r"(\d{1,9})(ms|s|m|h|d)", re.ASCII)
_KINDS = {
    "object": "a table",
    "array": "a list",
    "int": "a whole number",
    "float": "a number",
    "str": "a string in quotes",
    "bool": "true or false",
}


class ScenarioError(AntirelouError):
    """A scenario cannot be played."""


def shipped() -> list[str]:
    """Return the names of the scenarios that come with the harness."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Scenario:
    """Return a scenario by its name, or by the path of its file. Raises ScenarioError."""
    if re.fullmatch(r"[\w-]+", name):
        if name not in shipped():
            raise ScenarioError(f"scenario {name!r} is not known; {did_you_mean(name, shipped())}")
        path = FOLDER / f"{name}.toml"
    else:
        path = Path(name)
    try:
        text = read(path)
    except ConfigError as error:
        raise ScenarioError(str(error)) from None
    return parse(text, path.stem)


def parse(text: str, name: str) -> Scenario:
    """Return the text of a scenario's file. Raises ScenarioError; `name` becomes its name and heads the line."""
    try:
        tree = tables(text, name)
    except ConfigError as error:
        raise ScenarioError(str(error)) from None
    try:
        scenario = msgspec.convert({"name": name} | tree, Scenario, dec_hook=_from_string)
        _check_words(scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{name}: {_explain(str(error), tree)}") from None
    except ValueError as error:
        raise ScenarioError(f"{name}: {error}") from None
    return scenario


def _check_words(scenario: Scenario) -> None:
    """Refuse words whose meaning other modules know: names of texts, and thresholds."""
    for at, phase in enumerate(scenario.phase):
        for text in phase.texts:
            if text not in TEXTS:
                raise ValueError(f"phase[{at}].texts: {text!r} is not known; {did_you_mean(text, TEXTS)}")
    for at, threshold in enumerate(scenario.thresholds):
        try:
            parse_threshold(threshold)
        except ValueError as error:
            raise ValueError(f"limits[{at}]: {error}") from None


def _from_string(_kind: type, value: object) -> Span:
    """Return a length of time; no other type of a scenario is written as a string that is more than a string."""
    parts = _PART.findall(value) if isinstance(value, str) else []
    if not parts or "".join(map("".join, parts)) != value:
        raise ValueError(f'found {shown(value)}; write a length of time such as "96h", "1m30s" or "5ms"')
    return Span(sum(int(n) * _UNITS_US[unit] for n, unit in parts))


def _explain(message: str, tree: dict[str, Any]) -> str:
    """Turn a decoder's message into `path: what was found; what would be right`."""
    complaint, _, at = message.partition(" - at `$")
    path = at.rstrip("`").lstrip(".")
    where = f"{path}: " if path else ""
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", complaint):
        return f"{where}unknown key {unknown[1]!r}; {did_you_mean(unknown[1], _keys_at(tree, path))}"
    if missing := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        return f"{where}missing key {missing[1]!r}"
    if value := re.fullmatch(r"Invalid (?:enum )?value '?(.*?)'?", complaint):
        return f"{where}{value[1]!r} is not known; {did_you_mean(value[1], _choices_at(path))}"
    if wrong := re.fullmatch(r"Expected `([a-z]+)(?: \| null)?`(?:, got `\w+`|(.*))", complaint):
        bounds = (wrong[2] or "").strip()
        return f"{where}found {shown(_value_at(tree, path))}; write {_KINDS.get(wrong[1], wrong[1])} {bounds}".rstrip()
    return f"{path}.{complaint}" if path and re.match(r"[a-z-]+: ", complaint) else f"{where}{complaint}"


def _steps(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", path)


def _value_at(tree: Any, path: str) -> object:
    for step in _steps(path):
        tree = tree[int(step)] if isinstance(tree, list) else tree.get(step, tree)
    return tree


def _structs_at(tree: Any, path: str) -> list[inspect.StructType]:
    """Return the tables that may stand at a path: one, or all that its tag chooses from while that says nothing."""
    kinds: list[inspect.Type] = [inspect.type_info(Scenario)]
    for step in _steps(path):
        kinds = [kind for outer in kinds for kind in _inside(outer, step)]
        tree = tree[int(step)] if isinstance(tree, list) else tree.get(step, {})
        if isinstance(tree, dict):
            kinds = [kind for kind in kinds if _tag(kind) in (None, tree.get(_tag_field(kind)))] or kinds
    return [kind for kind in kinds if isinstance(kind, inspect.StructType)]


def _inside(kind: inspect.Type, step: str) -> Sequence[inspect.Type]:
    if isinstance(kind, inspect.VarTupleType):
        return [kind.item_type]
    fields = kind.fields if isinstance(kind, inspect.StructType) else ()
    found = [field.type for field in fields if field.encode_name == step]
    return [inner for outer in found for inner in (outer.types if isinstance(outer, inspect.UnionType) else [outer])]


def _tag(kind: inspect.Type) -> object:
    return kind.tag if isinstance(kind, inspect.StructType) else None


def _tag_field(kind: inspect.Type) -> str:
    return (kind.tag_field or "") if isinstance(kind, inspect.StructType) else ""


def _keys_at(tree: Any, path: str) -> list[str]:
    """Return the keys of the table at a path."""
    structs = _structs_at(tree, path)
    return [name for kind in structs[:1] for name in [_tag_field(kind), *(f.encode_name for f in kind.fields)] if name]


def _choices_at(path: str) -> list[str]:
    """Return the words that may stand at a path: the tags of a table, or those of an enum, which are kinds here."""
    table, _, key = path.rpartition(".")
    tags = [str(kind.tag) for kind in _structs_at({}, table) if kind.tag_field == key]
    return tags or [kind.value for kind in Kind]
