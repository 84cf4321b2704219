"""The differences between two setups, as a reload says them in one line: keys with what they were and are, and no text, path or secret."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from edge.config import Config, Number
from edge.config.table import as_list
from edge.setup import Setup
from edge.units import Micros, Millis, format_duration, format_money

AT_START = ("server.bind", "server.workers")
"""What changes at the next start only."""


def differences(before: Setup, now: Setup) -> str:
    """Return what is different now, or that nothing is."""
    keys = [key for key in _keys(before, now) if not key.startswith(AT_START)]
    said = "; ".join(keys) or "nothing is different"
    names = variables(now.config)
    kept = (
        f"; {', '.join(names)} as of the start: a variable of the environment changes at a restart only"
        if names
        else ""
    )
    return said + kept


def variables(config: Config) -> list[str]:
    """Return the names of the variables that a file takes secrets from, in its order."""
    places = (
        *(
            names for number in config.numbers
            for names in (number.secret_env, number.api_account_env, number.api_key_env, number.api_secret_env)
        ),
        config.ledger.key_env, config.ledger.password_env,
        config.server.origin_secret_env, config.server.status_key_env, config.alert.to_env, config.alert.heartbeat_env,
    )  # fmt: skip
    return list(dict.fromkeys(name for names in places for name in as_list(names or [])))


def _keys(before: Setup, now: Setup) -> Iterator[str]:
    counts = len(before.config.numbers), len(now.config.numbers)
    files = before.config, now.config
    if any(isinstance(file.given, list) for file in files):
        files = _with_numbers(files[0], min(counts)), _with_numbers(files[1], min(counts))
    was, is_ = (dict(_flat(file)) for file in files)
    for key in dict.fromkeys([*was, *is_]):
        if was.get(key) != is_.get(key):
            old, new = _shown(was.get(key)), _shown(is_.get(key))
            yield f"{key} {old} → {new}" if old and new else key
    yield from (f"number[{index}] is new" for index in range(*counts))
    yield from (f"number[{index}] is gone" for index in range(*reversed(counts)))
    for index, (old_secrets, secrets) in enumerate(zip(before.secrets, now.secrets, strict=False)):
        if before.config.numbers[index].secret_file and old_secrets != secrets:
            yield f"{now.config.where(index)}.secret-file: what it holds"
    yield from _renewed(before.tls_marks, now.tls_marks)


def _with_numbers(config: Config, count: int) -> Config:
    """Return a file with so many of its numbers as `[[number]]`: the one that was alone is the first."""
    return msgspec.structs.replace(config, given=config.numbers[:count])


def _renewed(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[str]:
    for key, mark in now.items():
        if before.get(key, mark) != mark:
            yield f"{key}: what it holds"


def _flat(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of a file, whole, with their values."""
    if isinstance(value, msgspec.Struct):
        parts = [(field.encode_name, getattr(value, field.name)) for field in msgspec.structs.fields(value)]
    elif isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list) and value and isinstance(value[0], Number):
        parts, at = [(f"{at}[{index}]", number) for index, number in enumerate(value)], ""
    else:
        yield at, value
        return
    for name, part in parts:
        yield from _flat(part, f"{at}.{name}" if at else name)


def _shown(value: Any) -> str:
    """Return a value as a file has it, or nothing where it may be a text, a path or a secret."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Micros():
            return format_money(value)
        case Millis():
            return format_duration(value)
        case int() | float() | dt.date():
            return str(value)
        case _:
            return ""
