"""`antirelou serve`: answer the provider, until told to end."""

from pathlib import Path

import click

from edge.commands.common import FILE
from edge.server import Server


@click.command()
@FILE
def serve(file: Path) -> int:
    """Answer the provider as FILE says, until SIGTERM or Ctrl-C; SIGHUP reloads FILE."""
    server = Server(file)
    click.echo(server.banner)
    click.echo(f"the ledger: {server.ledger_holds}")
    server.run()
    return 0
