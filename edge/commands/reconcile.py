"""`antirelou reconcile`: our books against the provider's bill. Nothing is written, and no number is shown."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from edge.billfile import FIELDS, columns_of, read
from edge.commands.common import FILE, many
from edge.config import Config
from edge.configfile import load
from edge.core.gate import key_of
from edge.core.reconciling import Billed, Received, Replies, match, proposals, received, usual_price
from edge.errors import ConfigError, LedgerError
from edge.ledger.opening import hours, look, paid, pinned
from edge.setup import place_of
from edge.units import format_money

SHOWN = 10
"""So many of a kind are named, and the others counted."""
_T = TypeVar("_T")


@click.command()
@FILE
@click.argument("bill", type=click.Path(path_type=Path))
@click.option(
    "--columns",
    metavar="FIELD=COLUMN,…",
    help=f"The columns of BILL: {', '.join(FIELDS)}.  [default: the fields of a message in the provider's API]",
)
def reconcile(file: Path, bill: Path, columns: str | None) -> int:
    """Hold what the ledger of FILE has booked, replies and receiving, against BILL, the provider's export as CSV. Exit 1: there is a difference."""
    config = load(file)
    if len(config.numbers) > 1:
        raise ConfigError(
            f"{file}: number: the books of several numbers are one, and a bill is of one; in this version nothing tells them apart"
        )
    place = place_of(config, file.parent)
    found = look(place)
    if found is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    rows = list(read(bill, columns_of(columns, config.number.provider), config.number.phone))
    if not rows:
        raise ConfigError(
            f"{bill}: no row is of {config.number.phone}; is it the bill of another number, or of no day?"
        )
    replies = match(paid(place), rows, lambda number: key_of(number, found.hash_key))
    click.echo(f"{many(len(rows), 'row')} of this number, from {_time(min(row.at_ms for row in rows))} on")
    differs = _say_replies(replies, rows, config)
    differs |= _say_received(config, received(rows, hours(place, 0)))
    for line in _proposed(rows, config):
        click.echo(line)
    click.echo("there is a difference" if differs else "no difference")
    return 1 if differs else 0


def _say_replies(replies: Replies, rows: Sequence[Billed], config: Config) -> bool:
    """Say what came of the replies; return whether anything is different."""
    theirs = [row for row in rows if row.is_reply]
    ours_micros = sum(ours.micros for ours, _ in replies.matched) + sum(ours.micros for ours in replies.missing)
    click.echo(
        f"replies: {len(replies.matched) + len(replies.missing):,} booked, {format_money(ours_micros)}; {len(theirs):,} billed, "
        f"{format_money(sum(row.micros or 0 for row in theirs))} {config.price.currency}"
    )
    for ours in _some(replies.missing, "missing on the bill"):
        click.echo(f"  missing on the bill: {_time(ours.at_ms)}, {format_money(ours.micros)}")
    for row in _some(replies.extra, "extra on the bill"):
        click.echo(f"  extra on the bill: line {row.line}, {_time(row.at_ms)}, {_price(row)}")
    for ours, row in _some(replies.priced, "differently priced"):
        click.echo(f"  differently priced: line {row.line}, booked {format_money(ours.micros)}, billed {_price(row)}")
    unpriced = sum(row.micros is None for row in theirs)
    if unpriced:
        click.echo(f"  {many(unpriced, 'row')} without a price yet: export it again later")
    return replies.differs


def _say_received(config: Config, both: tuple[Received, Received]) -> bool:
    """Say what came of receiving; return whether anything is different."""
    ours, theirs = both
    click.echo(
        f"received: {many(ours.messages, 'message')} booked, {format_money(ours.micros)}; {theirs.messages:,} billed, "
        f"{format_money(theirs.micros)} {config.price.currency}"
    )
    more = theirs.messages - ours.messages
    if more:
        what = "extra on the bill" if more > 0 else "missing on the bill"
        click.echo(f"  {what}: {many(abs(more), 'message')}; hours are compared as a whole, so give whole days")
    if theirs.unpriced:
        click.echo(f"  {many(theirs.unpriced, 'message')} without a price yet: export it again later")
    priced = not theirs.unpriced and not more and ours.micros != theirs.micros
    if priced:
        click.echo(f"  differently priced: {format_money(theirs.micros - ours.micros)} more on the bill")
    return bool(more) or priced


def _proposed(rows: Sequence[Billed], config: Config) -> Iterator[str]:
    """Yield the prices that the bill has in most of its rows, where they are not those of the file."""
    price = config.price_at(0)
    for prefix, (ours, bill) in proposals(rows, price.reply).items():
        yield f'proposed: price.reply "{prefix}" = "{format_money(bill)}" (the file has {format_money(ours)})'
    bill_received = usual_price(row for row in rows if not row.is_reply)
    if bill_received is not None and bill_received != price.received:
        yield f'proposed: price.received = "{format_money(bill_received)}" (the file has {format_money(price.received)})'


def _some(found: Sequence[_T], what: str) -> Iterator[_T]:
    """Yield the first ones of many, and say how many there are beyond."""
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        click.echo(f"  {what}: {len(found) - SHOWN:,} more")


def _price(row: Billed) -> str:
    return "no price yet" if row.micros is None else format_money(row.micros)


def _time(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
