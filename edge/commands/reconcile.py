"""`antirelou reconcile`: our books against the provider's bill. Nothing is written, and no number is shown."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from edge.billfile import FIELDS, columns_of, read
from edge.commands.accountbill import DAYS, Days, days_of, read_bill
from edge.commands.common import FILE, many
from edge.commands.ours import index_of, to_option
from edge.config import Config
from edge.configfile import load
from edge.core.answering.gate import key_of
from edge.core.showing.booked import Booked
from edge.core.showing.reconciling import (
    Billed,
    Inbound,
    Matching,
    Span,
    proposals,
    span_of,
    usual_price,
)
from edge.errors import ConfigError, LedgerError
from edge.ledger.opening import hours, hours_of_each, look, paid, pinned
from edge.setup import place_of
from edge.system.clock import clock
from edge.units import format_money

SHOWN = 10
"""So many of a kind are named, and the others counted."""
_T = TypeVar("_T")


@click.command()
@FILE
@click.argument("bill", type=click.Path(path_type=Path), required=False)
@to_option("Whose bill it is, where there are several numbers.  [default: each that is on it, or that has a key]")
@click.option(
    "--columns",
    metavar="FIELD=COLUMN,…",
    help=f"The columns of BILL: {', '.join(FIELDS)}.  [default: the fields of a message in the provider's API]",
)
@click.option("--api", is_flag=True, help="Read the bill from the provider's API instead, with the key of the file.")
@click.option("--since", metavar="DAY", help=f"The first day of it, in UTC.  [default: {DAYS} days up to the last]")
@click.option("--until", metavar="DAY", help="The last day of it, in UTC.  [default: yesterday]")
def reconcile(
    file: Path,
    bill: Path | None,
    to: str | None,
    columns: str | None,
    *,
    api: bool,
    since: str | None,
    until: str | None,
) -> int:
    """Hold what the ledger of FILE has booked, replies and receiving, against BILL, the provider's export as CSV, or against its API. Exit 1: there is a difference. 2: the bill cannot be had."""
    if (bill is None) != api:
        raise click.UsageError("a bill comes as a file or from the API: name BILL, or write --api")
    if api and columns is not None:
        raise click.UsageError("--columns: of a file; leave it out with --api")
    if not api and (since, until) != (None, None):
        raise click.UsageError("--since and --until: of --api; a file has the days that it has")
    config = load(file)
    which = range(len(config.numbers)) if to is None else [index_of(config, to)]
    place = place_of(config, file.parent)
    found = look(place)
    if found is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    booked = Booked(
        paid(place),
        hours(place, 0),
        hours_of_each(place, 0),
        lambda number: key_of(number, found.hash_key),
        several=len(config.numbers) > 1,
    )
    if bill is None:
        bills = _from_api(config, which, days_of(since, until, began_ms=_began_ms(booked), now_ms=clock()))
    else:
        bills = _from_file(config, which, bill, columns)
    differs = [_compare(config, booked, index, rows, span) for index, rows, span in bills]
    click.echo("there is a difference" if any(differs) else "no difference")
    return 1 if any(differs) else 0


Bill = tuple[int, list[Billed], Span]
"""The place of a number in the file, the rows of its bill, and the time that they are about."""


def _from_file(config: Config, which: Sequence[int], bill: Path, columns: str | None) -> Iterator[Bill]:
    """Yield the rows of each number in a file, and say how many there are."""
    providers = {config.numbers[index].provider for index in which}
    if len(providers) > 1:
        raise click.UsageError(
            "--to: the numbers of the file are at several providers, and a bill is of one; name the number whose bill it is"
        )
    phones = [config.numbers[index].phone for index in which]
    found = [list(read(bill, columns_of(columns, *providers), phone)) for phone in phones]
    if not any(found):
        raise ConfigError(
            f"{bill}: no row is of {' or '.join(phones)}; is it the bill of another number, or of no day?"
        )
    span = span_of([row for rows in found for row in rows])
    for index, rows in zip(which, found, strict=True):
        if rows:
            click.echo(f"{_of(config, index)}{many(len(rows), 'row')} of this number, from {_time(span.from_ms)} on")
            yield index, rows, span
        else:
            click.echo(f"{_of(config, index)}no row is of this number, so it is not compared")


