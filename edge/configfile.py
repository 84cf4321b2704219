"""Reading the static file, and saying on one line what is wrong with it: what, where, and what would be right."""

import difflib
import re
import tomllib
import typing
from pathlib import Path
from typing import Any

import msgspec

from edge.config import Config
from edge.errors import ConfigError
from edge.units import Micros, Millis, parse_duration, parse_money

_EXAMPLES = {
    "number": "[number]",
    "reply": "[reply]",
    "price": "[price]",
    "budget": "[budget]",
    "number.phone": 'phone = "+33937000000"',
    "number.provider": 'provider = "twilio"',
    "number.url": 'url = "https://sms.example.org/sms"',
    "reply.text": 'text = "Bonjour. Non, c\'est non."',
    "price.currency": 'currency = "EUR"',
    "price.received": 'received = "0.0075"',
    "price.reply": 'reply = { "+33" = "0.0763" }',
    "budget.kitty": 'kitty = "2000"',
}
_KINDS = {
    "object": "a table",
    "array": "a list",
    "int": "a whole number",
    "str": "a string in quotes",
    "bool": "true or false",
    "date": "a date without quotes, such as 2027-10-30",
    "null": "nothing",
}


def load(path: Path) -> Config:
    """Return the file as a Config. Raises ConfigError with the one line to show."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{path}: cannot be read: {reason}") from None
    return parse(text, str(path))


def parse(text: str, name: str = "edge.toml") -> Config:
    """Return the text of a static file as a Config. Raises ConfigError; `name` stands at the head of its line."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from None
    try:
        return msgspec.convert(tree, Config, dec_hook=_from_string)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}: {_explain(str(error), tree)}") from None


def suggest(found: str, known: typing.Iterable[str]) -> str:
    """Return ``did you mean "x"? (known: …)`` for a name that is not known."""
    names = list(known)
    near = difflib.get_close_matches(found, names, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return f"{hint}(known: {', '.join(names)})"


def _from_string(kind: type, value: object) -> object:
    if kind is Micros:
        return parse_money(value) if isinstance(value, str) else parse_money(f"{value}, not in quotes")
    if kind is Millis:
        return parse_duration(value) if isinstance(value, str) else parse_duration(f"{value}, not in quotes")
    raise NotImplementedError(kind)


def _explain(message: str, tree: dict[str, Any]) -> str:
    """Turn a decoder's message into `path: what was found; what would be right`."""
    complaint, _, at = message.partition(" - at `$")
    path = at.rstrip("`").lstrip(".")
    where = f"{path}: " if path else ""
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", complaint):
        return f"{where}unknown key {unknown[1]!r}; {suggest(unknown[1], _keys_at(path))}"
    if missing := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        full = f"{path}.{missing[1]}".lstrip(".")
        example = f"; write, for example: {_EXAMPLES[full]}" if full in _EXAMPLES else ""
        return f"{where}missing key {missing[1]!r}{example}"
    if wrong := re.fullmatch(r"Expected `([a-z]+)(?: \| null)?`(?:, got `\w+`|(.*))", complaint):
        bounds = (wrong[2] or "").strip()
        return f"{where}found {_value_at(tree, path)!r}; write {_KINDS.get(wrong[1], wrong[1])} {bounds}".rstrip()
    return f"{path}.{complaint}" if path and re.match(r"[a-z-]+: ", complaint) else f"{where}{complaint}"


def _steps(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", path)


def _value_at(tree: Any, path: str) -> object:
    for step in _steps(path):
        tree = tree[int(step)] if isinstance(tree, list) else tree.get(step, tree)
    return tree


def _keys_at(path: str) -> tuple[str, ...]:
    struct: Any = Config
    for step in _steps(path):
        if step.isdigit():
            continue
        field = next(f for f in msgspec.structs.fields(struct) if f.encode_name == step)
        struct = next(iter(typing.get_args(field.type)), field.type)
    return tuple(str(name) for name in struct.__struct_encode_fields__)
