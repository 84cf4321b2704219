"""Whether a number is to be detached: what the ledger says is put before :mod:`edge.core.detaching.detach`, by whoever holds the lease.

What was received lately is remembered by one worker only, and begun anew by who takes over; all else is in the ledger.
"""

from collections.abc import Callable, Sequence
from secrets import SystemRandom

from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow, Intake
from edge.core.detaching.detach import DetachTerms, Situation, wanted
from edge.core.detaching.webhook import after_time_off, attached_again
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import Hour, hour_of, week_begins
from edge.units import HOUR_MS
from edge.watch.reading import Reading

_CHANCE = SystemRandom()


class Deciding:
    """One worker's part in it, for one number."""

    def __init__(
        self,
        *,
        detach: str,
        terms: DetachTerms,
        intake: Callable[[Inflow, Sequence[Hour]], Intake],
        situation: Callable[[Totals, Sequence[Hour], Sequence[Hour]], Situation],
        number: str = "",
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        """Take what the file says: `no`, `say` or `yes`; what tells of the ledger what bears on it; and the number, if it is one of several."""
        self._detach = detach
        self._terms = terms
        self._make_intake = intake
        self._situation = situation
        self._number = number
        self._chance = chance
        self._intake: Intake | None = None
        self._hours: Sequence[Hour] = ()
        self._own_hours: Sequence[Hour] = ()
        self._hour_ms = 0
        self._as_if = Attachment()
        """What would be wanted, where it is only said."""

    async def decide(
        self, reading: Reading, totals: Totals, inflow: Inflow, before: Attachment, *, may_detach: bool, anew: bool
    ) -> Attachment:
        """Return what is wanted from now on; `inflow` is the number's, and `may_detach` says whether the provider has what may be taken away."""
        if self._detach == "no":
            return self._by_hand_only(before, totals.now_ms)
        intake = self._intake
        if intake is None or anew:
            intake = self._intake = self._make_intake(inflow, await reading.hours(0))
        if hour_of(totals.now_ms) != self._hour_ms:
            await self._read_hours(reading, totals.now_ms)
        is_said = self._detach == "say"
        was = self._as_if if is_said else before
        intake.feed(inflow, max(was.since_ms, before.since_ms))
        if was.attached and not (may_detach or is_said):
            return was
        situation = self._situation(totals, self._hours, self._own_hours)
        now = wanted(was, intake, situation, self._terms, self._chance())
        if not is_said:
            return now
        self._as_if = now
        return self._by_hand_only(before, totals.now_ms)

    async def _read_hours(self, reading: Reading, now_ms: int) -> None:
        begins_ms = week_begins(now_ms)
        self._hour_ms, self._hours = hour_of(now_ms), await reading.hours(begins_ms)
        self._own_hours = self._hours
        if self._number:
            self._own_hours = (await reading.hours_of_each(begins_ms)).get(self._number, ())

    @property
    def lately_micros(self) -> int:
        """What receiving has cost in the number's window; 0 where nobody looks at that."""
        return 0 if self._intake is None else self._intake.lately(self._terms.times.window_ms).micros

    def advised(self, now_ms: int) -> Attachment | None:
        """Return what would be wanted where it is only said; None where nothing is to be said.

        A flood that goes on is one: what would be attached again is as good as detached for an hour.
        """
        as_if = self._as_if
        if self._detach != "say" or (
            as_if.attached and (not as_if.detachings_ms or now_ms >= as_if.since_ms + HOUR_MS)
        ):
            return None
        return as_if

    @staticmethod
    def _by_hand_only(before: Attachment, now_ms: int) -> Attachment:
        """Return it attached where nobody may detach it but by hand, and it was not so that it was."""
        return after_time_off(before, now_ms) if before.by_hand else attached_again(before, now_ms)
