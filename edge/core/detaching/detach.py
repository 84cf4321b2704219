"""When silence costs too much: whether a number is to be detached, from time, chance and sums. Pure.

Detach when
(a) nobody can be paid now, and receiving at the rate of the last five minutes would cost as much as 67 messages until the time
    off that would begin is over: nobody could be answered anyway;
(b) receiving in the last hour cost more for each genuine sender expected in it than an answer may;
(c) the kitty is spent, or the number is silent for longer than a time off;
(d) the last resort: receiving has used up a pace of its own.

Attach when the time off is over: half an hour unless told otherwise, six of them from the eleventh detaching within a day on,
each times half to one and a half by chance, so that nobody can aim at its end. After (c) and (d) there is no timer: only when the reason is gone.

Each of several numbers is decided by itself: (a) asks whether its own share of the pace pays anybody, and with (b) goes by what
it has received; kitty, pauses and the pace of receiving are those of all.

docs/explanation/when-silence-costs-too-much.md has what each of these figures is worth.
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from edge.core.charging.intake import Intake
from edge.core.detaching.genuine import Genuine
from edge.core.kept.attachment import Attachment, Why
from edge.units import HOUR_MS

WORTH_MESSAGES = 67
"""A time off in which fewer would come saves less than it may lose."""
MESSAGES_LEAST = 10
LONG_FROM = 11
"""The detaching within a day of times off from which on they are long."""
LONG, MOST = 6, 12
"""A long time off, and the longest that chance may make one; in times off."""


class Times(NamedTuple):
    """What is long and short, in proportion to a time off; for one of half an hour as its words say."""

    off_ms: int

    @property
    def rate_ms(self) -> int:
        """The rate of receiving is that of five minutes."""
        return max(1, self.off_ms // 6)

    @property
    def rate_least_ms(self) -> int:
        """What lasted less than twenty seconds says nothing about a rate."""
        return max(1, self.off_ms // 90)

    @property
    def window_ms(self) -> int:
        """An hour."""
        return self.off_ms * 2

    @property
    def window_least_ms(self) -> int:
        """Less than ten minutes is taken for ten: with two, a thousand messages keep a number off for a day."""
        return max(1, self.off_ms // 3)

    @property
    def day_ms(self) -> int:
        """A day, in which detachings are counted."""
        return self.off_ms * 48

    def off(self, detachings: int) -> int:
        """Return how long a time off is, chance aside, after so many detachings within a day, the one that begins it included."""
        return self.off_ms * (LONG if detachings >= LONG_FROM else 1)


_TIMED = frozenset({Why.NOBODY_PAYABLE, Why.PER_ANSWER})


class DetachTerms(msgspec.Struct, frozen=True):
    """What the static file says of when to detach, in micros."""

    segment_micros: int
    """For receiving one segment."""
    per_answer_micros: int
    people_per_day: int
    per_day_micros: int
    burst_micros: int
    times: Times
    at_once: bool = True
    """Whether replies leave at once: one that is delayed may be paid later, so (a) does not apply."""


class Situation(NamedTuple):
    """What the ledger says at one instant."""

    now_ms: int
    anybody_payable: bool
    """Whether the pace, or the number's share of it, pays a reply to somebody."""
    kitty_pays: bool
    silent_ms: int
    """How long nobody will be answered because of a pause, or of the static file."""
    expected: Genuine


def wanted(was: Attachment, intake: Intake, situation: Situation, terms: DetachTerms, chance: float) -> Attachment:
    """Return what is wanted from now on; the intake has been fed. `chance` is from 0 to 1, and counts where a time off begins."""
    times = terms.times
    detachings = tuple(at_ms for at_ms in was.detachings_ms if at_ms > situation.now_ms - times.day_ms)
    off_ms = times.off(len(detachings) + 1)
    if was.attached:
        why = None if _is_left_alone(was, situation, times) else _why(intake, situation, terms, off_ms)
        if why is None:
            return was
        ends_ms = situation.now_ms + min(MOST * times.off_ms, int(off_ms * (0.5 + chance)))
        return replace(
            was,
            attached=False,
            since_ms=situation.now_ms,
            why=why,
            by_hand=False,
            attach_at_ms=ends_ms if why in _TIMED else None,
            detachings_ms=(*detachings, situation.now_ms),
        )
    if _holds(was, intake, situation, times):
        return was
    why = _endless(intake, situation, silent_ms=0)
    if why is not None:
        return replace(was, why=why, by_hand=False, attach_at_ms=None)
    return replace(
        was,
        attached=True,
        since_ms=situation.now_ms,
        why=None,
        by_hand=False,
        attach_at_ms=None,
        detachings_ms=detachings,
    )


def _is_left_alone(was: Attachment, situation: Situation, times: Times) -> bool:
    """Return whether somebody has attached it by hand a short while ago."""
    return was.by_hand and situation.now_ms < was.since_ms + times.off_ms


def _why(intake: Intake, situation: Situation, terms: DetachTerms, off_ms: int) -> Why | None:
    """Return why an attached number is to be detached."""
    endless = _endless(intake, situation, silent_ms=off_ms)
    if endless is not None:
        return endless
    if terms.at_once and not situation.anybody_payable and _is_worth_it(intake, terms, off_ms):
        return Why.NOBODY_PAYABLE
    return Why.PER_ANSWER if _costs_too_much(intake, situation, terms) else None


def _endless(intake: Intake, situation: Situation, *, silent_ms: int) -> Why | None:
    """Return a reason that no timer ends; a silence counts that is longer than `silent_ms`."""
    if not situation.kitty_pays:
        return Why.KITTY_SPENT
    if situation.silent_ms > silent_ms:
        return Why.PAUSED
    return Why.RECEIVING_PACE if intake.left_micros < 0 else None


def _is_worth_it(intake: Intake, terms: DetachTerms, off_ms: int) -> bool:
    """Return whether enough would come, at the rate of the last minutes, until a time off is over."""
    lately = intake.lately(terms.times.rate_ms)
    span_ms = max(terms.times.rate_least_ms, lately.lasted_ms)
    return 0 < WORTH_MESSAGES * terms.segment_micros * span_ms <= lately.micros * off_ms


def _costs_too_much(intake: Intake, situation: Situation, terms: DetachTerms) -> bool:
    """Return whether receiving cost more for each genuine sender expected than an answer may."""
    lately, expected = intake.lately(terms.times.window_ms), situation.expected
    span_ms = max(terms.times.window_least_ms, lately.lasted_ms)
    may_micros = terms.per_answer_micros * expected.senders * span_ms
    return lately.messages >= MESSAGES_LEAST and lately.micros * expected.hours * HOUR_MS > may_micros


def _holds(was: Attachment, intake: Intake, situation: Situation, times: Times) -> bool:
    """Return whether the reason for which a number is detached is still there."""
    if was.why is Why.KITTY_SPENT:
        return not situation.kitty_pays
    if was.why is Why.PAUSED:
        return situation.silent_ms > 0
    if was.why is Why.RECEIVING_PACE:
        # What comes free in a shorter time would be used up by the next few messages, and the number be detached again.
        ends_ms = was.since_ms + times.off(len(was.detachings_ms))
        return intake.left_micros < 0 or situation.now_ms < ends_ms
    return was.attach_at_ms is None or situation.now_ms < was.attach_at_ms
