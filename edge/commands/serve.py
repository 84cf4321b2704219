"""`antirelou serve`: answer the provider, until told to end."""

from pathlib import Path

import click

from edge.commands.common import FILE
from edge.serving.server import Server
from edge.system import logs


@click.command()
@FILE
def serve(file: Path) -> int:
    """Answer the provider as FILE says, until SIGTERM or Ctrl-C; SIGHUP reloads FILE."""
    server = Server(file)
    logs.stdout.write(f"{server.banner}\nthe ledger: {server.ledger_holds}\n")
    server.run()
    return 0
