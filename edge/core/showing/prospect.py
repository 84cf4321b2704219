"""What would be done with a message, and why: by the gate and the books' own decision, on a snapshot in which nothing is written."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import cast

import msgspec

from edge.core.answering.gate import Gate
from edge.core.charging.books import admit, pace_now
from edge.core.charging.charge import Charge, Totals
from edge.core.charging.entry import Entry
from edge.core.charging.pace import cost_at
from edge.core.charging.question import OptOut, Question, Route
from edge.core.charging.shares import Share, shares_of
from edge.core.charging.states import States
from edge.core.charging.watermarks import Watermarks
from edge.core.kept.hours import Growth, Week
from edge.core.kept.pause import is_paused
from edge.core.limits.bucket import clear_at, grants_from
from edge.core.limits.refusal import is_above
from edge.core.limits.rules import Cost, Rules
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.core.wire.receiving import Receiving


class Prospect(msgspec.Struct, frozen=True):
    """What would be done with a message now."""

    reason: Reason
    received_micros: int
    """What receiving it costs."""
    states: States
    """What the ledger holds of the sender."""
    route: Route | None
    """Where a sender leads whom the ledger would be asked about."""
    sender_opens_ms: int | None
    """From when on a limit has room for them, by the ledger's time: an instant that is over where it has. None: never, or not asked."""
    block_opens_ms: int | None
    pace_opens_ms: int | None
    again: Reason
    """What they would meet if they wrote once more, some minutes later, with all else as it is now: the same, unless the pace is short."""
    stops: bool
    """Whether it asks for silence for ever."""

    @property
    def reply_micros(self) -> int:
        """What the reply costs; nothing where there is none."""
        return self.route.cost.micros if self.route and self.reason is Reason.ANSWERED else 0


class _Snapshot:
    """Books that are only read."""

    def __init__(self, totals: Totals, states: States, week: Week) -> None:
        self.growth = Growth()
        self.spent_micros = totals.spent_micros
        self._totals, self._states, self._week = totals, states, week

    def week(self) -> Week:
        return self._week

    def per_day(self, kitty_micros: int, until_ms: int) -> int | None:
        """Return the pace of the hour, if it was worked out for that; else it is what whoever comes first would work out."""
        hourly = self._totals.hourly
        return None if hourly is None else hourly.per_day(kitty_micros, until_ms)

    def keep_per_day(self, kitty_micros: int, until_ms: int, per_day_micros: int) -> None:
        """Nothing is written."""

    def find(self, _: Charge) -> Entry:
        totals, states = self._totals, self._states
        return Entry(
            paused_until_ms=totals.paused_until_ms,
            paid=False,
            opted_out=states.opted_out,
            sender=states.sender,
            block=states.block,
            pace=totals.pace,
            spent_micros=self.spent_micros,
            reserve=totals.reserve,
        )

    def shares(self) -> Mapping[str, Share]:
        return self._totals.shares

    def keep_shares(self, shares: Mapping[str, Share]) -> None:
        """Nothing is written."""

    def receive(self, micros: int) -> None:
        """Nothing is written."""

    def count(self, counts: Mapping[Reason, int]) -> None:
        """Nothing is written."""

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Nothing is written."""


def foresee(
    message: Message, *, gate: Gate, rules: Rules, receiving: Receiving, totals: Totals, states: States, week: Week
) -> Prospect:
    """Return what a worker that has just started would do with a new message at the instant of `totals`.

    `gate` is a fresh one, `week` what receiving cost lately; `states` is what the ledger holds of the message's sender.
    """
    received_micros, now_ms = receiving.price_micros(message), totals.now_ms
    gate.pause(paused=is_paused(totals.paused_until_ms, now_ms))
    judged = gate.judge(message, received_micros, now_ms, received_micros)
    block_limit = gate.block_limit_of(message.sender)
    route, pace_opens_ms, again = None, None, None
    if isinstance(judged, Question):
        route = judged.route
        cost, paced = route.cost, pace_now(_Snapshot(totals, states, week), rules, now_ms)
        if paced is not None:  # a worker that has just started has not heard it
            cost = cost_at(cost.micros, paced, rules.sharing)
        pace_opens_ms = _pays_first_from(cost, _share(totals, rules, judged.charge.number))
        charges = judged.charge, msgspec.structs.replace(judged.charge, knock=True)
        reason, again = (
            admit(_Snapshot(totals, states, week), rules, Watermarks(), charge, now_ms).reason for charge in charges
        )
    elif isinstance(judged, OptOut):
        reason = Reason.OPTED_OUT
    else:
        reason = cast("Reason", judged)  # a gate that knows no message id has no retry
    return Prospect(
        reason,
        received_micros,
        states,
        route,
        sender_opens_ms=grants_from(rules.sender, clear_at(rules.sender, states.sender)),
        block_opens_ms=grants_from(block_limit, clear_at(block_limit, states.block)),
        pace_opens_ms=pace_opens_ms,
        again=again or reason,
        stops=isinstance(judged, OptOut),
    )


def _share(totals: Totals, rules: Rules, number: str) -> Share:
    """Return what is used of the share of a number; of the whole pace where there is one."""
    shares = shares_of(totals.shares, rules.numbers, totals.pace, totals.reserve) if rules.numbers else {}
    return shares.get(number) or Share(totals.pace, totals.reserve)


def _pays_first_from(cost: Cost, share: Share) -> int | None:
    """Return from when on the pace pays a first message, what is kept for others left aside; None where it never does."""
    pace = clear_at(cost.pace, share.pace)
    from_ms, kept = grants_from(cost.pace, pace), cost.reserve
    if from_ms is None or kept is None:
        return from_ms
    known = pace, clear_at(kept.limit, share.reserve)
    instants = range(from_ms, max(from_ms, share.pace.at_ms) + cost.pace.refill_ms + 1)
    return instants[bisect_left(instants, True, key=lambda at_ms: is_above(cost, known, at_ms))]  # noqa: FBT003  what is looked for
