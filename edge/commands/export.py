"""`antirelou export`: the replies that were paid, a row each, to be held against the provider's bill or kept."""

import csv
import datetime as dt
import sys
from pathlib import Path

import click

from edge.commands.common import FILE
from edge.configfile import load
from edge.errors import LedgerError
from edge.ledger.opening import look, paid, pinned
from edge.setup import place_of
from edge.units import format_money

HEAD = ("time", "sender", "segments", "price", "currency")
NUMBER = "number"
"""One more column where there are several numbers, the last one, so that the others keep their places."""


@click.command()
@FILE
def export(file: Path) -> int:
    """Write the replies that the ledger of FILE has paid as CSV, a row each, the oldest first: time, hash of the sender, segments, price; of several numbers, which one was written to. Nothing else is written."""
    config = load(file)
    place = place_of(config, file.parent)
    if look(place) is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    several = len(config.numbers) > 1
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*HEAD, NUMBER) if several else HEAD)
    for reply in paid(place):
        time = dt.datetime.fromtimestamp(reply.at_ms / 1000, dt.UTC).isoformat(timespec="milliseconds")
        segments = reply.segments or ""  # an earlier version did not keep them
        row = (time, reply.sender.hex(), segments, format_money(reply.micros), config.price.currency)
        writer.writerow((*row, reply.number) if several else row)  # blank where it was not kept: see Paid
    return 0
