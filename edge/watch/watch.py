"""The watch: one worker of all finds out what must be known, and has it said.

1. Each worker asks for the lease four times in its length; one holds it. Whoever holds it goes on from the notes that are kept
   with it. What is decided is written before it is said, and that it was said afterwards.
2. While the ledger is away nobody holds a lease. Then one worker of each machine says so (:mod:`edge.state.voice`).
3. The lease is given back at the end; of a worker that dies it is taken over when it has run out.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import msgspec

from edge.core.alerting.alert import Link
from edge.core.alerting.deliveries import add, take_over
from edge.core.alerting.floodwatch import Minute
from edge.core.alerting.saying import say
from edge.core.alerting.watching import AlertTerms, Due, Notes, Seen, Tended, events
from edge.core.charging.charge import Totals
from edge.core.charging.ledger import Ledger
from edge.core.charging.running import Running
from edge.core.kept.lease import Lease
from edge.core.showing.forecast import Purse
from edge.core.showing.shareleft import shares_left
from edge.core.wire.reason import again_in, received_in
from edge.errors import LedgerDown
from edge.state.voice import Voice
from edge.units import SECOND_MS
from edge.watch.channels import Channels
from edge.watch.delivery import Delivery
from edge.watch.heartbeat import Heartbeat
from edge.watch.hours import day_and_minute
from edge.watch.reading import Reading
from edge.watch.tending import Tending

LENGTH_MS = 10 * SECOND_MS
"""The length of a lease: with a quarter of it until somebody looks again, it is taken over within 13 seconds."""
LOOKS = 4
DOWN_MS = 10 * SECOND_MS
"""So long the ledger is away before it is said; shorter ones mend themselves."""
FINISH_S = 2.0
"""So long the end of a worker waits for calls that are under way."""


class Watch:
    """One worker's part in it."""

    def __init__(
        self,
        *,
        ledger: Callable[[], Ledger],
        clock: Callable[[], int],
        terms: AlertTerms,
        purse: Purse,
        anew: Callable[[Totals], tuple[AlertTerms, Purse]] | None = None,
        zone: ZoneInfo,
        channels: Channels,
        voice: Voice,
        heartbeat: Heartbeat | None = None,
        tending: Sequence[Tending] = (),
        links_of: Callable[[Due], Sequence[Link]] = lambda _: (),
        count_senders: Callable[[int], int | None] = lambda _: None,
        length_ms: int = LENGTH_MS,
    ) -> None:
        """Take the parts; `anew` tells the terms and the purse at each look, where the pace is not the file's."""
        self.pause_s = length_ms / LOOKS / SECOND_MS
        self._ledger = ledger
        self._clock = clock
        self._terms = terms
        self._purse = purse
        self._anew = anew
        self._zone = zone
        self._channels = channels
        self._voice = voice
        self._heartbeat = heartbeat
        self._tending = tending
        self._received = Running()
        self._count_senders = count_senders
        self._length_ms = length_ms
        self._holder = secrets.token_hex(8)
        self._notes = Notes()
        self._kept = ""
        self._delivery = Delivery(channels, terms.language, links_of)
        self._own_notes = Notes()
        self._own_delivery = Delivery(channels, terms.language)
        self._away_ms: int | None = None
        self._may_have_said = True

    async def look(self) -> None:
        """Look once: whoever holds the lease says what is to be said."""
        now_ms = self._clock()
        try:
            await self._look()
        except LedgerDown:
            self._say_away(now_ms)
        else:
            self._say_back(now_ms)

    async def close(self) -> None:
        """Finish what is being said, as far as it takes no time, and give the lease back."""
        await self._delivery.finish(FINISH_S)
        await asyncio.gather(*(one.finish(FINISH_S) for one in self._tending))
        self._voice.release()
        lease = await self._ask()
        if lease.is_held:
            self._delivery.settle(self._notes, lease.now_ms)
            await self._ledger().watch(self._holder, 0, _encoded(self._notes))

    async def _look(self) -> None:
        ledger = self._ledger()
        lease = await self._ask()
        if not lease.is_held:
            return
        totals = await ledger.totals()
        tended = await self._tend(ledger, lease, totals)
        self._delivery.settle(self._notes, lease.now_ms)
        terms, purse = (self._terms, self._purse) if self._anew is None else self._anew(totals)
        alerts = events(self._notes, self._seen(lease, totals, tended, purse), terms)
        add(self._notes, alerts, self._channels.names, lease.now_ms)
        calls = self._delivery.mark(self._notes, lease.now_ms)
        if await self._keep():
            self._delivery.begin(calls)
            if self._heartbeat is not None:
                self._heartbeat.beat()

    async def _tend(self, ledger: Ledger, lease: Lease, totals: Totals) -> list[Tended]:
        """Look after each number; what they have received is read once for all of them."""
        reading, received, several = Reading(ledger), self._received, any(one.number for one in self._tending)
        received.feed(totals, await reading.hours_of_each(received.begins(totals.now_ms)) if several else {})
        return [
            await one.look(reading, lease, totals, received.inflow(one.number), self._holds) for one in self._tending
        ]

    async def _holds(self) -> bool:
        """Return whether the lease is still ours, and renew it."""
        lease = await self._ledger().watch(self._holder, self._length_ms)
        if lease.is_held and lease.is_new:  # somebody else's meanwhile: begin with what they have kept, next time
            await self._ledger().watch(self._holder, 0)
        return lease.is_held and not lease.is_new

    async def _ask(self) -> Lease:
        """Ask for the lease, and take the notes over that come with a new one."""
        lease = await self._ledger().watch(self._holder, self._length_ms)
        if lease.is_new:
            self._delivery.forget()
            self._notes, self._kept = _decoded(lease.notes.encode()), lease.notes
            take_over(self._notes, lease.now_ms)
        return lease

    async def _keep(self) -> bool:
        """Have the notes kept, if they are not; return whether the lease is still ours."""
        encoded = _encoded(self._notes)
        if encoded == self._kept:
            return True
        lease = await self._ledger().watch(self._holder, self._length_ms, encoded)
        if lease.is_held and not lease.is_new:
            self._kept = encoded
            return True
        if lease.is_held:  # it was somebody else's meanwhile: begin with what they have kept, next time
            await self._ledger().watch(self._holder, 0)
        return False

    def _seen(self, lease: Lease, totals: Totals, tended: Sequence[Tended], purse: Purse) -> Seen:
        now_ms = self._clock()
        left_micros = max(0, purse.kitty_micros - totals.spent_micros)
        pace_micros = min(left_micros, purse.pace_left_micros(totals.pace, totals.now_ms))
        day, minute_of_day = day_and_minute(self._zone, now_ms)
        first_micros = min(left_micros, purse.first_left_micros(totals.pace, totals.reserve, totals.now_ms))
        shares = shares_left(totals, purse, self._terms.numbers)
        least = min(shares, key=lambda share: share.first_micros, default=None)
        return Seen(
            lease.now_ms,
            sums_of(totals),
            first_micros if least is None else least.first_micros,
            purse.lasts_until(left_micros, pace_micros, now_ms).isoformat(),
            day,
            minute_of_day,
            lease.noted,
            tended,
            "" if least is None else least.where,
            self._count_senders,
        )

    def _say_away(self, now_ms: int) -> None:
        """Say for this machine that the ledger is away, once it has been for a while."""
        if self._away_ms is None or now_ms < self._away_ms:
            self._away_ms = now_ms
        self._may_have_said = True
        if now_ms - self._away_ms >= DOWN_MS and self._speaks(now_ms):
            if self._own_notes.is_news("ledger_down", holds=True, ends=False):
                self._add_own("ledger_down", now_ms)
            self._speak(now_ms)

    def _say_back(self, now_ms: int) -> None:
        """Say that it is back, if this machine has said that it was away."""
        self._away_ms = None
        if not self._may_have_said or not self._speaks(now_ms):
            return
        if "ledger_down" in self._own_notes.said:
            self._own_notes.is_news("ledger_down", holds=False, ends=True)
            self._add_own("ledger_back", now_ms)
        self._speak(now_ms)
        if not self._own_notes.due:
            self._may_have_said = False
            self._voice.release()

    def _speaks(self, now_ms: int) -> bool:
        """Return whether this worker speaks for its machine; who has just begun to goes on from what was said."""
        had = self._voice.is_taken
        if not self._voice.take():
            return False
        if not had:
            self._own_delivery.forget()
            self._own_notes = _decoded(self._voice.notes)
            take_over(self._own_notes, now_ms)
        return True

    def _add_own(self, name: str, now_ms: int) -> None:
        add(self._own_notes, [say(self._terms.language, name)], self._channels.names, now_ms)

    def _speak(self, now_ms: int) -> None:
        self._own_delivery.settle(self._own_notes, now_ms)
        calls = self._own_delivery.mark(self._own_notes, now_ms)
        self._voice.keep(_encoded(self._own_notes).encode())
        self._own_delivery.begin(calls)


def sums_of(totals: Totals) -> Minute:
    """Return the sums that the watch looks at."""
    return Minute(
        received_in(totals.counts),
        again_in(totals.counts),
        totals.replies,
        totals.replies_micros,
        totals.received_micros,
    )


def notes_of(kept: str) -> Notes:
    """Return the notes of the watch as they are kept, for whoever only reads them."""
    return _decoded(kept.encode())


def _encoded(notes: Notes) -> str:
    return msgspec.json.encode(notes).decode()


def _decoded(notes: bytes) -> Notes:
    """Return notes as they were kept; those of another version, which cannot be read, are begun anew."""
    try:
        return msgspec.json.decode(notes, type=Notes) if notes else Notes()
    except msgspec.DecodeError:
        return Notes()
