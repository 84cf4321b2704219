"""Reading the static file, and saying on one line what is wrong with it: what, where, and what would be right."""

import re
import tomllib
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from edge.config import Config
from edge.errors import ConfigError, did_you_mean, shown
from edge.units import Micros, Millis, parse_duration, parse_money

FILE_BYTES_MAX = 1_000_000
_EXAMPLES = {
    "number": "[number]",
    "reply": "[reply]",
    "price": "[price]",
    "budget": "[budget]",
    "number.phone": 'phone = "+33937000000"',
    "number.provider": 'provider = "twilio"',
    "number.url": 'url = "https://sms.example.org/sms"',
    "number.secret-env": 'secret-env = "TWILIO_AUTH_TOKEN"',
    "number.secret-file": 'secret-file = "/run/secrets/twilio-auth-token"',
    "reply.text": 'text = "Bonjour. Non, c\'est non."',
    "reply.in": "[[reply.in]]",
    "reply.in.prefixes": 'prefixes = ["+44", "+353"]',
    "reply.in.text": 'text = "No means no."',
    "price.currency": 'currency = "EUR"',
    "price.received": 'received = "0.0075"',
    "price.reply": 'reply = { "+33" = "0.0763" }',
    "budget.kitty": 'kitty = "2000"',
    "budget.lasts-until": "lasts-until = 2027-10-30",
    "receiving.detach": 'detach = "say"',
    "receiving.people-per-day": "people-per-day = 100",
    "knock": "[knock]",
    "knock.share": "share = 0.25",
    "limit.sender": 'sender = { burst = 1, count = 1, period = "24h" }',
    "limit.block": 'block = { digits = 4, burst = 5, count = 5, period = "1h" }',
}
"""An example for every key that has to be there, and for those that are easily written wrong."""
_KINDS = {
    "object": "a table",
    "array": "a list",
    "int": "a whole number",
    "float": "a number",
    "str": "a string in quotes",
    "bool": "true or false",
    "date": "a date without quotes",
}
_WORD = re.compile(r"'([^']*)'")
_A_TABLE = re.compile(rf"\((?:{_WORD.pattern},? ?)+\)")
"""A table's name as the standard library writes it, a tuple."""
_BOUNDS = {">=": "of at least", "<=": "of at most"}
_READERS: dict[type, tuple[Callable[[str], int], str]] = {
    Micros: (parse_money, 'an amount in quotes, such as "2000" or "0.0763"'),
    Millis: (parse_duration, 'a duration in quotes, such as "24h", "15m" or "1h30m"'),
}


def load(path: Path) -> Config:
    """Return the file as a Config. Raises ConfigError with the one line to show."""
    return parse(read(path), str(path))


def read(path: Path) -> str:
    """Return the text of a file that people have written. Raises ConfigError with the one line to show."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:  # a device that never ends, say
            raise ConfigError(
                f"{path}: cannot be read: longer than {FILE_BYTES_MAX:,} bytes; name a file that people write"
            )
        return content.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: cannot be read: not UTF-8; save it in that encoding") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # of a name with a null character in it
        raise ConfigError(f"{path}: is no file's name: {error}") from None


def parse(text: str, name: str = "edge.toml") -> Config:
    """Return the text of a static file as a Config. Raises ConfigError; `name` stands at the head of its line."""
    return convert(tables(text, name), name)


def convert(tree: dict[str, Any], name: str) -> Config:
    """Return the tables of a static file as a Config. Raises ConfigError; `name` stands at the head of its line."""
    try:
        return msgspec.convert(tree, Config, dec_hook=_from_string)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}: {_explain(str(error), tree)}") from None


def tables(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a text. Raises ConfigError; `name` stands at the head of its line."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also of numbers with thousands of digits
        complaint = _A_TABLE.sub(lambda found: f"[{'.'.join(_WORD.findall(found[0]))}]", str(error))
        raise ConfigError(f"{name}: not TOML: {complaint}") from None


def _from_string(kind: type, value: object) -> int:
    read, wanted = _READERS[kind]
    if isinstance(value, str):
        return read(value)
    raise ValueError(f"found {shown(value)}; write {wanted}")


def _explain(message: str, tree: dict[str, Any]) -> str:
    """Turn a decoder's message into `path: what was found; what would be right`."""
    complaint, _, at = message.partition(" - at `$")
    path = at.rstrip("`").lstrip(".")
    where = f"{_named(path, tree)}: " if path else ""
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", complaint):
        return f"{where}unknown key {unknown[1]!r}; {did_you_mean(unknown[1], _keys_at(path))}"
    if missing := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        return f"{where}missing key {missing[1]!r}; write it{_example(f'{path}.{missing[1]}'.lstrip('.'))}"
    if wrong := re.fullmatch(r"Expected `([a-z]+)[^`]*`(?:, got `\w+`| (..) (\d+))", complaint):
        bound = f" {_BOUNDS[wrong[2]]} {wrong[3]}" if wrong[2] else ""
        return f"{where}found {shown(_value_at(tree, path))}; write {_KINDS[wrong[1]]}{bound}{_example(path)}"
    if complaint == "Invalid RFC3339 encoded date":
        return f"{where}found {shown(_value_at(tree, path))}; write {_KINDS['date']}{_example(path)}"
    return f"{path}.{complaint}" if path and re.match(r"[a-z-]+: ", complaint) else f"{where}{complaint}"


def _example(path: str) -> str:
    line = _EXAMPLES.get(re.sub(r"\[\d+\]", "", path))
    return f", for example: {line}" if line else ""


def _named(path: str, tree: dict[str, Any]) -> str:
    """Return a path with the key that the decoder only calls ``[...]``: the first one whose value cannot be read."""
    table, unnamed, _ = path.partition("[...]")
    for key, value in _value_at(tree, table).items() if unnamed else ():
        try:
            _from_string(Micros, value)
        except ValueError:
            return f"{table}.{key!r}"
    return path


def _steps(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", path)


def _value_at(tree: Any, path: str) -> Any:
    for step in _steps(path):
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    return tree


def _keys_at(path: str) -> tuple[str, ...]:
    struct: Any = Config
    for step in _steps(path):
        if step.isdigit():
            continue
        field = next(f for f in msgspec.structs.fields(struct) if f.encode_name == step)
        struct = next(iter(typing.get_args(field.type)), field.type)
    return tuple(str(name) for name in struct.__struct_encode_fields__)
