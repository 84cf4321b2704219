"""Whether the number is to be detached: what the ledger says is put before :mod:`edge.core.detaching.detach`, by whoever holds the lease.

What was received lately is remembered by one worker only, and begun anew by who takes over; all else is in the ledger.
"""

from collections.abc import Callable, Sequence
from secrets import SystemRandom

from edge.core.charging.charge import Totals
from edge.core.charging.intake import Intake, Sums
from edge.core.charging.ledger import Ledger
from edge.core.detaching.detach import Seen, Terms, wanted
from edge.core.detaching.webhook import after_time_off, attached_again
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import Hour, hour_of, week_begins
from edge.units import HOUR_MS

_CHANCE = SystemRandom()


class Deciding:
    """One worker's part in it."""

    def __init__(
        self,
        *,
        detach: str,
        terms: Terms,
        intake: Callable[[Totals, Sequence[Hour]], Intake],
        sums: Callable[[Totals], Sums],
        sight: Callable[[Totals, Sequence[Hour]], Seen],
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        """Take what the file says: `no`, `say` or `yes`, and what tells of the ledger's sums what bears on it."""
        self._detach = detach
        self._terms = terms
        self._make_intake = intake
        self._sums = sums
        self._sight = sight
        self._chance = chance
        self._intake: Intake | None = None
        self._hours: Sequence[Hour] = ()
        self._hour_ms = 0
        self._as_if = Attachment()
        """What would be wanted, where it is only said."""

    async def decide(
        self, ledger: Ledger, totals: Totals, before: Attachment, *, may_detach: bool, anew: bool
    ) -> Attachment:
        """Return what is wanted from now on; `may_detach` says whether the provider has what may be taken away."""
        if self._detach == "no":
            return self._by_hand_only(before, totals.now_ms)
        intake = self._intake
        if intake is None or anew:
            intake = self._intake = self._make_intake(totals, await ledger.hours(0))
        if hour_of(totals.now_ms) != self._hour_ms:
            self._hour_ms, self._hours = hour_of(totals.now_ms), await ledger.hours(week_begins(totals.now_ms))
        is_said = self._detach == "say"
        was = self._as_if if is_said else before
        intake.feed(self._sums(totals), max(was.since_ms, before.since_ms))
        if was.attached and not (may_detach or is_said):
            return was
        now = wanted(was, intake, self._sight(totals, self._hours), self._terms, self._chance())
        if not is_said:
            return now
        self._as_if = now
        return self._by_hand_only(before, totals.now_ms)

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
