"""`antirelou adopt-ledger`: go on with a ledger under another number, once, by hand."""

from pathlib import Path

import click

from edge.commands.common import FILE
from edge.configfile import load
from edge.ledger.opening import adopt
from edge.setup import place_of


@click.command()
@FILE
def adopt_ledger(file: Path) -> int:
    """Have the ledger of FILE be that of its number, which took the place of another: once, by hand."""
    place = place_of(load(file), file.parent)
    before = adopt(place)
    was = f"was the ledger of {', '.join(before)}" if before else "did not say whose ledger it was"
    click.echo(f"adopted: {place.url} {was}, and is that of {place.phone}; what was spent is spent")
    return 0
