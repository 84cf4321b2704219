"""`antirelou check`: what follows from the static file, before anybody pays for it."""

import asyncio
import json
from pathlib import Path

import click

from edge.commands.bill import receiving_lines
from edge.commands.common import FILE, JSON, many
from edge.commands.detaching import detach_lines
from edge.config import Config
from edge.configfile import load
from edge.core.kept.hours import week_begins
from edge.core.people import plans
from edge.core.seen.knocks import DISTANCE as KNOCKS
from edge.core.seen.sightings import DISTANCE
from edge.core.showing.bill import Bill
from edge.core.showing.bill import as_json as bill_as_json
from edge.core.showing.forecast import Purse
from edge.errors import ConfigError
from edge.ledger.opening import Place, hours, look, others_said, pinned, totals, warnings
from edge.meaning import chance, insight, terms
from edge.meaning.findings import Findings, as_json, examine
from edge.setup import api_risks, lacks, left_said, place_of, state_of, state_risk
from edge.system.clock import clock
from edge.units import format_duration, format_money


@click.command()
@FILE
@JSON
def check(file: Path, *, as_json_: bool) -> int:
    """Say what follows from FILE: segments, prices, the worst day, how long the kitty lasts; and what `serve` would refuse here. Nothing is written."""
    try:
        config = load(file)
    except ConfigError as error:
        if as_json_:
            click.echo(json.dumps({"ok": False, "errors": [str(error)], "warnings": []}))
        raise
    findings = findings_of(config, file.parent)
    if as_json_:
        click.echo(json.dumps(as_json(findings), ensure_ascii=False, indent=2))
    else:
        _print_findings(findings, config)
    return 1 if findings.errors else 0


def findings_of(config: Config, base: Path) -> Findings:
    """Return what follows from a file, and what `serve` would refuse here; nothing is written."""
    findings = examine(config, clock())
    findings.errors.extend(error for error in lacks(config, base) if error not in findings.errors)
    if not findings.errors:
        _add_ledger(findings, config, base)
    return findings


def _add_ledger(findings: Findings, config: Config, base: Path) -> None:
    """Add what a ledger, or this machine, may forget, or that the ledger is still to be begun."""
    place = place_of(config, base)
    found = look(place)
    if found is not None:
        _foresee(findings, config, place)
    else:
        findings.notes.append(
            f"ledger.url: there is none yet at {pinned(place).url}: `serve` begins it, nothing spent{others_said(place)}"
        )
    findings.warnings.extend(asyncio.run(warnings(place)))
    state = state_risk(config, state_of(config, base, place), found, findings.purse)
    findings.warnings.extend(filter(None, [state, *api_risks(config, base)]))


def _foresee(findings: Findings, config: Config, place: Place) -> None:
    """Go on from what is left, and from what receiving has cost of late."""
    found = totals(place, terms.rules_of(config), clock())
    findings.warnings.extend(left_said(config, found))
    week = hours(place, week_begins(found.now_ms))
    findings.purse = terms.purse_after(config, found, week)
    findings.bill = insight.foreseen(config, findings.purse, found, week)
    findings.lasts_until = findings.bill.lasts_until.isoformat()


def _print_findings(findings: Findings, config: Config) -> None:
    currency = config.price.currency
    for text in findings.texts:
        counted = text.segments
        click.echo(
            f"reply to {', '.join(text.prefixes)}: {many(counted.segments, 'segment')} ({counted.units} units of {counted.encoding})"
        )
    for prefix, (reply, exchange) in findings.prices.items():
        click.echo(f"price in {prefix}: {format_money(reply)} {currency} a reply, {format_money(exchange)} an exchange")
    if findings.purse and findings.bill:
        is_over = terms.is_over(config, clock())
        _print_purse(findings, findings.purse, findings.bill, currency, is_over=is_over)
        receiving = receiving_lines(bill_as_json(findings.bill), currency, is_over=is_over)
        for line in filter(
            None,
            (
                _share_line(findings.purse, config),
                _knock_line(findings.purse, config, is_over=is_over),
                _detached_knock_line(findings.purse, config),
                chance.limit_line(config),
                chance.line(config),
                *receiving,
            ),
        ):
            click.echo(line)
    for line in detach_lines(findings.receiving, currency) if findings.receiving else ():
        click.echo(line)
    for note in findings.notes:
        click.echo(f"note: {note}")
    for warning in findings.warnings:
        click.echo(click.style("warning: ", fg="yellow") + warning)
    for error in findings.errors:
        click.echo(click.style("error: ", fg="red", bold=True) + error)
    if not findings.errors:
        click.echo(click.style("the file holds", fg="green"))


def _share_line(purse: Purse, config: Config) -> str:
    """Say what each of several numbers has of the pace; blank where there is one."""
    numbers, currency = len(config.numbers), config.price.currency
    if numbers == 1:
        return ""
    part = purse.part(numbers)
    return (
        f"numbers: {numbers}, each with a share of the pace: {format_money(part.per_day_micros)} {currency} a day and "
        f"{format_money(part.burst_micros)} at once"
    )


def _knock_line(purse: Purse, config: Config, *, is_over: bool) -> str:
    """Say when a first message is answered, and what is kept for who writes again."""
    reserve = purse.reserve
    if reserve is None:
        is_small = config.knock.share != 0 and not is_over
        why = ": its share of what goes at once does not pay the dearest reply" if is_small else ""
        return f"knock: nothing is kept for who writes again{why}"
    currency, first_micros = config.price.currency, purse.burst_micros - reserve.burst_micros
    return (
        f"knock: {format_money(reserve.burst_micros)} {currency} at once is kept for who writes again "
        f"{format_duration(config.knock.after)} later, up to {config.knock.most} messages a day; {format_money(first_micros)} is for "
        f"first ones, which are all answered while no flood is on; {KNOCKS:,} senders are remembered"
    )


def _detached_knock_line(purse: Purse, config: Config) -> str:
    """Say what the second knock and detaching take from each other; blank where there is only one of them."""
    if purse.reserve is None or config.receiving.detach != "yes":
        return ""
    return (
        "knock: while a number is detached nobody is seen to write, or to write again: a large flood detaches it, and the knock gains "
        "nobody there; in a small one who knocks can be paid, so it stays attached, and receiving is paid for"
    )


def _print_purse(findings: Findings, purse: Purse, bill: Bill, currency: str, *, is_over: bool) -> None:
    click.echo(f"kitty: {format_money(purse.kitty_micros)} {currency} buys {findings.kitty_buys:,} exchanges")
    click.echo(
        f"pace: {format_money(purse.per_day_micros)} {currency} a day and {format_money(purse.burst_micros)} at once; "
        f"worst hour {format_money(bill.worst_hour_micros)}, worst day {format_money(bill.worst_day_micros)}"
    )
    click.echo(
        f"lasts until {findings.lasts_until}, which is over: nobody is answered"
        if is_over
        else f"lasts until {findings.lasts_until} if every day spends all of it"
    )
    click.echo(f"people: by the numbering plans of {plans.MADE} ({plans.SOURCE})")
    click.echo(
        f"receiving: booked once a message, however often it is delivered while fewer than {DISTANCE:,} others come"
    )
    click.echo(f"memory: at most {many(findings.live_buckets_max, 'sender')} at once in a worker, however many write")
