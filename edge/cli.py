"""The program: its commands, and one line for whatever went wrong; a traceback is a defect.

Exit 0: fine. 1: a check or a promise does not hold. 2: the command or the file was misused.
"""

import contextlib
import os
import sys

import click

from edge import __version__
from edge.commands.adoptledger import adopt_ledger
from edge.commands.alert import alert
from edge.commands.check import check
from edge.commands.createledger import create_ledger
from edge.commands.demo import demo
from edge.commands.doctor import doctor
from edge.commands.examples import example_of
from edge.commands.export import export
from edge.commands.init import init
from edge.commands.number import number
from edge.commands.pause import pause, resume
from edge.commands.reconcile import reconcile
from edge.commands.reload import reload
from edge.commands.serve import serve
from edge.commands.simulate import simulate
from edge.commands.status import status
from edge.commands.try_ import explain, try_
from edge.compiled import one_pass
from edge.errors import AntirelouError, joined_lines, one_line, refused


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__,
    prog_name="antirelou",
    message=f"%(prog)s, version %(version)s\nforms: {'Python' if one_pass is None else 'compiled'}",
)
def cli() -> None:
    """Run a number that answers once, and does not sink."""


for command in (
    init,
    check,
    doctor,
    try_,
    explain,
    simulate,
    serve,
    reload,
    status,
    pause,
    resume,
    number,
    alert,
    export,
    reconcile,
    create_ledger,
    adopt_ledger,
    demo,
):
    cli.add_command(command)

for command in cli.commands.values():
    command.epilog = example_of(command.name)


def main() -> None:
    """Run a command, and turn what went wrong into one line."""
    try:
        code = cli.main(standalone_mode=False, prog_name="antirelou")
    except SystemExit:  # of click: who read what is written is gone, and needs no line
        sys.exit(2)
    except click.exceptions.NoArgsIsHelpError:
        complaint = f"write a command: {', '.join(cli.commands)}; antirelou --help says what each is for"
    except click.ClickException as error:
        complaint = joined_lines(error.format_message())
    except (AntirelouError, click.Abort, KeyboardInterrupt) as error:
        complaint = str(error) or "stopped"  # an interruption says nothing
    except OSError as error:
        complaint = refused(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or what is still held back would be complained of at the end
    else:
        sys.exit(code)
    with contextlib.suppress(OSError):
        click.echo(f"antirelou: {one_line(complaint)}", err=True)
    sys.exit(2)
