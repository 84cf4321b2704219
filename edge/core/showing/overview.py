"""What the page at `/status` shows: the money, the history, the flood that is on, and the health of the parts. No numbers, no texts.

It follows from what the ledger holds, so it is the same from every worker, and after a restart; but how many senders a flood
has is as the machine has noted it (:mod:`edge.core.seen.knocks`).
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import msgspec

from edge.core.alerting.floodwatch import TEN_MINUTES, FloodWatch, Minute
from edge.core.alerting.watching import Notes
from edge.core.charging.charge import Totals
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute, day_begins
from edge.core.kept.pause import WITHOUT_END_MS, is_paused
from edge.core.showing.forecast import Purse, date
from edge.core.showing.history import Day, Lately, Period, day_of, periods_of
from edge.core.showing.shareleft import ShareLeft
from edge.core.showing.status import left_of
from edge.core.wire.reason import Reason, received_in
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS

CountSenders = Callable[[int], int | None]
"""How many senders wrote at least, within so many milliseconds; None where nobody notes it."""
SENDERS_MS = 10_000
FRESH_MINUTES = 5
"""Notes of a watch that has not looked for longer say nothing of now."""


class Flood(msgspec.Struct, frozen=True):
    """The flood that is on."""

    since_ms: int
    messages: int
    again: int
    """Messages of senders who had been answered before."""
    senders: int | None
    """So many different ones wrote at least; None where nobody notes it."""
    replies: int
    cost_micros: int
    without_micros: int
    """What it would have cost to answer each message."""


class Alerts(msgspec.Struct, frozen=True):
    """Whether somebody is told what must be known, and on which channels that fails."""

    are_set: bool
    failing: Sequence[str]


class Overview(msgspec.Struct, frozen=True):
    """What is shown."""

    now_ms: int
    currency: str
    purse: Purse
    left_micros: int
    pace_left_micros: int
    reply_micros: int
    """The price of the cheapest reply."""
    day: Day | None
    lasts_until: dt.date | None
    """At the pace of the last day's whole bill; None where nothing is known of it, or nothing was spent."""
    messages: int
    replies: int
    reasons: Mapping[Reason, int]
    """How often each kind of silence was met, the most frequent first."""
    periods: Sequence[Period]
    flood: Flood | None
    is_paused: bool
    paused_until_ms: int | None
    """When a pause by hand ends by itself; None where it does not, or there is none."""
    silence: str
    """Why the static file has it answer nobody; blank where it does not."""
    last_message_ms: int | None
    """The minute of the last day in which a message last came."""
    signatures_fail: bool
    """Whether what looks like the provider's was refused in the last hour."""
    attachments: Sequence[Attachment]
    """Whether the provider is to deliver what is sent to each number."""
    alerts: Alerts
    shares: Sequence[ShareLeft] = ()
    """Of each number, where there are several."""


class Statement(msgspec.Struct, frozen=True):
    """What a ledger said, as of one instant of its time."""

    totals: Totals
    hours: Sequence[Hour]
    """Those of the last month."""
    minutes: Sequence[KeptMinute]
    """Those of the last day."""
    notes: Notes
    noted: Mapping[str, Sequence[int]]
    lately: Mapping[str, Lately] = {}
    """Of each number, where there are several."""


