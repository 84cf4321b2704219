"""`antirelou status`: what the number has answered, what it has cost, and what is left."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from edge import terms
from edge.clock import clock
from edge.commands.bill import receiving_lines
from edge.commands.common import FILE, JSON, many
from edge.configfile import load
from edge.core.hours import week_begins
from edge.errors import LedgerError
from edge.ledger.opening import hours, look, pinned, totals
from edge.setup import place_of

ENTER = (
    "enter number.url there, as the address for incoming messages (`antirelou number FILE attach` does it where it may)"
)
"""What is left to do by hand."""


@click.command()
@FILE
@JSON
def status(file: Path, *, as_json_: bool) -> int:
    """Say what the number of FILE has answered, what it has cost, and what is left."""
    found = read_status(file)
    if as_json_:
        click.echo(json.dumps(found, indent=2))
    else:
        _print_status(found)
    return 0


def read_status(path: Path) -> dict[str, Any]:
    """Return what `/status.json` shows, read from the ledger itself: it works while no worker runs, and writes nothing.

    Raises LedgerError where nothing was begun.
    """
    config = load(path)
    place = place_of(config, path.parent)
    if look(place) is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    found = totals(place, terms.rules_of(config), clock())
    return terms.status_now(config, found, hours(place, week_begins(found.now_ms)))


def until_said(until: str | None) -> str:
    """Return when a pause ends, for people."""
    return f"until {time_said(until)}" if until else "without an end"


def attachment_lines(attachment: dict[str, Any]) -> Iterator[str]:
    """Yield what is known of the number at the provider, where there is anything to say."""
    if not attachment["attached"]:
        by_hand = "by hand" if attachment["by_hand"] else str(attachment["why"]).replace("_", " ")
        until = until_said(attachment["until"]) if attachment["until"] else "until it is attached again"
        asked = "" if attachment["settled"] else "; the provider does not know it yet"
        yield f"detached since {time_said(attachment['since'])} ({by_hand}), {until}{asked}"
    if attachment["trouble"]:
        yield f"trouble at the provider: {attachment['trouble']}. If nothing comes in: {ENTER}"


def time_said(instant: str | None) -> str:
    """Return an instant for people."""
    return instant.replace("T", " ").replace("+00:00", " UTC") if instant else "the beginning"


def _print_status(found: dict[str, Any]) -> None:
    currency = found["currency"]
    if found["silent"]:
        click.echo(f"silent: {found['silent']}")
    click.echo(f"{found['messages']:,} messages, {many(found['replies'], 'reply', 'replies')}")
    for reason, count in found["by_reason"].items():
        click.echo(f"  {reason:14} {count:,}")
    if found["paused"]:
        click.echo(f"paused {until_said(found['paused_until'])}")
    for line in attachment_lines(found["attachment"]):
        click.echo(line)
    spent = found["spent"]
    click.echo(f"spent: {spent['replies']} {currency} on replies, {spent['received']} on receiving")
    click.echo(
        f"left: {found['kitty_left']} {currency}, {found['pace_left']} of it at once; until {found['lasts_until']}"
    )
    bill = found["bill"]
    exchanges = ", ".join(f"{cost} in {prefix}" for prefix, cost in bill["exchanges"].items())
    click.echo(f"an exchange of one segment in: {exchanges} {currency}")
    click.echo(f"replies: worst hour {bill['worst_hour']} {currency}, worst day {bill['worst_day']}")
    for line in receiving_lines(bill, currency):
        click.echo(line)
