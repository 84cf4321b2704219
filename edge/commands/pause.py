"""`antirelou pause` and `antirelou resume`: silence by hand, kept in the ledger, for all workers and machines at once."""

from pathlib import Path

import click

from edge.commands.common import FILE
from edge.commands.ledgers import have, length_of
from edge.commands.status import until_said
from edge.configfile import load
from edge.core.kept.pause import end_of
from edge.meaning.terms import received_of
from edge.units import format_money

_COST = "all workers know within about a second. Receiving goes on costing: {received} {currency} a segment, answered or not"


@click.command()
@FILE
@click.option("--for", "for_", metavar="TEXT", help="For so long, such as 1h or 30m.  [default: until resumed]")
def pause(file: Path, for_: str | None) -> int:
    """Answer nobody, for so long or until `resume`: all workers on the ledger of FILE, through reloads and restarts. Pausing again only makes it longer."""
    for_ms = None if for_ is None else length_of(for_)
    config = load(file)
    until_ms = have(config, file.parent, lambda ledger: ledger.pause(for_ms))
    cost = _COST.format(received=format_money(received_of(config)), currency=config.price.currency)
    click.echo(f"paused {until_said(end_of(until_ms))}; {cost}")
    return 0


@click.command()
@FILE
def resume(file: Path) -> int:
    """End what `pause` began; `paused = true` in FILE stays."""
    config = load(file)
    was_paused = have(config, file.parent, lambda ledger: ledger.resume())
    said = "resumed; all workers know within about a second" if was_paused else "was not paused by hand"
    stays = "; paused = true stands in the file, so nobody is answered all the same" if config.paused else ""
    click.echo(f"{said}{stays}")
    return 0
