"""The static file of a worker that the harness starts: the tested one, with what a scenario says differently, compressed.

1. A scenario's `[worker]` tables are laid over the file's, key by key.
2. Time compression reaches the worker as well: in a flood that plays 240 times faster, a sender's period is 240 times shorter
   and the pace 240 times faster, so each sender and each hour of the flood gets what it would get in the world. Money
   is not compressed: the same flood costs the same.
3. A file with one number gets as many as the scenario gives away: each with the next phone, a path and a secret of its own, and all
   else alike; all of them at one account of the provider's.
4. Nothing real is reached: the ledger is a new one beside the file, secrets are those of the run, and nothing is recorded,
   whatever file or scenario say of it. A scenario's worker writes below its own folder only.
"""

import datetime as dt
import json
import math
import re
import tomllib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from edge.config import Config, Limit
from edge.configfile import parse
from edge.meaning.blocklimits import limits_of
from loadtest.flood.scenario import Scenario
from loadtest.judge.model import burst_micros
from loadtest.provider.credentials import as_list
from loadtest.provider.money import MICROS, show_money
from loadtest.provider.prices import prices_of

Tree = dict[str, Any]
LEDGER = {"url": "sqlite:flood.db"}
"""The whole table: a key to another ledger, its name or its password have no meaning for this one."""
API = {
    "api-account-env": "FLOOD_API_ACCOUNT",
    "api-key-env": "FLOOD_API_KEY",
    "api-secret-env": "FLOOD_API_SECRET",
}
"""The variables of a number that is detached and does not say with which: those of its own provider."""
_MESSAGES_EACH, _DAYS, _PEOPLE_MAX = 13, 10, 1_000_000
"""What receiving may cost where the file does not say, as its reference promises; and the most that may stand there."""
_ELSEWHERE = ("trace", "state")
"""Keys of `[server]` that name a folder of the tested worker's."""
_UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def worker_file(text: str, scenario: Scenario, *, api_url: str = "", **server: str | int) -> str:
    """Return the static file to play a scenario against; `server` replaces keys of the file's `[server]` table.

    What the worker would ask the provider for, it asks for at `api_url`.

    Raises ConfigError if the outcome is not a static file, ValueError if its pace or its limits cannot be compressed.
    """
    tree = _overlaid(_overlaid(tomllib.loads(text), scenario.worker), {"server": server})
    tree["ledger"] = LEDGER
    for key in _ELSEWHERE:
        tree["server"].pop(key, None)
    parse(
        _written(tree), scenario.name
    )  # whatever a scenario has laid over it is a static file, before anything is made of that
    numbers = _given_away(tree, scenario)
    if api_url:
        is_detached = tree.get("receiving", {}).get("detach") == "yes"
        numbers = [_asking(number, api_url) if is_detached or number.keys() & API else number for number in numbers]
    tree["number"] = numbers if len(numbers) > 1 else numbers[0]
    if scenario.speed != 1:
        config = parse(_written(tree), scenario.name)
        tree = _overlaid(tree, _compressed(config, scenario.speed))
    return _written(tree)


def _given_away(tree: Tree, scenario: Scenario) -> list[Tree]:
    """Return the tables of the numbers, with secrets of the run's own."""
    given = tree["number"]
    numbers: list[Tree] = given if isinstance(given, list) else [given]
    count = 1 if scenario.numbers is None else scenario.numbers.count
    if len(numbers) == 1 < count:
        numbers = [_another(numbers[0], place) for place in range(count)]
    return [_with_own_secret_files(number, at) for at, number in enumerate(numbers)]


def _another(number: Tree, place: int) -> Tree:
    """Return a number that is like the one of the file, which is the first."""
    if place == 0:
        return number
    url = urlsplit(number["url"])
    alike = number | {
        "phone": f"+{int(number['phone']) + place}",
        "url": urlunsplit(url._replace(path=f"{url.path.rstrip('/')}/{place}")),
    }
    if "secret-env" in alike:
        alike["secret-env"] = [f"{name}_{place}" for name in as_list(alike["secret-env"])]
    return alike


def _compressed(config: Config, speed: float) -> Tree:
    """Return the keys that hold time, shrunk. Periods round up to a millisecond: stricter, never more generous."""
    if config.budget.per_day is None:
        raise ValueError("budget.lasts-until: a date cannot be compressed; write per-day, or play at speed 1")
    # The default burst is a share of per-day, so it has to be written down before per-day is compressed.
    burst = burst_micros(config, config.budget.per_day)
    limits = {
        name: {"burst": limit.burst, "count": limit.count, "period": _duration(math.ceil(limit.period / speed))}
        for name, limit in (("sender", config.limit.sender), ("block", _block(config)))
    }
    budget = {"per-day": _faster(config.budget.per_day, speed), "burst": show_money(burst)}
    knock = {"after": _duration(math.ceil(config.knock.after / speed))}
    return {"knock": knock, "budget": budget, "receiving": _receiving(config, speed), "limit": limits}


def _block(config: Config) -> Limit:
    """Return the one limit of all blocks. Raises ValueError where the numbering plans give them several."""
    first, *others = set(limits_of(config).values())
    if others:
        raise ValueError(
            "limit.block: by the numbering plans several hold, which cannot be compressed; write one, or play at speed 1"
        )
    return first


def _receiving(config: Config, speed: float) -> Tree:
    """Return what receiving may cost: as many people and as much money in less time, and times off as much shorter."""
    given = config.receiving
    segment = max(prices.received_micros for prices in prices_of(config))
    per_day = given.per_day or _MESSAGES_EACH * given.people_per_day * segment
    return {
        "people-per-day": max(1, min(_PEOPLE_MAX, round(given.people_per_day * speed))),
        "time-off": _duration(math.ceil(given.time_off / speed)),
        **(
            {"per-day": _faster(per_day, speed), "burst": show_money(given.burst or _DAYS * per_day)} if per_day else {}
        ),
    }


def _faster(per_day: int, speed: float) -> str:
    return show_money(min(int(per_day * speed), 999_999_999 * MICROS))


def _asking(number: Tree, api_url: str) -> Tree:
    """Return the table of a number for which the worker may ask the provider for something: it asks the run's own."""
    return API | number | {"api-url": api_url}


def _with_own_secret_files(number: Tree, at: int) -> Tree:
    """Return the table of a number with names of files beside the static one, as many as it has, in place of those that it names."""
    own = [f"secret-{at}-{place}" for place in range(len(as_list(number.get("secret-file", []))))]
    return number | ({"secret-file": own} if own else {})


def _duration(ms: int) -> str:
    """Return a length of time as a static file says it; no part of it has more digits than may stand there."""
    parts = []
    for unit, unit_ms in _UNITS_MS.items():
        count, ms = divmod(ms, unit_ms)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts)


def _overlaid(under: Mapping[str, Any], over: Mapping[str, Any]) -> Tree:
    tables = {key: _overlaid(under[key], value) for key, value in over.items() if _both_tables(under, key, value)}
    return {**under, **over, **tables}


def _both_tables(under: Mapping[str, Any], key: str, value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(under.get(key), Mapping)


def _written(tree: Tree) -> str:
    """Return a tree as TOML: one line per key, tables inline."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in tree.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key)


def _value(value: Any) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dt.date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
