"""Makes what the pages in docs/ take from the code: tables between their markers, and the picture. `make docs` runs it.

The words in a table are written by hand in the page; the facts beside them (order, status, cost, kind, default) come from the
code each time, and what came of attacks from the page of promises. A test holds the pages against what this would write.
"""

import datetime as dt
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from bench.arguments import Parser
from docs import fire, picture, schema
from docs.marks import filled
from edge.cli import cli
from edge.config import Config, Table
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.providers import PROVIDERS
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Micros, Millis, format_money
from loadtest.command import main as flood
from loadtest.flood.file import load as load_scenario
from loadtest.flood.file import shipped
from loadtest.tracecommand import main as write_trace

DOCS = Path(__file__).parent
UNWRITTEN = "**to be written**"
"""Stands where a new row still lacks its words; a test finds it."""
KINDS: dict[Any, str] = {
    Micros: "amount",
    Millis: "duration",
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    dt.date: "date",
}


def pages() -> dict[Path, str]:
    """Return every file that is made, and what belongs into it."""
    made = {DOCS / "explanation" / "how-it-works.svg": picture.draw()}
    made[DOCS / "reference" / "edge.schema.json"] = schema.draw()
    for page, table in TABLES.items():
        made[page] = filled(page.read_text(encoding="utf-8"), "made", partial(_anew, table))
    return made


def _anew(table: Callable[[str], Iterator[str]], _: str, before: str) -> Iterator[str]:
    """Yield a table, which may take words from what stood there."""
    return table(before)


def reasons(before: str) -> Iterator[str]:
    """Yield the rows of the reasons that a table is about; when each is given and what the sender gets are its words."""
    head, rule, *rows = before.splitlines()
    words = {row.split("`")[1]: [cell.strip() for cell in row.strip("| ").split(" | ")][1:3] for row in rows}
    kind = Reason(next(iter(words))).from_provider
    yield from (head, rule)
    for reason in (reason for reason in Reason if reason.from_provider == kind):
        when, gets = words.get(reason.value, (UNWRITTEN, UNWRITTEN))
        cost = "receiving" if reason.received else "nothing"
        paid = " and the reply" if reason is Reason.ANSWERED else ""
        yield f"| `{reason}` | {when} | {gets} | {HTTP_STATUS.get(reason, 200)} | {cost}{paid} |"


def configuration(_: str) -> Iterator[str]:
    """Yield every key of the static file with its kind and its default."""
    yield from ("| Key | Kind | Default |", "| --- | --- | --- |")
    for path, field in _fields(Config):
        anchor = re.sub(r"[^\w-]", "", path)
        yield f"| [`{path}`](#{anchor}) | {_kind(field.type)} | {_default(field)} |"


def commands(_: str) -> Iterator[str]:
    """Yield every command with what it takes and what its help says."""
    programs = [(f"antirelou {name}", command) for name, command in cli.commands.items()]
    harness = [("python -m loadtest", flood), ("python -m loadtest trace", write_trace)]
    for name, command in [*programs, *harness]:
        context = click.Context(command, info_name=name)
        yield from (f"### `{name}`", "", inspect.cleandoc(command.help or "").replace("\n\n", "\n"), "")
        yield from ("```console", f"$ {name} {' '.join(command.collect_usage_pieces(context))}", "```", "")
        options = [option for option in command.params if isinstance(option, click.Option)]
        if options:
            yield from ("| Option | Meaning | Default |", "| --- | --- | --- |")
            yield from (_option(option) for option in options)
            yield ""


def scenarios(_: str) -> Iterator[str]:
    """Yield the scenarios that come with the harness, with their size and how long they play."""
    yield from ("| Scenario | What it is | Messages | Plays, s |", "| --- | --- | ---: | ---: |")
    for name in shipped():
        scenario = load_scenario(name)
        messages = sum(phase.messages_mean for phase in scenario.phase)
        yield f"| `{name}` | {scenario.description} | {messages:,} | {scenario.lasts_us / 1_000_000:.0f} |"


def ceilings(_: str) -> Iterator[str]:
    """Yield what each provider offers as a limit of its own."""
    yield from ("| Provider | What it offers | Source |", "| --- | --- | --- |")
    for name, kind in PROVIDERS.items():
        for ceiling in kind.ceilings:
            yield f"| {name} | {ceiling.what} | <{ceiling.source}> |"


TABLES: dict[Path, Callable[[str], Iterator[str]]] = {
    DOCS / "reference" / "reasons.md": reasons,
    DOCS / "reference" / "configuration.md": configuration,
    DOCS / "reference" / "commands.md": commands,
    DOCS / "how-to" / "run-a-flood.md": scenarios,
    DOCS / "explanation" / "under-fire.md": fire.attacks,
    DOCS / "how-to" / "deploy.md": ceilings,
}


def _fields(table: type[msgspec.Struct], path: str = "") -> Iterator[tuple[str, msgspec.structs.FieldInfo]]:
    """Yield the keys of a table of the file and of the tables in it."""
    for field in msgspec.structs.fields(table):
        inner = [kind for kind in _parts(field.type) if isinstance(kind, type) and issubclass(kind, Table)]
        here = f"{path}.{field.encode_name}".lstrip(".")
        if inner:
            yield from _fields(inner[0], here)
        else:
            yield here, field


def _parts(kind: Any) -> Iterator[Any]:
    """Yield the types that a type is made of."""
    if typing.get_origin(kind) is typing.Annotated:
        yield from _parts(typing.get_args(kind)[0])
    elif typing.get_origin(kind) in {list, dict, typing.Union, types.UnionType}:
        for part in typing.get_args(kind):
            yield from _parts(part)
    else:
        yield kind


def _kind(kind: Any) -> str:
    parts = [part for part in _parts(kind) if part is not types.NoneType]
    one = KINDS[parts[-1]]
    origins = {typing.get_origin(part) for part in (kind, *typing.get_args(kind))}
    if dict in origins:
        return f"{one} for each prefix"
    return f"{one}, or a list" if list in origins and len(parts) > 1 else f"list of {one}s" if list in origins else one


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if field.required:
        return "required"
    if value in (None, [], msgspec.NODEFAULT):
        return "none"
    if isinstance(value, Micros):
        value = format_money(value)
    elif isinstance(value, Millis):
        value = _duration(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _duration(ms: int) -> str:
    """Return a duration in the largest unit that holds it whole; hours up to a day, as limits are usually written."""
    units = ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s"), (1, "ms"))
    return next(
        (
            f"{ms // unit_ms}{unit}"
            for unit_ms, unit in units
            if ms >= unit_ms and (ms, unit) != (DAY_MS, "d") and ms % unit_ms == 0
        ),
        "0s",
    )


def _option(option: click.Option) -> str:
    shown = ", ".join(option.opts + option.secondary_opts) + (
        f" {option.make_metavar(click.Context(flood))}" if not option.is_flag else ""
    )
    default = "" if option.default in (None, False, ()) or not option.show_default else f"`{option.default}`"
    return f"| `{shown}` | {option.help or ''} | {default} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what is not as it would be made, and say which."""
    Parser(prog="python -m docs.make", description=__doc__.splitlines()[0]).parse_args(arguments)
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"made {path.relative_to(DOCS.parent)}\n")


if __name__ == "__main__":
    main()
