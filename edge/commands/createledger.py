"""`antirelou create-ledger`: begin a ledger on a server, once, by hand."""

from pathlib import Path

import click

from edge.commands.common import FILE
from edge.configfile import load
from edge.ledger.opening import create
from edge.setup import place_of


@click.command()
@FILE
def create_ledger(file: Path) -> int:
    """Begin the ledger of FILE on a server, with nothing spent: once, by hand. One in a file begins by itself."""
    place = place_of(load(file), file.parent)
    create(place)
    click.echo(f"begun: {place.url} holds the ledger of {place.phone}, and nothing is spent")
    return 0
