"""`antirelou status`: what the number has answered, what it has cost, and what is left."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from edge.commands.bill import receiving_lines
from edge.commands.common import FILE, JSON, many
from edge.commands.lately import lately_of_each, lines_of, read_overview
from edge.commands.live import show
from edge.config import Config
from edge.configfile import load
from edge.core.charging.charge import Totals
from edge.core.kept.hours import week_begins
from edge.core.showing.overview import Onlooker
from edge.core.wire.reason import Reason
from edge.errors import LedgerError
from edge.ledger.opening import Place, hours, look, pinned, totals
from edge.meaning import insight, terms
from edge.providers import provider_type
from edge.setup import place_of
from edge.system.clock import clock

ENTER = (
    "enter number.url there, as the address for incoming messages (`antirelou number FILE attach` does it where it may)"
)
"""What is left to do by hand."""


@click.command()
@FILE
@JSON
@click.option("--watch", "-w", is_flag=True, help="Go on, anew every two seconds, until Ctrl-C.")
def status(file: Path, *, as_json_: bool, watch: bool) -> int:
    """Say what the number of FILE has answered, what came lately, what it has cost, and what is left."""
    onlooker = Onlooker()

    def text() -> str:
        if as_json_:
            return json.dumps(read_status(file), indent=None if watch else 2)
        return "\n".join(_lines(file, onlooker))

    if watch:
        show(_going_on(text))
    else:
        click.echo(text())
    return 0


def read_status(path: Path) -> dict[str, Any]:
    """Return what `/status.json` shows, read from the ledger itself: it works while no worker runs, and writes nothing.

    Raises LedgerError where nothing was begun.
    """
    config, place, found = _read(path)
    return _status(config, place, found)


def _read(path: Path) -> tuple[Config, Place, Totals]:
    config = load(path)
    place = place_of(config, path.parent)
    if look(place) is None:
        raise LedgerError(f"{pinned(place).url}: no ledger was begun there yet; `antirelou serve` begins it")
    return config, place, totals(place, terms.rules_of(config), clock())


def _status(config: Config, place: Place, found: Totals) -> dict[str, Any]:
    lately = lately_of_each(config, place, found.now_ms)
    return insight.status_now(config, found, hours(place, week_begins(found.now_ms)), lately)


def _going_on(text: Callable[[], str]) -> Callable[[], str]:
    """Return the same, but that a ledger which does not answer meanwhile is shown as that."""
    seen = False

    def anew() -> str:
        nonlocal seen
        try:
            now = text()
        except LedgerError as error:
            if not seen:
                raise
            return f"the ledger does not answer: {error}"
        seen = True
        return now

    return anew


def until_said(until: str | None) -> str:
    """Return when a pause ends, for people."""
    return f"until {time_said(until)}" if until else "without an end"


def attachment_lines(attachment: dict[str, Any]) -> Iterator[str]:
    """Yield what is known of the number at the provider, where there is anything to say."""
    if not attachment["attached"]:
        by_hand = "by hand" if attachment["by_hand"] else str(attachment["why"]).replace("_", " ")
        until = until_said(attachment["until"]) if attachment["until"] else "until it is attached again"
        asked = "" if attachment["settled"] else "; the provider does not know it yet"
        yield f"detached since {time_said(attachment['since'])} ({by_hand}), {until}{asked}"
    if attachment["trouble"]:
        yield f"trouble at the provider: {attachment['trouble']}. If nothing comes in: {ENTER}"


def time_said(instant: str | None) -> str:
    """Return an instant for people."""
    return instant.replace("T", " ").replace("+00:00", " UTC") if instant else "the beginning"


def _doubt_lines(config: Config, found: dict[str, Any]) -> Iterator[str]:
    """Say where to look while requests come and none has verified; afterwards those that do not are strangers'."""
    if found["messages"] or found["by_reason"].keys().isdisjoint({Reason.BAD_SIGNATURE, Reason.NOT_FOUND}):
        return
    yield "nothing has verified yet: if that is the provider, the worker's log says what would"
    notes = {number.provider: provider_type(number.provider).note for number in config.numbers}
    yield from (f"  {name}: {note}" for name, note in notes.items() if note)


def _lines(path: Path, onlooker: Onlooker) -> Iterator[str]:
    config, place, held = _read(path)
    found = _status(config, place, held)
    currency = found["currency"]
    if found["silent"]:
        yield f"silent: {found['silent']}"
    yield f"{found['messages']:,} messages, {many(found['replies'], 'reply', 'replies')}"
    for reason, count in found["by_reason"].items():
        yield f"  {reason:14} {count:,}"
    yield from _doubt_lines(config, found)
    if found["paused"]:
        yield f"paused {until_said(found['paused_until'])}"
    for number in found.get("numbers", [{"number": "", "attachment": found["attachment"]}]):
        for line in attachment_lines(number["attachment"]):
            yield f"{number['number']} {line}".lstrip()
    for phone in insight.left_behind(config, held):
        yield f"{phone} may be detached, and is not in the file any more: write it there again, and attach it; or enter its address at the provider"
    spent = found["spent"]
    yield f"spent: {spent['replies']} {currency} on replies, {spent['received']} on receiving"
    is_over = terms.is_over(config, held.now_ms)
    until = f"its last day, {found['lasts_until']}, is over" if is_over else f"until {found['lasts_until']}"
    yield f"left: {found['kitty_left']} {currency}, {found['pace_left']} of it at once; {until}"
    for number in found.get("numbers", ()):
        yield (
            f"  {number['number']:14} {many(number['replies'], 'reply', 'replies')}, {number['pace_left']} of its share at once; "
            f"{many(number['messages_last_hour'], 'message')} in the last hour, {number['messages_last_day']:,} in the last day"
        )
    bill = found["bill"]
    exchanges = ", ".join(f"{cost} in {prefix}" for prefix, cost in bill["exchanges"].items())
    yield f"an exchange of one segment in: {exchanges} {currency}"
    yield f"replies: worst hour {bill['worst_hour']} {currency}, worst day {bill['worst_day']}"
    yield from receiving_lines(bill, currency, is_over=is_over)
    yield from lines_of(read_overview(config, path.parent, place, held, onlooker))
