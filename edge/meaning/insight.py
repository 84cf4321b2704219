"""What follows from the static file for those who look on: what is shown, what the watch goes by, when a number is detached. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from edge.config import Config
from edge.core.alerting.watching import AlertTerms
from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow, Intake
from edge.core.charging.shares import Share, shares_of
from edge.core.detaching.detach import DetachTerms, Situation, Times
from edge.core.detaching.genuine import expected
from edge.core.detaching.webhook import NO_WAY
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Act
from edge.core.kept.hours import Hour
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.limits.refusal import is_payable
from edge.core.showing.bill import Bill, bill_of
from edge.core.showing.forecast import Purse
from edge.core.showing.history import Lately
from edge.core.showing.overview import CountSenders, Onlooker, Overview, Statement, overview_of
from edge.core.showing.shareleft import shares_left
from edge.core.showing.status import left_of, status_of
from edge.meaning.terms import (
    cheapest_of,
    cost_of,
    dearest_of,
    exchanges_of,
    payer_of,
    phones_of,
    prices_of,
    purse_after,
    purses_of,
    received_of,
    sharing_of,
    silence_of,
    webhook_paths,
)

GENEROUS = 13
"""So many replies an answer may cost in receiving, and so many messages of each person expected are paid: far above what people
come to, who write one to three times, and far below what a flood does."""
BURST_DAYS = 10
"""So long a last resort takes to fill: a flood of one day is none."""


def foreseen(config: Config, purse: Purse, totals: Totals, hours: Sequence[Hour]) -> Bill:
    """Return the bill that is to be expected after what a ledger holds, by its time."""
    left_micros, pace_left_micros = left_of(totals, purse)
    return bill_of(
        purse,
        exchanges_of(config),
        received_of(config),
        left_micros=left_micros,
        pace_left_micros=pace_left_micros,
        hours=hours,
        now_ms=totals.now_ms,
    )


def status_now(config: Config, totals: Totals, hours: Sequence[Hour], lately: Mapping[str, Lately]) -> dict[str, Any]:
    """Return the status of a number, by its ledger's totals and its hours of the last seven days.

    `lately` is what came to each number, where there are several.
    """
    purse = purse_after(config, totals, hours)
    bill, silence = foreseen(config, purse, totals, hours), silence_of(config, totals.now_ms)
    return status_of(
        totals,
        purse,
        config.price.currency,
        bill,
        silence,
        paused_by_file=config.paused,
        attachments=attachments_of(config, totals),
        shares=shares_left(totals, purse, phones_of(config), lately),
    )


def attachments_of(config: Config, totals: Totals) -> list[Attachment]:
    """Return what is known of each number at its provider; what is wrong where one is detached and nobody can attach it."""
    found = []
    for number in config.numbers:
        attachment = totals.attachments.get(number.phone, Attachment())
        if number.api_account_env is None and not (attachment.attached and attachment.is_settled):
            attachment = msgspec.structs.replace(attachment, trouble=NO_WAY)
        found.append(attachment)
    return found


def left_behind(config: Config, totals: Totals) -> dict[str, Attachment]:
    """Return the numbers that we may have detached, and that the file does not name any more."""
    ours = {number.phone for number in config.numbers}
    return {
        phone: found
        for phone, found in totals.attachments.items()
        if phone not in ours and not (found.attached and found.is_settled)
    }


def overview_now(
    config: Config, statement: Statement, onlooker: Onlooker, *, alerts_are_set: bool, count_senders: CountSenders
) -> Overview:
    """Return what the page shows, by what its ledger said."""
    totals = statement.totals
    purse = purse_after(config, totals, statement.hours)
    return overview_of(
        statement,
        purse,
        onlooker,
        currency=config.price.currency,
        price_micros=cheapest_of(config),
        silence=silence_of(config, totals.now_ms),
        alerts_are_set=alerts_are_set,
        attachments=attachments_of(config, totals),
        shares=shares_left(totals, purse, phones_of(config), statement.lately),
        count_senders=count_senders,
    )


def alert_terms_of(config: Config, purse: Purse) -> AlertTerms:
    """Return what the watch goes by."""
    hours, _, minutes = config.alert.digest.partition(":")
    numbers = phones_of(config)
    part = purse.part(max(1, len(numbers)))
    return AlertTerms(
        language=config.alert.language,
        currency=config.price.currency,
        kitty_micros=int(purse.kitty_micros),  # plain numbers: they are kept in notes
        burst_micros=int(part.burst_micros) - (part.reserve.burst_micros if part.reserve else 0),
        price_micros=cheapest_of(config),
        digest_minute=int(hours) * 60 + int(minutes) if minutes else None,
        quiet_ms=int(config.alert.quiet),
        numbers=tuple(numbers),
    )


def alert_terms_anew(config: Config) -> Callable[[Totals], tuple[AlertTerms, Purse]] | None:
    """Return what tells what the watch goes by after what a ledger holds; None where that is always the same."""
    if config.budget.lasts_until is None:
        return None
    purses = purses_of(config)

    def anew(totals: Totals) -> tuple[AlertTerms, Purse]:
        purse = purses(totals, ())
        return alert_terms_of(config, purse), purse

    return anew


def detach_of(config: Config, index: int | None = None) -> DetachTerms:
    """Return what decides whether to detach the number with an index; what the file leaves out follows from its prices.

    Without an index the prices are the dearest of all numbers. The pace of receiving, and the people expected, are those of all.
    """
    given, segment = config.receiving, received_of(config)
    per_day = given.per_day or GENEROUS * given.people_per_day * segment
    return DetachTerms(
        segment_micros=segment if index is None else config.price_at(index).received,
        per_answer_micros=given.per_answer or GENEROUS * dearest_of(config, index),
        people_per_day=given.people_per_day,
        per_day_micros=per_day,
        burst_micros=given.burst or BURST_DAYS * per_day,
        times=Times(given.time_off),
        at_once=config.reply.after == 0,
    )


def intake_of(config: Config, inflow: Inflow, hours: Sequence[Hour]) -> Intake:
    """Return what was received so far, by a number or by all; `hours` are all that the ledger has kept, of all numbers."""
    detach = detach_of(config)
    return Intake(
        burst_micros=detach.burst_micros,
        per_day_micros=detach.per_day_micros,
        window_ms=detach.times.window_ms,
        hours=hours,
        inflow=inflow,
    )


def situation_of(config: Config, index: int = 0) -> Callable[[Totals, Sequence[Hour], Sequence[Hour]], Situation]:
    """Return what tells all that bears on whether to detach the number with an index.

    From a ledger's totals, and the hours of the last seven days: those of all numbers, and the number's own.
    """
    phone, numbers, sharing = payer_of(config, index), len(config.numbers), sharing_of(config)
    prices, purses = {micros for _, micros in prices_of(config, index).values()}, purses_of(config)

    def situation(totals: Totals, hours: Sequence[Hour], own_hours: Sequence[Hour]) -> Situation:
        now_ms = totals.now_ms
        purse = purses(totals, hours)
        used = Share(totals.pace, totals.reserve)
        if phone:  # what the others have used is not in the way of whoever writes to this one
            used = shares_of(totals.shares, phones_of(config), totals.pace, totals.reserve)[phone]
        costs = [cost_of(purse, micros, sharing) for micros in prices]
        return Situation(
            now_ms=now_ms,
            anybody_payable=any(is_payable(cost, used.pace, used.reserve, now_ms) for cost in costs),
            kitty_pays=any(totals.spent_micros + micros <= config.budget.kitty for micros in prices),
            silent_ms=WITHOUT_END_MS if silence_of(config, now_ms) else max(0, totals.paused_until_ms - now_ms),
            expected=expected(own_hours, now_ms, config.receiving.people_per_day, numbers),
        )

    return situation


def acts_of(config: Config) -> list[Act]:
    """Return what the buttons in alerts may do: nothing where there is no alert, and detach only where the file says that it may be."""
    if not config.alert.to_env:
        return []
    return [Act.SILENCE, Act.DETACH] if config.receiving.detach == "yes" else [Act.SILENCE]


def button_urls_of(config: Config) -> dict[Act, str]:
    """Return the public address of each button, without what makes it one alert's; that of a webhook's path has none."""
    number, paths = urlsplit(config.number.url), webhook_paths(config)
    base = (config.alert.public_url or f"{number.scheme}://{number.netloc}").rstrip("/")
    return {act: f"{base}{act.path}" for act in acts_of(config) if act.path not in paths}
