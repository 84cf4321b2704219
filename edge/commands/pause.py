"""`antirelou pause` and `antirelou resume`: silence by hand, kept in the ledger, for all workers and machines at once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from edge import terms
from edge.clock import clock
from edge.commands.common import FILE
from edge.commands.status import until_said
from edge.config import Config
from edge.configfile import load
from edge.core.ledger import Ledger
from edge.core.pause import end_of
from edge.errors import ConfigError, LedgerError
from edge.ledger.opening import check_written, look, open_ledger, pinned, recognised
from edge.setup import place_of
from edge.units import DAY_MS, Millis, format_money, parse_duration

Done = TypeVar("Done")

PAUSE_DAYS_MAX = 3_650
"""Longer is without an end."""
_COST = "all workers know within about a second. Receiving goes on costing: {received} {currency} a segment, answered or not"


@click.command()
@FILE
@click.option("--for", "for_", metavar="TEXT", help="For so long, such as 1h or 30m.  [default: until resumed]")
def pause(file: Path, for_: str | None) -> int:
    """Answer nobody, for so long or until `resume`: all workers on the ledger of FILE, through reloads and restarts. Pausing again only makes it longer."""
    for_ms = None if for_ is None else _length(for_)
    config = load(file)
    until_ms = _have(config, file.parent, lambda ledger: ledger.pause(for_ms))
    cost = _COST.format(received=format_money(config.price.received), currency=config.price.currency)
    click.echo(f"paused {until_said(end_of(until_ms))}; {cost}")
    return 0


@click.command()
@FILE
def resume(file: Path) -> int:
    """End what `pause` began; `paused = true` in FILE stays."""
    config = load(file)
    was_paused = _have(config, file.parent, lambda ledger: ledger.resume())
    said = "resumed; all workers know within about a second" if was_paused else "was not paused by hand"
    stays = "; paused = true stands in the file, so nobody is answered all the same" if config.paused else ""
    click.echo(f"{said}{stays}")
    return 0


def _length(text: str) -> Millis:
    try:
        length_ms = parse_duration(text)
    except ValueError as error:
        raise click.UsageError(f"--for: {error}") from None
    if not 0 < length_ms <= PAUSE_DAYS_MAX * DAY_MS:
        raise click.UsageError(
            f'--for: found {text!r}; write more than "0s" and at most "{PAUSE_DAYS_MAX}d", or leave it out for no end'
        )
    return length_ms


def _have(config: Config, base: Path, do: Callable[[Ledger], Awaitable[Done]]) -> Done:
    """Have the ledger of a file do something, as one of its workers would. Raises LedgerError where nothing was begun."""
    place = place_of(config, base)
    if look(place) is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    if place.url.startswith("memory:"):
        raise ConfigError(
            "ledger.url: a ledger in memory is its worker's own: nobody else can pause it; end the worker"
        )
    check_written(place)
    place = recognised(place)

    async def done() -> Done:
        ledger = open_ledger(place, terms.rules_of(config), clock, lambda _: None)
        try:
            return await do(ledger)
        finally:
            await ledger.close()

    return asyncio.run(done())
