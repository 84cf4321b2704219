"""`antirelou reconcile`: our books against the provider's bill. Nothing is written, and no number is shown."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from edge.billfile import FIELDS, columns_of, read
from edge.clock import clock
from edge.commands.accountbill import DAYS, days_of, read_bill
from edge.commands.common import FILE, many
from edge.config import Config
from edge.configfile import load
from edge.core.answering.gate import key_of
from edge.core.kept.hours import Hour
from edge.core.showing.reconciling import (
    Billed,
    Received,
    Replies,
    Span,
    match,
    proposals,
    received,
    span_of,
    usual_price,
)
from edge.errors import ConfigError, LedgerError
from edge.ledger.opening import hours, look, paid, pinned
from edge.setup import place_of
from edge.units import format_money

SHOWN = 10
"""So many of a kind are named, and the others counted."""
_T = TypeVar("_T")


@click.command()
@FILE
@click.argument("bill", type=click.Path(path_type=Path), required=False)
@click.option(
    "--columns",
    metavar="FIELD=COLUMN,…",
    help=f"The columns of BILL: {', '.join(FIELDS)}.  [default: the fields of a message in the provider's API]",
)
@click.option("--api", is_flag=True, help="Read the bill from the provider's API instead, with the key of the file.")
@click.option("--since", metavar="DAY", help=f"The first day of it, in UTC.  [default: {DAYS} days up to the last]")
@click.option("--until", metavar="DAY", help="The last day of it, in UTC.  [default: yesterday]")
def reconcile(
    file: Path, bill: Path | None, columns: str | None, *, api: bool, since: str | None, until: str | None
) -> int:
    """Hold what the ledger of FILE has booked, replies and receiving, against BILL, the provider's export as CSV, or against its API. Exit 1: there is a difference. 2: the bill cannot be had."""
    if (bill is None) != api:
        raise click.UsageError("a bill comes as a file or from the API: name BILL, or write --api")
    if api and columns is not None:
        raise click.UsageError("--columns: of a file; leave it out with --api")
    if not api and (since, until) != (None, None):
        raise click.UsageError("--since and --until: of --api; a file has the days that it has")
    config = load(file)
    if len(config.numbers) > 1:
        raise ConfigError(
            f"{file}: number: the books of several numbers are one, and a bill is of one; in this version nothing tells them apart"
        )
    place = place_of(config, file.parent)
    found = look(place)
    if found is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    kept = hours(place, 0)
    rows, span = _from_api(config, kept, since, until) if bill is None else _from_file(config, bill, columns)
    replies = match(paid(place), rows, lambda number: key_of(number, found.hash_key), span)
    differs = _say_replies(replies, config)
    differs |= _say_received(config, received(rows, kept, span))
    for line in _proposed([row for row in rows if span.holds(row.at_ms)], config):
        click.echo(line)
    click.echo("there is a difference" if differs else "no difference")
    return 1 if differs else 0


def _from_file(config: Config, bill: Path, columns: str | None) -> tuple[list[Billed], Span]:
    """Return the rows of a file, and say how many there are."""
    rows = list(read(bill, columns_of(columns, config.number.provider), config.number.phone))
    if not rows:
        raise ConfigError(
            f"{bill}: no row is of {config.number.phone}; is it the bill of another number, or of no day?"
        )
    span = span_of(rows)
    click.echo(f"{many(len(rows), 'row')} of this number, from {_time(span.from_ms)} on")
    return rows, span


def _from_api(config: Config, kept: Sequence[Hour], since: str | None, until: str | None) -> tuple[list[Billed], Span]:
    """Return what the provider's API has, and say how much that is."""
    now_ms = clock()
    days = days_of(since, until, began_ms=kept[0].at_ms if kept else now_ms, now_ms=now_ms)
    rows, span = read_bill(config, days), days.span
    count = sum(span.holds(row.at_ms) for row in rows)
    click.echo(
        f"{many(count, 'message')} of this number at {config.number.provider}, {days.first} to {days.last} (UTC)"
    )
    return rows, span


def _say_replies(replies: Replies, config: Config) -> bool:
    """Say what came of the replies; return whether anything is different."""
    theirs = [*(row for _, row in replies.matched), *replies.extra]
    ours_micros = sum(ours.micros for ours, _ in replies.matched) + sum(ours.micros for ours in replies.missing)
    click.echo(
        f"replies: {len(replies.matched) + len(replies.missing):,} booked, {format_money(ours_micros)}; {len(theirs):,} billed, "
        f"{format_money(sum(row.micros or 0 for row in theirs))} {config.price.currency}"
    )
    for ours in _some(replies.missing, "missing on the bill"):
        click.echo(f"  missing on the bill: {_time(ours.at_ms)}, {format_money(ours.micros)}")
    for row in _some(replies.extra, "extra on the bill"):
        click.echo(f"  extra on the bill: {_where(row)}, {_time(row.at_ms)}, {_price(row)}")
    for ours, row in _some(replies.priced, "differently priced"):
        click.echo(f"  differently priced: {_where(row)}, booked {format_money(ours.micros)}, billed {_price(row)}")
    unpriced = sum(row.micros is None for row in theirs)
    if unpriced:
        click.echo(f"  {many(unpriced, 'reply', 'replies')} without a price yet: look again later")
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
        click.echo(f"  {many(theirs.unpriced, 'message')} without a price yet: look again later")
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


def _where(row: Billed) -> str:
    return row.id or f"line {row.line}"


def _price(row: Billed) -> str:
    return "no price yet" if row.micros is None else format_money(row.micros)


def _time(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
