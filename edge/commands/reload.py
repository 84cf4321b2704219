"""`antirelou reload`: have the workers take the file as it is now, and say what is different."""

import os
import signal
import time
from pathlib import Path

import click

from edge.commands.common import FILE
from edge.configfile import load
from edge.errors import ConfigError
from edge.ledger.place import Place
from edge.setup import state_of
from edge.state.bulletin import BEGUN, DONE, REFUSED, Posted, posted

ANSWER_S = 30.0
"""The longest that a server may take to read its file and its ledger."""
WORKERS_S = 90.0
"""The longest that is waited for workers to be replaced: they go on being replaced after that."""
_LOOK_S = 0.05


@click.command()
@FILE
def reload(file: Path) -> int:
    """Have the server of FILE on this machine take the file as it is now, as SIGHUP does, and say what is different. A file that does not hold changes nothing."""
    config = load(file)
    folder = state_of(config, file.parent, Place(config.ledger.url, file.parent, config.number.phone))
    before = None if folder is None else _posted(folder, file)
    if folder is None or before is None:
        where = (
            "; a ledger in memory keeps nothing that it could be found by"
            if folder is None
            else f" ({folder.resolve()} names none)"
        )
        raise ConfigError(
            f"{file}: no server of it runs on this machine{where}; begin it with `antirelou serve`, or send SIGHUP to one "
            "that was begun by an earlier version or with another server.state"
        )
    try:
        os.kill(before.server, signal.SIGHUP)
    except PermissionError:
        raise ConfigError(f"{file}: its server is another user's; run this as that user, or as root") from None
    after = _await(folder, file, before.reloads)
    if after.state == REFUSED:
        raise ConfigError(f"not reloaded, nothing changed: {after.said}")
    click.echo(f"reloaded: {after.said}")
    if after.state != DONE:
        click.echo("the workers are still being replaced, one by one")
    return 0


def _posted(folder: Path, file: Path) -> Posted | None:
    try:
        return posted(folder, file)
    except PermissionError:
        raise ConfigError(f"{file}: its server is another user's; run this as that user, or as root") from None


def _await(folder: Path, file: Path, reloads: int) -> Posted:
    """Return what the server says of a reload once all is done, or what it has said after a long time. Raises ConfigError where it says nothing."""
    begun_s = time.monotonic()
    last: Posted | None = None
    while time.monotonic() < begun_s + (ANSWER_S if last is None else WORKERS_S):
        found = _posted(folder, file)
        if found is not None and found.reloads > reloads:
            last = found
            if found.state != BEGUN:
                return found
        time.sleep(_LOOK_S)
    if last is None:
        raise ConfigError(f"{file}: its server did not say within {ANSWER_S:g} s what became of it; its log may")
    return last
