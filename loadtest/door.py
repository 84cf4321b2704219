"""The door of the harness's commands: one line for whatever is wrong with how they were called; a traceback is a defect."""

import contextlib
import os
import sys
from typing import NoReturn

import click

from edge.errors import joined_lines, one_line, refused
from loadtest.judge.verdict import State


class Failed(click.ClickException):
    """The flood could not be played, or written."""

    exit_code = State.FAILED.value


def run(command: click.Command, name: str) -> NoReturn:
    """Run a command by its name, and end with its exit code; with 2 and one line if it was misused or stopped."""
    try:
        sys.exit(command.main(standalone_mode=False, prog_name=f"python -m {name}"))
    except SystemExit as end:
        if end.code == 1:  # click's: who read what is written is gone, and needs no line
            sys.exit(State.FAILED.value)
        raise
    except click.ClickException as error:
        complaint = joined_lines(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        complaint = "stopped"
    except OSError as error:
        complaint = refused(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or what is still held back would be complained of at the end
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{name}: {one_line(complaint)}\n")
        sys.stderr.flush()
    sys.exit(State.FAILED.value)
