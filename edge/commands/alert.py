"""`antirelou alert FILE --test`: whether alerts arrive, found out before the night in which they must."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.commands.common import FILE
from edge.configfile import load
from edge.core.alerting.saying import say
from edge.errors import ConfigError
from edge.setup import alert_channels
from edge.watch.address import Channel
from edge.watch.channels import Channels


@click.command()
@FILE
@click.option("--test", is_flag=True, help="Send a test to every channel of alert.to-env.")
def alert(file: Path, *, test: bool) -> int:
    """Say for each channel of FILE, on a line of its own, what became of a test. Exit 1: one of them did not take it."""
    if not test:
        raise click.UsageError("write --test: a test is sent to every channel of alert.to-env")
    config = load(file)
    channels = alert_channels(config)
    if not channels:
        raise ConfigError(
            'alert.to-env: no channel; write the variable that holds their addresses, such as to-env = "ALERT_URLS"'
        )

    return 0 if asyncio.run(_test(channels, config.alert.language)) else 1


async def _test(channels: Sequence[Channel], language: str) -> bool:
    """Send a test to every channel, say what became of each, and return whether all took it."""
    client = Client()
    everywhere = Channels(channels, client)
    try:
        fates = await everywhere.say_everywhere(say(language, "test"))
    finally:
        await client.close()
    for name, fate in zip(everywhere.names, fates, strict=True):
        click.echo(f"{name}: {_said(fate)}")
    return all(fate.reached is Reached.DONE for fate in fates)


def _said(fate: Fate) -> str:
    return {
        Reached.DONE: f"taken ({fate.said})",
        Reached.NOT_SENT: f"not sent: {fate.said}",
        Reached.REFUSED: f"refused: {fate.said}",
        Reached.BUSY: f"not now: {fate.said}",
        Reached.UNKNOWN: f"nobody knows whether it arrived: {fate.said}",
    }[fate.reached]
