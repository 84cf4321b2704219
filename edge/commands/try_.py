"""`antirelou try` and `antirelou explain`: what would be done with a message, and why. Nothing is written, logged or shown of the number."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from edge.commands.common import FILE, JSON, many
from edge.commands.ours import index_of, sender_of, to_option
from edge.commands.status import until_said
from edge.config import Config
from edge.configfile import load
from edge.core.answering.gate import Gate
from edge.core.charging.charge import Totals
from edge.core.charging.states import States
from edge.core.kept.hours import week_begins, week_of
from edge.core.kept.pause import end_of, is_paused
from edge.core.limits.bucket import UNUSED
from edge.core.showing.prospect import Prospect, foresee
from edge.core.showing.shareleft import shares_left
from edge.core.showing.status import left_of
from edge.core.text.segments import count_received
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.ledger.opening import hours, look, states, totals
from edge.meaning import terms
from edge.setup import place_of
from edge.system.clock import clock
from edge.units import SECOND_MS, divide_up, format_duration, format_money

WHY = {
    Reason.PAUSED: "the number is paused",
    Reason.NOT_A_PERSON: "the sender is no person's number: a short code, a word, withheld, our own number, or one that its country gives to nobody",
    Reason.OPTED_OUT: "the text is one word such as STOP, START or HELP, or the sender was answered before and has sent STOP since",
    Reason.UNSERVED: "no prefix of price.reply matches the sender",
    Reason.SENDER_LIMIT: "the sender has had what limit.sender grants",
    Reason.BLOCK_LIMIT: "the sender's block of numbers has had what limit.block grants",
    Reason.PACE_LIMIT: "all replies together have used up what the pace holds now (budget.per-day, budget.burst), but for what is kept (knock)",
    Reason.KITTY_SPENT: "what is left of the kitty does not pay for the reply",
    Reason.ANSWERED: "nothing speaks against it",
}
"""The reasons of docs/reference/reasons.md that a new message can meet, in words for a terminal."""
OVER = "the day is over until which the kitty was to last (budget.lasts-until), so nobody is answered"
"""Why there is no pace any more."""
INPUT_MAX = 1_000
"""Bytes of standard input: a number is 16."""
_AN_ID = "antirelou try"
"""No provider's id of a message."""


class Outlook:
    """What a file and its ledger would do with a message, and the snapshot that says so."""

    def __init__(self, file: Path, sender: str, text: str, to: str | None) -> None:
        config = load(file)
        index = 0 if to is None else index_of(config, to)
        place, rules = place_of(config, file.parent), terms.rules_of(config)
        found = look(place)
        nothing = Totals({}, 0, 0, UNUSED, clock())
        held = nothing if found is None else totals(place, rules, clock())
        known = [] if found is None else hours(place, week_begins(held.now_ms))
        purse = terms.purse_after(config, held, known)
        gate = Gate(
            rules=rules,
            routes=terms.routes_of(config, purse, index),
            own=[number.phone for number in config.numbers],
            paused=config.paused,
            block_digits=config.limit.block.digits,
            key=b"" if found is None else found.hash_key,
            number=terms.payer_of(config, index),
        )
        self.config = config
        self.totals = held
        self.note = _note(place.url, begun=found is not None) or terms.silence_of(config, held.now_ms)
        self.is_over = terms.is_over(config, held.now_ms)
        own = msgspec.structs.replace(rules, block=gate.block_limit_of(sender))
        self.prospect = foresee(
            Message(sender, text, _AN_ID, segments=count_received(text)),
            gate=gate,
            rules=rules,
            receiving=terms.receiving_of(config, index),
            totals=held,
            week=week_of(known, held.now_ms),
            states=States() if found is None else states(place, own, *gate.keys_of(sender)),
        )
        left_micros, self.pace_left_micros = left_of(held, purse)
        if config.numbers[1:]:
            self.pace_left_micros = shares_left(held, purse, terms.phones_of(config))[index].left_micros
        cost_micros = self.prospect.received_micros + self.prospect.reply_micros
        self.left_micros = max(0, left_micros - cost_micros)
        self.pace_left_micros = min(self.left_micros, max(0, self.pace_left_micros - self.prospect.reply_micros))


@click.command("try")
@FILE
@click.option("--from", "sender", required=True, metavar="NUMBER", help="The sender, such as +33639980001.")
@to_option("Which of our numbers is written to, where there are several.  [default: the first]")
@click.option("--text", default="hello", metavar="TEXT", help="What they write, such as STOP.", show_default=True)
@JSON
def try_(file: Path, sender: str, text: str, to: str | None, *, as_json_: bool) -> int:
    """Say what would be done with a message, and why, by what the ledger of FILE holds now. Nothing is written, and nobody is answered."""
    insight = Outlook(file, sender_of(sender, "--from"), text, to)
    if as_json_:
        click.echo(json.dumps(_as_json(insight), ensure_ascii=False, indent=2))
    else:
        _print(insight)
    return 0


@click.command()
@FILE
@to_option("Which of our numbers is written to, where there are several.  [default: the first]")
@JSON
def explain(file: Path, to: str | None, *, as_json_: bool) -> int:
    """Say what the ledger of FILE knows of the number on standard input, and what would happen if it wrote now. The number stands in no shell history; nothing is stored."""
    insight = Outlook(file, sender_of(_from_input(), "standard input"), "hello", to)
    if as_json_:
        click.echo(json.dumps({"known": _known(insight), "now": _as_json(insight)}, ensure_ascii=False, indent=2))
    else:
        _print_known(insight)
        _print(insight)
    return 0


