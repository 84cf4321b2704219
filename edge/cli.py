"""The commands. Each says on one line what is wrong and what would be right; a traceback is a defect.

Exit 0: fine. 1: a check or a promise does not hold. 2: the command or the file was misused.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from edge import __version__, wiring
from edge.check import Findings, as_json, examine
from edge.configfile import load
from edge.core.forecast import Budget
from edge.errors import AntirelouError, ConfigError, LedgerDown
from edge.ledger.opening import create, warnings
from edge.server import Server, clock, read_status
from edge.units import format_money

FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json_", is_flag=True, help="Print it all as JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="antirelou")
def cli() -> None:
    """Run a number that answers once, and does not sink."""


@cli.command()
@FILE
@JSON
def check(file: Path, *, as_json_: bool) -> int:
    """Say what follows from FILE: segments, prices, the worst day, how long the kitty lasts."""
    try:
        config = load(file)
    except ConfigError as error:
        if as_json_:
            click.echo(json.dumps({"ok": False, "errors": [str(error)], "warnings": []}))
        raise
    findings = examine(config, clock())
    try:
        wiring.secrets_of(config, file.parent)
        findings.warnings.extend(asyncio.run(warnings(wiring.place_of(config, file.parent))))
    except (ConfigError, LedgerDown) as error:
        findings.warnings.append(f"{error} (not needed to check, only to serve)")
    if as_json_:
        click.echo(json.dumps(as_json(findings), ensure_ascii=False, indent=2))
    else:
        _print_findings(findings, config.price.currency)
    return 1 if findings.errors else 0


@cli.command()
@FILE
def serve(file: Path) -> int:
    """Answer the provider as FILE says, until SIGTERM or Ctrl-C; SIGHUP reloads FILE."""
    server = Server(file)
    click.echo(server.banner)
    server.run()
    return 0


@cli.command()
@FILE
@JSON
def status(file: Path, *, as_json_: bool) -> int:
    """Say what the number of FILE has answered, what it has cost, and what is left."""
    found = asyncio.run(read_status(file))
    if as_json_:
        click.echo(json.dumps(found, indent=2))
    else:
        _print_status(found)
    return 0


@cli.command()
@FILE
def create_ledger(file: Path) -> int:
    """Begin the ledger of FILE on a server, with nothing spent: once, by hand. One in a file begins by itself."""
    place = wiring.place_of(load(file), file.parent)
    create(place)
    click.echo(f"begun: {place.url} holds the ledger of {place.phone}, and nothing is spent")
    return 0


@cli.command()
def demo() -> int:
    """Start a worker on an example, let a person and a troll write to it, and print who got what, why, and the bill."""
    from edge.demo import run  # noqa: PLC0415 — a worker need not start with what only the demo uses

    return run()


def main() -> None:
    """Run a command, and turn what went wrong into one line."""
    try:
        sys.exit(cli.main(standalone_mode=False, prog_name="antirelou"))
    except click.ClickException as error:
        complaint = error.format_message()
    except (AntirelouError, click.Abort, KeyboardInterrupt) as error:
        complaint = str(error) or "stopped"  # an interruption says nothing
    click.echo(f"antirelou: {complaint}", err=True)
    sys.exit(2)


def _print_findings(findings: Findings, currency: str) -> None:
    for text in findings.texts:
        counted = text.segments
        click.echo(
            f"reply to {', '.join(text.prefixes)}: {_many(counted.segments, 'segment')} ({counted.units} units of {counted.encoding})"
        )
    for prefix, (reply, exchange) in findings.prices.items():
        click.echo(f"price in {prefix}: {format_money(reply)} {currency} a reply, {format_money(exchange)} an exchange")
    if findings.budget:
        _print_budget(findings, findings.budget, currency)
    for warning in findings.warnings:
        click.echo(click.style("warning: ", fg="yellow") + warning)
    for error in findings.errors:
        click.echo(click.style("error: ", fg="red", bold=True) + error)
    if not findings.errors:
        click.echo(click.style("the file holds", fg="green"))


def _print_budget(findings: Findings, budget: Budget, currency: str) -> None:
    click.echo(f"kitty: {format_money(budget.kitty_micros)} {currency} buys {findings.kitty_buys:,} exchanges")
    click.echo(
        f"pace: {format_money(budget.per_day_micros)} {currency} a day and {format_money(budget.burst_micros)} at once; "
        f"worst hour {format_money(budget.worst_hour_micros)}, worst day {format_money(budget.worst_day_micros)}"
    )
    click.echo(f"lasts until {findings.lasts_until} if every day spends all of it")
    click.echo(f"memory: at most {_many(findings.live_buckets_max, 'sender')} at once in a worker, however many write")


def _print_status(found: dict[str, Any]) -> None:
    currency = found["currency"]
    click.echo(f"{found['messages']:,} messages, {_many(found['replies'], 'reply', 'replies')}")
    for reason, count in found["by_reason"].items():
        click.echo(f"  {reason:14} {count:,}")
    spent = found["spent"]
    click.echo(f"spent: {spent['replies']} {currency} on replies, {spent['received']} on receiving")
    click.echo(
        f"left: {found['kitty_left']} {currency}, {found['pace_left']} of it at once; until {found['lasts_until']}"
    )


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"
