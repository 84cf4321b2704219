"""A ledger in this process's memory: for tests and for trying things out. It forgets everything when it ends.

The ledgers of several workers may share one set of books, as they would share a file.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from edge.core.charging.books import admit, tell
from edge.core.charging.charge import Charge, Decision, Tally, Totals
from edge.core.charging.entry import Entry
from edge.core.charging.ledger import Hear
from edge.core.charging.shares import Share
from edge.core.charging.watermarks import Watermarks
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Button, used_after
from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import KEPT_COUNT, KEPT_MS, Growth, Hour, Week, grown, hour_of, week_of
from edge.core.kept.instant import BEGINNING, Instant
from edge.core.kept.lease import NOTED, Held, Lease, ask, noted
from edge.core.kept.minutes import KEPT_COUNT as MINUTES_KEPT
from edge.core.kept.minutes import KeptMinute, grown_minute, minute_of
from edge.core.kept.paid import Paid
from edge.core.kept.pause import NOT_PAUSED, is_paused, paused_until
from edge.core.limits.bucket import UNUSED, Bucket
from edge.core.limits.rules import Rules, Standing
from edge.core.wire.reason import Reason
from edge.units import DAY_MS

Kept = TypeVar("Kept", Hour, KeptMinute)


class MemoryBooks:
    """Books in memory: all that a file would hold."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.order: list[str] = []
        """The same ids, as they were paid."""
        self.senders: dict[bytes, Bucket] = {}
        self.blocks: dict[bytes, Bucket] = {}
        self.opted_out: set[bytes] = set()
        self.counts: dict[Reason, int] = {}
        self.pace = self.reserve = UNUSED
        self.kept_shares: Mapping[str, Share] = {}
        self.instant = BEGINNING
        self.replies_micros = 0
        self.received_micros = 0
        self.told: dict[str, Watermarks] = {}
        self.hours: dict[int, Hour] = {}
        self.minutes: dict[int, KeptMinute] = {}
        self.number_hours: dict[int, dict[str, Hour]] = {}
        self.number_minutes: dict[int, dict[str, KeptMinute]] = {}
        """Those of each of several numbers, by their beginning."""
        self.growth = Growth()
        self.paused_until_ms = NOT_PAUSED
        self.attachments: dict[str, Attachment] = {}
        self.used: list[str] = []
        """The buttons that were used."""
        self.paid: list[Paid] = []
        self.held = Held()
        self.noted: dict[str, list[int]] = {what: [] for what in NOTED}
        self.now_ms = 0
        self.paces: dict[int, Hourly] = {}
        """The pace of an hour: of the last one only."""

    @property
    def spent_micros(self) -> int:
        """The money that is gone from the kitty."""
        return self.replies_micros + self.received_micros

    @property
    def is_attached(self) -> bool:
        """Whether all of our numbers are to be delivered to."""
        return all(attachment.attached for attachment in self.attachments.values())

    def week(self) -> Week:
        """Return what receiving has cost in the last seven days."""
        return week_of(list(self.hours.values()), self.now_ms)

    def per_day(self, kitty_micros: int, until_ms: int) -> int | None:
        """Return the pace of the hour, if it was worked out for that."""
        hourly = self.paces.get(hour_of(self.now_ms))
        return None if hourly is None else hourly.per_day(kitty_micros, until_ms)

    def keep_per_day(self, kitty_micros: int, until_ms: int, per_day_micros: int) -> None:
        """Keep the pace of the hour."""
        self.paces = {hour_of(self.now_ms): Hourly(per_day_micros, kitty_micros, until_ms)}

    def find(self, charge: Charge) -> Entry:
        """Return what bears on a charge."""
        return Entry(
            paused_until_ms=self.paused_until_ms,
            paid=charge.message_id in self.ids,
            opted_out=charge.sender in self.opted_out,
            sender=self.senders.get(charge.sender, UNUSED),
            block=self.blocks.get(charge.block, UNUSED),
            pace=self.pace,
            spent_micros=self.spent_micros,
            reserve=self.reserve,
        )

    def shares(self) -> Mapping[str, Share]:
        """Return the share of each number."""
        return self.kept_shares

    def keep_shares(self, shares: Mapping[str, Share]) -> None:
        """Keep them."""
        self.kept_shares = shares

    def receive(self, micros: int) -> None:
        """Add what receiving has cost."""
        self.received_micros += micros

    def count(self, counts: Mapping[Reason, int]) -> None:
        """Add to the tally."""
        for reason, count in counts.items():
            self.counts[reason] = self.counts.get(reason, 0) + count

    def keep_hour(self, now_ms: int, *, begins: bool, numbers: Sequence[str] = ()) -> None:
        """Add what the step has added to its hour, which may be there without anything in it, and to its minute.

        The same of each of several numbers.
        """
        growth, self.growth = self.growth, Growth()
        if not growth.is_nothing:
            self._keep_minute(now_ms, growth)
        if begins or not growth.is_nothing:
            at_ms = hour_of(now_ms)
            hour = grown(self.hours.get(at_ms), at_ms, growth)
            self.hours[at_ms] = msgspec.structs.replace(hour, is_attached=hour.is_attached and self.is_attached)
            oldest_ms = next(iter(self.hours))
            if len(self.hours) > KEPT_COUNT and oldest_ms < now_ms - KEPT_MS:
                del self.hours[oldest_ms]
                self.number_hours.pop(oldest_ms, None)
        self._keep_numbers(now_ms, growth.numbers, numbers)

    def _keep_minute(self, now_ms: int, growth: Growth) -> None:
        at_ms = minute_of(now_ms)
        self.minutes[at_ms] = grown_minute(self.minutes.get(at_ms), at_ms, growth)
        oldest_ms = next(iter(self.minutes))
        if len(self.minutes) > MINUTES_KEPT and oldest_ms < now_ms - DAY_MS:
            del self.minutes[oldest_ms]
            self.number_minutes.pop(oldest_ms, None)

    def _keep_numbers(self, now_ms: int, grew: Mapping[str, Growth], begun: Sequence[str]) -> None:
        at_ms, minute_ms = hour_of(now_ms), minute_of(now_ms)
        for number in {*begun, *grew}:
            hours = self.number_hours.setdefault(at_ms, {})
            hour = grown(hours.get(number), at_ms, grew.get(number, Growth()))
            attached = hour.is_attached and self.attachments.get(number, Attachment()).attached
            hours[number] = msgspec.structs.replace(hour, is_attached=attached)
        for number, growth in grew.items():
            minutes = self.number_minutes.setdefault(minute_ms, {})
            minutes[number] = grown_minute(minutes.get(number), minute_ms, growth)

    def pay(self, charge: Charge, entry: Entry, now_ms: int) -> None:
        """Write a charge with the states after it."""
        self.ids[charge.message_id] = now_ms
        self.order.append(charge.message_id)
        self.paid.append(Paid(now_ms, charge.sender, charge.segments, charge.cost.micros, charge.number))
        self.replies_micros += charge.cost.micros
        self.senders[charge.sender] = entry.sender
        self.blocks[charge.block] = entry.block
        self.pace = entry.pace
        self.reserve = entry.reserve