def _from_input() -> str:
    """Return the number on the first line of standard input."""
    try:
        if sys.stdin.isatty():
            click.echo("number: ", nl=False, err=True)
        content: bytes = sys.stdin.buffer.readline(INPUT_MAX)
    except (AttributeError, OSError, ValueError):  # closed, or none
        raise click.UsageError("standard input cannot be read; write the number there") from None
    number = content.decode("utf-8", "replace").strip()
    if not number:
        raise click.UsageError(
            "standard input: empty; write the number there, such as +33639980001, and not as an option"
        )
    return number


def _note(url: str, *, begun: bool) -> str:
    if url.startswith("memory:"):
        return "a ledger in memory is its worker's own, and nobody else can read it: this is what one that has just started would do"
    return "" if begun else "no ledger was begun there yet: this is what the first message would meet"


def _instant(ms: int | None) -> str | None:
    return None if ms is None else dt.datetime.fromtimestamp(divide_up(ms, SECOND_MS), dt.UTC).isoformat()


def _until(insight: Outlook) -> str | None:
    """Return until when the reason holds, as ISO 8601 has it; None where it has no end, or none that is known."""
    prospect, held = insight.prospect, insight.totals
    if prospect.reason is Reason.PAUSED and not insight.config.paused and is_paused(held.paused_until_ms, held.now_ms):
        return end_of(held.paused_until_ms)
    opens_ms = {
        Reason.SENDER_LIMIT: prospect.sender_opens_ms,
        Reason.BLOCK_LIMIT: prospect.block_opens_ms,
        Reason.PACE_LIMIT: prospect.pace_opens_ms,
    }
    return _instant(opens_ms.get(prospect.reason))


def _reply(config: Config, prospect: Prospect) -> dict[str, Any] | None:
    """Return the reply that would go out."""
    if prospect.reason is not Reason.ANSWERED or prospect.route is None:
        return None
    text = terms.texts_of(config)[prospect.route.reply]
    return {
        "text": text.text,
        "segments": text.segments.segments,
        "encoding": text.segments.encoding.value,
        "price": format_money(prospect.route.cost.micros),
    }


def _as_json(insight: Outlook) -> dict[str, Any]:
    config, prospect = insight.config, insight.prospect
    return {
        "reason": prospect.reason.value,
        "why": OVER if insight.is_over and prospect.reason is Reason.PACE_LIMIT else WHY[prospect.reason],
        "until": _until(insight),
        "again": prospect.again.value,
        "stops": prospect.stops and prospect.states.is_known,
        "reply": _reply(config, prospect),
        "currency": config.price.currency,
        "receiving": format_money(prospect.received_micros),
        "kitty_left": format_money(insight.left_micros),
        "pace_left": format_money(insight.pace_left_micros),
        "note": insight.note or None,
    }


def _print(insight: Outlook) -> None:
    found = _as_json(insight)
    if insight.note:
        click.echo(f"note: {insight.note}")
    until = f"; {until_said(found['until'])}" if found["until"] else ""
    click.echo(f"{found['reason']}: {found['why']}{until}")
    if found["again"] != found["reason"]:
        after = format_duration(insight.config.knock.after)
        click.echo(f"if they write again, {after} later at the earliest: {found['again']}, as things are now")
    if insight.prospect.stops:
        click.echo(
            "from then on they are never answered again"
            if found["stops"]
            else "they were never answered, so there is nothing to silence: if they write again, they get the reply"
        )
    reply, currency = found["reply"], found["currency"]
    if reply:
        click.echo(f"reply: {reply['text']}")
        click.echo(f"  {many(reply['segments'], 'segment')} of {reply['encoding']}, {reply['price']} {currency}")
    else:
        click.echo("reply: none, silence")
    click.echo(f"receiving: {found['receiving']} {currency}")
    click.echo(f"left after it: {found['kitty_left']} {currency}, {found['pace_left']} of it at once")


def _known(insight: Outlook) -> dict[str, Any]:
    """Return what is known of a sender; limits that have room are None."""
    prospect, now_ms = insight.prospect, insight.totals.now_ms
    held = prospect.states

    def shut(opens_ms: int | None) -> str | None:
        return _instant(opens_ms) if opens_ms is not None and opens_ms > now_ms else None

    return {
        "answered": held.is_known,
        "last_answered": _instant(held.answered_ms),
        "opted_out": held.opted_out,
        "sender_limit_until": shut(prospect.sender_opens_ms),
        "block_limit_until": shut(prospect.block_opens_ms),
    }


def _print_known(insight: Outlook) -> None:
    found = _known(insight)
    last = found["last_answered"]
    when = until_said(last).removeprefix("until ") if last else "at a time that an older format did not keep"
    click.echo(f"answered: {'last ' + when if found['answered'] else 'never'}")
    click.echo(f"opted out: {'yes' if found['opted_out'] else 'no'}")
    for name, until in (("limit.sender", found["sender_limit_until"]), ("limit.block", found["block_limit_until"])):
        click.echo(f"{name}: {'used up ' + until_said(until) if until else 'has room'}")
