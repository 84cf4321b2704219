"""What came lately, what it cost and the flood that is on, for the terminal: the same facts as on the page at `/status`."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.commands.common import many
from edge.config import Config
from edge.core.alerting.watching import Notes
from edge.core.charging.charge import Totals
from edge.core.kept.minutes import day_begins
from edge.core.seen.knocks import senders_since
from edge.core.showing.history import Lately, lately_begins, lately_of, month_begins
from edge.core.showing.overview import Onlooker, Overview, Statement
from edge.ledger.opening import Place, hours, hours_of_each, look, minutes, minutes_of_each
from edge.meaning import insight, terms
from edge.setup import state_of
from edge.state.folder import State
from edge.system.clock import clock
from edge.units import format_money


def read_overview(config: Config, base: Path, place: Place, found: Totals, onlooker: Onlooker) -> Overview:
    """Return what a ledger says of the last month, as of its totals; nothing is written. Raises LedgerError.

    What the watch has noted is not read: the flood follows from the minutes, and nothing is known of the alerts.
    """
    month, day = hours(place, month_begins(found.now_ms)), minutes(place, day_begins(found.now_ms))
    statement = Statement(found, month, day, Notes(), {}, lately_of_each(config, place, found.now_ms))

    def count_senders(ago_ms: int) -> int | None:
        begun = look(place)
        noted = begun and State(state_of(config, base, place), begun.owner).knocks_noted()
        return senders_since(noted, clock() - ago_ms) if noted else None

    return insight.overview_now(config, statement, onlooker, alerts_are_set=False, count_senders=count_senders)


def lately_of_each(config: Config, place: Place, now_ms: int) -> Mapping[str, Lately]:
    """Return what came lately to each number, where there are several; nothing is written. Raises LedgerError."""
    if not terms.phones_of(config):
        return {}
    minutes_ms, hours_ms = lately_begins(now_ms)
    return lately_of(minutes_of_each(place, minutes_ms), hours_of_each(place, hours_ms), now_ms)


def lines_of(seen: Overview) -> Iterator[str]:
    """Yield what came lately, line by line."""
    flood = seen.flood
    if flood is not None:
        since = dt.datetime.fromtimestamp(flood.since_ms // 1000, dt.UTC)
        senders = "" if flood.senders is None else f" from at least {many(flood.senders, 'sender')}"
        yield (
            f"a flood since {since:%Y-%m-%d %H:%M} UTC: {flood.messages:,} messages{senders}, {flood.again:,} of people who had had "
            f"their answer, {flood.replies:,} answered; it has cost {format_money(flood.cost_micros)} {seen.currency}, and "
            f"would have cost {format_money(flood.without_micros)} without a gate"
        )
    for period in seen.periods:
        replies = many(period.replies, "reply", "replies")
        yield f"last {period.name + ':':6} {period.messages:,} messages, {replies}"
    day = seen.day
    if day is not None:
        until = f"; at that pace until {seen.lasts_until}" if seen.lasts_until else ""
        yield (
            f"in the last day: {format_money(day.replies_micros)} {seen.currency} on replies, "
            f"{format_money(day.received_micros)} on receiving{until}"
        )
