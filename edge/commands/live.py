"""A text that is shown again and again, until Ctrl-C: on a terminal in its place, elsewhere whenever it is another one."""

import shutil
import sys
import time
from collections.abc import Callable

import click

EVERY_S = 2.0
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
"""To a screen of its own, without a cursor, and back to what was there."""
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"


def show(text: Callable[[], str], every_s: float = EVERY_S) -> None:
    """Show what a function returns, and go on doing so until Ctrl-C."""
    on_terminal, last = sys.stdout.isatty(), ""
    now = text()  # what cannot be shown at all is said before anything changes
    click.echo(_ENTER if on_terminal else "", nl=False)
    try:
        while True:
            if on_terminal:
                click.echo(_HOME + _fitting(now) + _REST, nl=False)
            elif now != last:
                click.echo(now)
            last = now
            time.sleep(every_s)
            now = text()
    except KeyboardInterrupt:
        pass
    finally:
        click.echo(_LEAVE if on_terminal else "", nl=False)


def _fitting(text: str) -> str:
    """Return as many lines as there is room for, each as long as it may be."""
    width, height = shutil.get_terminal_size()
    return "\n".join(line[:width] + _REST_OF_LINE for line in text.splitlines()[: height - 1]) + "\n"