class MemoryLedger:
    """One worker's view of books in memory."""

    def __init__(
        self, rules: Rules, clock: Callable[[], int], hear: Hear, books: MemoryBooks | None = None, teller: str = ""
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._books = books or MemoryBooks()
        self._hear = hear
        self._teller = teller
        self._told = self._books.told.setdefault(teller, Watermarks()) if teller else Watermarks()
        self._seen = 0

    async def admit(self, charge: Charge) -> Decision:
        """Charge a reply, or say why not."""
        instant = self._instant()
        self._books.now_ms = instant.now_ms
        decision = admit(self._books, self._rules, self._told, charge, instant.now_ms)
        self._books.keep_hour(instant.now_ms, begins=False)
        if decision.reason is Reason.ANSWERED:
            self._books.instant = instant
        self._tell_news()
        return decision

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again, if they ever were."""
        known = sender in self._books.senders
        if known:
            self._books.opted_out.add(sender)
        self._tell_news()
        return known

    async def tell(self, tally: Tally) -> Standing:
        """Add what a worker has seen since it last told; return what holds now for all workers."""
        instant = self._instant()
        self._books.now_ms = instant.now_ms
        pace = tell(self._books, self._rules, self._told, tally, instant.now_ms)
        self._books.keep_hour(instant.now_ms, begins=True, numbers=self._rules.numbers)
        if instant.is_behind:
            self._books.instant = instant
        self._tell_news()
        return Standing(is_paused(self._books.paused_until_ms, instant.now_ms), pace)

    async def pause(self, for_ms: int | None) -> int:
        """Pay no reply for so long; return when it ends."""
        books, books.instant = self._books, self._instant()
        books.paused_until_ms = paused_until(books.paused_until_ms, for_ms, books.instant.now_ms)
        self._tell_news()
        return books.paused_until_ms

    async def resume(self) -> bool:
        """Pay replies again; return whether it was paused."""
        books, books.instant = self._books, self._instant()
        was_paused = is_paused(books.paused_until_ms, books.instant.now_ms)
        books.paused_until_ms = NOT_PAUSED
        self._tell_news()
        return was_paused

    async def keep_attachment(self, phone: str, before: Attachment, after: Attachment) -> bool:
        """Keep what is wanted of a number, if it is still as it was before."""
        books, instant = self._books, self._instant()
        is_same = books.attachments.get(phone, Attachment()) == before
        for kept in (before, after) if is_same else ():  # the hour in which it begins, and the one in which it ends
            books.attachments[phone] = kept
            books.keep_hour(instant.now_ms, begins=True, numbers=[n for n in self._rules.numbers if n == phone])
            books.instant = instant
        self._tell_news()
        return is_same

    async def press(self, button: Button, for_ms: int) -> int | None:
        """Pause for so long by a button; return when the pause ends, or None where it does not count."""
        used = used_after(self._books.used, button, self._instant().now_ms)
        if used is None:
            return None
        self._books.used = used
        return await self.pause(for_ms)

    async def press_to_detach(self, button: Button, phone: str, before: Attachment, after: Attachment) -> bool | None:
        """Keep by a button what is wanted of a number, if it counts and the number is still as it was before."""
        if self._books.attachments.get(phone, Attachment()) != before:
            return False
        used = used_after(self._books.used, button, self._instant().now_ms)
        if used is None:
            return None
        self._books.used = used
        return await self.keep_attachment(phone, before, after)

    async def watch(self, holder: str, length_ms: int, notes: str | None = None) -> Lease:
        """Ask for the lease on the watch."""
        books, now_ms = self._books, self._instant().now_ms
        books.held, is_held, is_new = ask(books.held, holder, length_ms, notes, now_ms)
        self._tell_news()
        return Lease(is_held, is_new, books.held.notes, dict(books.noted), now_ms)

    async def note(self, what: str) -> None:
        """Note for the watch that something has happened."""
        self._books.noted[what] = noted(self._books.noted[what], self._instant().now_ms)
        self._tell_news()

    async def forget(self) -> None:
        """Forget how far the teller's sums are known, since they are gone."""
        self._books.told.pop(self._teller, None)

    async def totals(self) -> Totals:
        """Return the sums over all workers."""
        books, now_ms = self._books, self._instant().now_ms
        counts = {**books.counts, Reason.ANSWERED: len(books.ids)}
        self._tell_news()
        return Totals(
            counts,
            books.replies_micros,
            books.received_micros,
            books.pace,
            now_ms,
            next(reversed(books.ids.values()), 0),
            books.paused_until_ms,
            dict(books.attachments),
            books.reserve,
            books.kept_shares,
            books.paces.get(hour_of(now_ms)),
        )

    async def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours that began at an instant or after it."""
        self._tell_news()
        return [hour for at_ms, hour in self._books.hours.items() if at_ms >= since_ms]

    async def minutes(self, since_ms: int) -> list[KeptMinute]:
        """Return the minutes that began at an instant or after it."""
        self._tell_news()
        return [minute for at_ms, minute in self._books.minutes.items() if at_ms >= since_ms]

    async def hours_of_each(self, since_ms: int) -> Mapping[str, list[Hour]]:
        """Return the same hours of each of several numbers."""
        self._tell_news()
        return _of_each(self._books.number_hours, since_ms)

    async def minutes_of_each(self, since_ms: int) -> Mapping[str, list[KeptMinute]]:
        """Return the same minutes of each of several numbers."""
        self._tell_news()
        return _of_each(self._books.number_minutes, since_ms)

    async def close(self) -> None:
        """Nothing waits, and nothing is kept."""

    def _instant(self) -> Instant:
        return self._books.instant.at(self._clock())

    def _tell_news(self) -> None:
        news = tuple(self._books.order[self._seen :])
        self._seen += len(news)
        if news:
            self._hear(news)


def _of_each(kept: Mapping[int, Mapping[str, Kept]], since_ms: int) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = {}
    for at_ms, numbers in kept.items():
        for number, one in numbers.items() if at_ms >= since_ms else ():
            found.setdefault(number, []).append(one)
    return found