def _began_ms(booked: Booked) -> int:
    """Return since when anything is booked."""
    return booked.hours[0].at_ms if booked.hours else clock()


def _from_api(config: Config, which: Sequence[int], days: Days) -> Iterator[Bill]:
    """Yield what the API of each number's provider has, and say how much that is."""
    with_key = [index for index in which if config.numbers[index].api_account_env is not None]
    for index in with_key or which[:1]:
        rows, span = read_bill(config, days, index), days.span
        count = sum(span.holds(row.at_ms) for row in rows)
        click.echo(
            f"{_of(config, index)}{many(count, 'message')} of this number at {config.numbers[index].provider}, {days.first} to "
            f"{days.last} (UTC)"
        )
        yield index, rows, span
    for index in which:
        if index not in with_key:
            click.echo(f"{_of(config, index)}not asked: nothing is told without a key")


def _compare(config: Config, booked: Booked, index: int, rows: list[Billed], span: Span) -> bool:
    """Say what came of a number's bill; return whether anything is different."""
    phone = config.numbers[index].phone
    differs = _say_replies(booked.replies(phone, rows, span), config)
    ours, theirs = booked.received(phone, rows, span)
    explained = booked.explained(theirs.messages - ours.messages, span)
    differs |= _say_received(config, ours, theirs, explained)
    for line in _proposed([row for row in rows if span.holds(row.at_ms)], config, index):
        click.echo(line)
    return differs


def _of(config: Config, index: int) -> str:
    """Return how a line begins that is about one of several numbers."""
    return f"{config.where(index)}: " if len(config.numbers) > 1 else ""


def _say_replies(replies: Matching, config: Config) -> bool:
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
    if replies.of_no_number:
        click.echo(
            f"  {many(len(replies.of_no_number), 'reply', 'replies')} paid by an earlier version, or while the file had one number, "
            "may be missing here, or be another number's: it was not kept which"
        )
    return replies.differs


def _say_received(config: Config, ours: Inbound, theirs: Inbound, explained: int) -> bool:
    """Say what came of receiving, where so many messages may be among those that say no number; return whether anything is different."""
    click.echo(
        f"received: {many(ours.messages, 'message')} booked, {format_money(ours.micros)}; {theirs.messages:,} billed, "
        f"{format_money(theirs.micros)} {config.price.currency}"
    )
    more = theirs.messages - ours.messages - explained
    if explained:
        click.echo(
            f"  {many(explained, 'message')} more may be what an earlier version has told, or came while the file had one number: "
            "it was not kept to which"
        )
    if more < 0 and theirs.micros == ours.micros and not theirs.unpriced:
        click.echo(f"  {many(-more, 'delivery', 'deliveries')} of what had come before: counted here, and billed once")
        return False
    if more:
        what = "extra on the bill" if more > 0 else "missing on the bill"
        click.echo(f"  {what}: {many(abs(more), 'message')}; hours are compared as a whole, so give whole days")
    if theirs.unpriced:
        click.echo(f"  {many(theirs.unpriced, 'message')} without a price yet: look again later")
    priced = not (theirs.unpriced or more or explained) and ours.micros != theirs.micros
    if priced:
        click.echo(f"  differently priced: {format_money(theirs.micros - ours.micros)} more on the bill")
    return bool(more) or priced


def _proposed(rows: Sequence[Billed], config: Config, index: int) -> Iterator[str]:
    """Yield the prices that the bill has in most of its rows, where they are not those of the file; of several numbers, its own."""
    price, own = config.price_at(index), f"{config.where(index)}." if len(config.numbers) > 1 else ""
    for prefix, (ours, bill) in proposals(rows, price.reply).items():
        yield f'proposed: {own}price.reply "{prefix}" = "{format_money(bill)}" (the file has {format_money(ours)})'
    bill_received = usual_price(row for row in rows if not row.is_reply)
    if bill_received is not None and bill_received != price.received:
        yield f'proposed: {own}price.received = "{format_money(bill_received)}" (the file has {format_money(price.received)})'


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