class Onlooker:
    """Whoever looks for a flood where no watch does: it goes on from minute to minute."""

    def __init__(self) -> None:
        self._watch = FloodWatch()
        self._fed: int | None = None
        self._counted = -1, -1
        self._senders: int | None = None

    def senders(self, since_ms: int, now_ms: int, count: CountSenders) -> int | None:
        """Return how many wrote since an instant; a table is gone through for it, so it is counted once in ten seconds."""
        step = since_ms, now_ms // SENDERS_MS
        if step != self._counted:
            self._counted, self._senders = step, count(now_ms - since_ms)
        return self._senders

    def look(self, minutes: Sequence[KeptMinute], now: int) -> FloodWatch:
        """Return what a watch would know that has looked at the last day, up to the minute that is under way."""
        by_minute = {minute.at_ms // MINUTE_MS: minute for minute in minutes}
        if self._fed is None or not now - DAY_MS // MINUTE_MS <= self._fed <= now:
            self._watch, self._fed = FloodWatch(), min(by_minute, default=now)
        for minute in range(self._fed, now):
            kept = by_minute.get(minute)
            self._watch.feed(Minute() if kept is None else _sums(kept))
        self._fed = now
        return self._watch


def overview_of(
    statement: Statement,
    purse: Purse,
    onlooker: Onlooker,
    *,
    currency: str,
    price_micros: int,
    silence: str,
    alerts_are_set: bool,
    attachments: Sequence[Attachment],
    shares: Sequence[ShareLeft] = (),
    count_senders: CountSenders = lambda _: None,
) -> Overview:
    """Return what is shown; `price_micros` is that of the cheapest reply, in micros."""
    totals, now_ms = statement.totals, statement.totals.now_ms
    left_micros, pace_left_micros = left_of(totals, purse)
    day = day_of(statement.minutes, statement.hours, now_ms)
    by_hand = is_paused(totals.paused_until_ms, now_ms)
    ends = by_hand and totals.paused_until_ms != WITHOUT_END_MS
    return Overview(
        now_ms=now_ms,
        currency=currency,
        purse=purse,
        left_micros=left_micros,
        pace_left_micros=pace_left_micros,
        reply_micros=price_micros,
        day=day,
        lasts_until=date(now_ms + left_micros * DAY_MS // day.micros) if day and day.micros else None,
        messages=received_in(totals.counts),
        replies=totals.replies,
        reasons=_silences(totals),
        periods=periods_of(statement.minutes, statement.hours, now_ms),
        flood=flood_of(statement, onlooker, price_micros, count_senders),
        is_paused=by_hand or bool(silence),
        paused_until_ms=totals.paused_until_ms if ends and not silence else None,
        silence=silence,
        last_message_ms=max((minute.at_ms for minute in statement.minutes if minute.messages), default=None),
        signatures_fail=now_ms - max(statement.noted.get("signature", ()), default=-HOUR_MS) < HOUR_MS,
        attachments=attachments,
        alerts=Alerts(alerts_are_set, statement.notes.failing),
        shares=shares,
    )


def flood_of(
    statement: Statement, onlooker: Onlooker, price_micros: int, count_senders: CountSenders = lambda _: None
) -> Flood | None:
    """Return the flood that is on: as the watch has it, where one looks, or else by the minutes of the last day."""
    now = statement.totals.now_ms // MINUTE_MS
    notes = statement.notes
    if notes.minute is not None and abs(now - notes.minute) <= FRESH_MINUTES:
        watch, last = notes.flood, notes.minute
    else:
        watch, last = onlooker.look(statement.minutes, now), now
    if watch.flood is None:
        return None
    begun_ms = (last - watch.flood_minutes - TEN_MINUTES) * MINUTE_MS
    minutes = [minute for minute in statement.minutes if minute.at_ms >= begun_ms]
    if minutes and begun_ms >= day_begins(
        statement.totals.now_ms
    ):  # its first message is known, and not only when it was noticed
        begun_ms = minutes[0].at_ms
    senders = onlooker.senders(begun_ms, statement.totals.now_ms, count_senders)
    return _flood(begun_ms, minutes, watch.flood, price_micros, senders)


def _flood(since_ms: int, minutes: Sequence[KeptMinute], seen: Minute, price_micros: int, senders: int | None) -> Flood:
    """Return the sums of a flood; its minutes say more than the watch, as long as all of them are kept."""
    sums = Minute(
        sum(minute.messages for minute in minutes),
        sum(minute.again for minute in minutes),
        sum(minute.replies for minute in minutes),
        sum(minute.replies_micros for minute in minutes),
        sum(minute.received_micros for minute in minutes),
    )
    sums = max(sums, seen, key=lambda minute: minute.messages)
    return Flood(
        since_ms,
        sums.messages,
        sums.again,
        senders,
        sums.replies,
        sums.replies_micros + sums.received_micros,
        sums.received_micros + sums.messages * price_micros,
    )


def _sums(minute: KeptMinute) -> Minute:
    return Minute(minute.messages, minute.again, minute.replies, minute.replies_micros, minute.received_micros)


def _silences(totals: Totals) -> dict[Reason, int]:
    silences = {reason: count for reason, count in totals.counts.items() if count and reason.received}
    silences.pop(Reason.ANSWERED, None)
    return dict(sorted(silences.items(), key=lambda item: (-item[1], item[0])))
