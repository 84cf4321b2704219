"""What commands have a ledger do, as one of its workers would; and how long something is to last."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from edge.config import Config
from edge.core.charging.ledger import Ledger
from edge.errors import ConfigError, LedgerError
from edge.ledger.opening import check_written, look, open_ledger, pinned, recognised
from edge.meaning import terms
from edge.setup import place_of
from edge.system.clock import clock
from edge.units import DAY_MS, Millis, parse_duration

Done = TypeVar("Done")

DAYS_MAX = 3_650
"""Longer is without an end."""


def length_of(text: str) -> Millis:
    """Return what is given as `--for`. Raises click.UsageError."""
    try:
        length_ms = parse_duration(text)
    except ValueError as error:
        raise click.UsageError(f"--for: {error}") from None
    if not 0 < length_ms <= DAYS_MAX * DAY_MS:
        raise click.UsageError(
            f'--for: found {text!r}; write more than "0s" and at most "{DAYS_MAX}d", or leave it out for no end'
        )
    return length_ms


def have(config: Config, base: Path, do: Callable[[Ledger], Awaitable[Done]]) -> Done:
    """Have the ledger of a file do something. Raises LedgerError where nothing was begun."""
    place = place_of(config, base)
    if look(place) is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    if place.url.startswith("memory:"):
        raise ConfigError("ledger.url: a ledger in memory is its worker's own: nobody else reaches it; end the worker")
    check_written(place)
    place = recognised(place)

    async def done() -> Done:
        ledger = open_ledger(place, terms.rules_of(config), clock, lambda _: None)
        try:
            return await do(ledger)
        finally:
            await ledger.close()

    return asyncio.run(done())
