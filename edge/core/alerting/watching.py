"""What must be known: from sums and instants to events. What was said is part of the notes, so each is said once, and again after it ended.

An event stands in the notes from the moment on at which it is decided until every channel has had it: whoever takes the
watch over goes on with it, so a crash can only say it twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from edge.core.alerting.alert import Alert
from edge.core.alerting.floodwatch import HOUR, TEN_MINUTES, FloodWatch, Minute
from edge.core.alerting.saying import money, off_said, say, senders_said
from edge.core.kept.attachment import Attachment
from edge.units import HOUR_MS, MINUTE_MS

KITTY_PERCENTS = (50, 20, 5)
EMPTY_PERCENT = 0
RESTARTS = 3
RESTARTS_MS = 10 * MINUTE_MS
RECEIVING_OVER = 10
"""So often a busy hour's: far above the usual; and a hundredth of the kitty at least."""
RECEIVING_SHARE = 100
ATTACHMENT = ("detach_wise", "detached", "attachment_trouble")
"""What is said of each number by itself, until it ends."""
PACE_SHARES = (20, 4)
"""The pace is used up below a twentieth of its burst, and is back at a quarter."""


class AlertTerms(msgspec.Struct, frozen=True):
    """What the static file says of alerts and of money."""

    language: str
    currency: str
    kitty_micros: int
    burst_micros: int
    """The most at once for first messages, at each number: what is kept for second ones is not used up by a flood of strangers."""
    price_micros: int
    """The cheapest reply's."""
    digest_minute: int | None
    """Of the day; None for none."""
    quiet_ms: int
    numbers: tuple[str, ...] = ()
    """Ours, in the order of the file, where there are several."""


class Tended(msgspec.Struct, frozen=True):
    """What is known of one of our numbers at its provider."""

    attachment: Attachment | None
    """None where nobody knows at the moment."""
    advised: Attachment | None = None
    """What would be wanted of it, where that is only to be said."""
    where: str = ""
    """Its key in the static file, where there are several."""
    number: str = ""
    """The number itself, by which the notes tell it from the others, where there are several."""


class Seen(msgspec.Struct, frozen=True):
    """What the watch sees at one instant."""

    now_ms: int
    sums: Minute
    """Since the ledger was made."""
    pace_left_micros: int
    """For first messages; of several numbers, in the share of which the least is left."""
    lasts_until: str
    day: str
    """The day and the minute of it where the people are."""
    minute_of_day: int
    noted: Mapping[str, Sequence[int]]
    tended: Sequence[Tended] = ()
    """What is known of each number at its provider; nothing where nobody looks at them."""
    least: str = ""
    """The key of the number whose share has the least left, where there are several."""
    senders: Callable[[int], int | None] = lambda _: None
    """How many wrote at least, within so many milliseconds; None where nobody notes it. Asked only when a flood begins or ends."""


class Due(msgspec.Struct):
    """An alert that some channels have still to be told."""

    alert: Alert
    channels: list[str]
    begun_ms: int
    sending: list[str] = []
    """Those that are being told: it is written before, so that whoever takes over knows that it may have arrived."""
    tries: dict[str, int] = {}
    next_ms: dict[str, int] = {}


class Notes(msgspec.Struct):
    """All that the watch remembers, kept with its lease."""

    flood: FloodWatch = msgspec.field(default_factory=FloodWatch)
    minute: int | None = None
    """The minute that is under way, and the sums at its beginning."""
    sums: Minute = Minute()
    kitty_micros: int = 0
    kitty_percent: int = 100
    """The lowest bound that was said."""
    pace_empty_ms: int | None = None
    said: list[str] = []
    """The events that were said and have not ended."""
    signature_ms: int = 0
    messages: int = 0
    received_ms: int = 0
    """How many messages had come, and when the last one did."""
    digest_day: str = ""
    digest: Minute = Minute()
    """The sums at the last one."""
    due: list[Due] = []
    failing: list[str] = []
    """Channels on which the last alert did not arrive."""

    def is_news(self, name: str, *, holds: bool, ends: bool) -> bool:
        """Return whether an event is to be said: it holds, and was not said since it last ended."""
        if holds and name not in self.said:
            self.said = [*self.said, name]
            return True
        if ends and name in self.said:
            self.said = [other for other in self.said if other != name]
        return False


def events(notes: Notes, seen: Seen, terms: AlertTerms) -> list[Alert]:
    """Return what is to be said now; the notes know it afterwards."""
    if notes.minute is None:
        _begin(notes, seen, terms)
    look = _Look(notes, seen, terms)
    return [
        alert
        for alerts in (
            look.flood,
            look.kitty,
            look.pace,
            look.restarts,
            look.signatures,
            look.quiet,
            look.attachments,
            look.digest,
        )
        for alert in alerts()
    ]


def _begin(notes: Notes, seen: Seen, terms: AlertTerms) -> None:
    """Begin with what there is: what was before is nobody's news."""
    notes.minute, notes.sums, notes.digest = seen.now_ms // MINUTE_MS, seen.sums, seen.sums
    notes.kitty_micros, notes.received_ms, notes.messages = terms.kitty_micros, seen.now_ms, seen.sums.messages
    notes.digest_day = seen.day if seen.minute_of_day >= (terms.digest_minute or 0) else ""
    notes.signature_ms = max(seen.noted["signature"], default=0)


class _Look(msgspec.Struct, frozen=True):
    """One look at one instant."""

    notes: Notes
    seen: Seen
    terms: AlertTerms

    def flood(self) -> Iterator[Alert]:
        """Say that a flood began or ended, and that receiving is far above the usual, minute by minute."""
        notes, minute = self.notes, self.seen.now_ms // MINUTE_MS
        passed = minute - (notes.minute or 0)
        if passed <= 0:
            return
        share = _divided(_less(self.seen.sums, notes.sums), passed)
        notes.minute, notes.sums = minute, self.seen.sums
        for _ in range(min(passed, HOUR)):
            changed = notes.flood.feed(share)
            if changed is not None:
                since_ms = (notes.flood.flood_minutes + TEN_MINUTES) * MINUTE_MS
                senders = senders_said(self.seen.senders(since_ms), self.terms.language)
                name = "flood_began" if notes.flood.flood else "flood_ended"
                yield self._said(name, senders=senders, **self._sums_said(changed))
        yield from self._receiving()

    def _receiving(self) -> Iterator[Alert]:
        flood = self.notes.flood
        hour_micros, usual_micros = flood.sum(HOUR - 1).received_micros, flood.usual(2)
        bound_micros = max(RECEIVING_OVER * usual_micros, self.terms.kitty_micros // RECEIVING_SHARE)
        if self._is_news("receiving_high", holds=hour_micros > bound_micros, ends=hour_micros * 2 < bound_micros):
            yield self._said("receiving_high", received=self._money(hour_micros))

    def kitty(self) -> Iterator[Alert]:
        """Say when it falls below a bound, the lowest one only; that it was raised, after which it is said again."""
        notes, terms, left_micros = self.notes, self.terms, self._left_micros
        if terms.kitty_micros > notes.kitty_micros:
            notes.kitty_percent = 100
            yield self._said("kitty_raised")
        notes.kitty_micros = terms.kitty_micros
        below = [percent for percent in KITTY_PERCENTS if left_micros * 100 < terms.kitty_micros * percent]
        if left_micros < terms.price_micros:
            below.append(EMPTY_PERCENT)
        percent = min(below, default=100)
        if percent < notes.kitty_percent:
            notes.kitty_percent = percent
            yield self._said("kitty_low" if percent else "kitty_empty", percent=percent)

    def pace(self) -> Iterator[Alert]:
        """Say that it, or the share of a number, has been used up for an hour, unless the kitty is empty: then that was said."""
        notes, low_micros, high_micros = self.notes, *(self.terms.burst_micros // share for share in PACE_SHARES)
        left_micros = self.seen.pace_left_micros
        if self._left_micros < self.terms.price_micros or left_micros >= max(high_micros, self.terms.price_micros):
            notes.pace_empty_ms = None
        elif notes.pace_empty_ms is None and left_micros < max(low_micros, self.terms.price_micros):
            notes.pace_empty_ms = self.seen.now_ms
        began_ms = notes.pace_empty_ms
        is_long = began_ms is not None and self.seen.now_ms - began_ms >= HOUR_MS
        name = "share_empty" if self.seen.least else "pace_empty"
        if self._is_news(name, holds=is_long, ends=began_ms is None):
            yield self._said(name, self.seen.least)

    def restarts(self) -> Iterator[Alert]:
        """Say that workers die again and again."""
        lately = [at_ms for at_ms in self.seen.noted["restart"] if self.seen.now_ms - at_ms < RESTARTS_MS]
        if self._is_news("restarts", holds=len(lately) > RESTARTS, ends=not lately):
            yield self._said("restarts")

    def signatures(self) -> Iterator[Alert]:
        """Say that what looks like the provider's does not verify; again when an hour went by without."""
        notes, latest_ms = self.notes, max(self.seen.noted["signature"], default=0)
        is_new = latest_ms > notes.signature_ms
        notes.signature_ms = max(latest_ms, notes.signature_ms)
        if self._is_news("signatures", holds=is_new, ends=self.seen.now_ms - latest_ms >= HOUR_MS):
            yield self._said("signatures")

    def quiet(self) -> Iterator[Alert]:
        """Say that nothing was received for as long as the file says."""
        notes, quiet_ms = self.notes, self.terms.quiet_ms
        if self.seen.sums.messages != notes.messages:
            notes.messages, notes.received_ms = self.seen.sums.messages, self.seen.now_ms
        silent_ms = self.seen.now_ms - notes.received_ms
        if self._is_news("quiet", holds=0 < quiet_ms <= silent_ms, ends=silent_ms < quiet_ms):
            yield self._said("quiet", hours=f"{silent_ms / HOUR_MS:.3g}")

    def attachments(self) -> Iterator[Alert]:
        """Say of each number that the provider delivers nothing, and that it does again; what is wrong there; and that it would pay."""
        self._forget_others()
        for tended in self.seen.tended:
            yield from self._attachment(tended)

    def _forget_others(self) -> None:
        """Forget what was said of a number that nobody looks after any more."""
        known = {_of(name, tended) for name in ATTACHMENT for tended in self.seen.tended}
        self.notes.said = [
            said for said in self.notes.said if said in known or said.partition(" ")[0] not in ATTACHMENT
        ]

    def _attachment(self, tended: Tended) -> Iterator[Alert]:
        attachment, advised, language = tended.attachment, tended.advised, self.terms.language
        is_wise = advised is not None and not advised.attached
        if self._is_news(_of("detach_wise", tended), holds=is_wise, ends=advised is None) and advised is not None:
            yield self._said("detach_wise", tended.where, why=off_said(advised, language)["why"])
        if attachment is None:
            return
        detached, trouble = _of("detached", tended), _of("attachment_trouble", tended)
        was_detached, is_back = detached in self.notes.said, attachment.attached and attachment.is_settled
        is_detached = not attachment.attached and attachment.is_settled
        if self._is_news(detached, holds=is_detached, ends=is_back):
            yield self._said("detached", tended.where, **off_said(attachment, language))
        if was_detached and is_back:
            yield self._said("attached", tended.where)
        if self._is_news(trouble, holds=bool(attachment.trouble), ends=not attachment.trouble):
            yield self._said("attachment_trouble", tended.where, why=attachment.trouble)

    def digest(self) -> Iterator[Alert]:
        """Say once a day, at its minute or after it, what the day came to."""
        notes, seen, at = self.notes, self.seen, self.terms.digest_minute
        if at is None or seen.day == notes.digest_day or seen.minute_of_day < at:
            return
        sums = _less(seen.sums, notes.digest)
        notes.digest_day, notes.digest = seen.day, seen.sums
        yield self._said(
            "digest", until=seen.lasts_until, replied=self._money(sums.replies_micros), **self._sums_said(sums)
        )

    @property
    def _left_micros(self) -> int:
        return max(0, self.terms.kitty_micros - _cost(self.seen.sums))

    def _is_news(self, name: str, *, holds: bool, ends: bool) -> bool:
        return self.notes.is_news(name, holds=holds, ends=ends)

    def _said(self, name: str, of: str = "", /, **values: object) -> Alert:
        """Return what is said of an event, and of which number, where there are several."""
        return say(self.terms.language, name, of, left=self._money(self._left_micros), **values)

    def _sums_said(self, sums: Minute) -> dict[str, object]:
        without_micros = sums.received_micros + sums.messages * self.terms.price_micros
        return {
            "messages": sums.messages,
            "replies": sums.replies,
            "received": self._money(sums.received_micros),
            "cost": self._money(_cost(sums)),
            "without": self._money(without_micros),
        }

    def _money(self, micros: int) -> str:
        return money(micros, self.terms.currency, self.terms.language)


def _of(name: str, tended: Tended) -> str:
    """Return by what an event of a number stands in the notes."""
    return f"{name} {tended.number}".rstrip()


def _cost(sums: Minute) -> int:
    return sums.replies_micros + sums.received_micros


def _less(sums: Minute, before: Minute) -> Minute:
    """Return what came since; nothing where less is known than before, as after a ledger was restored."""
    pairs = zip(msgspec.structs.astuple(sums), msgspec.structs.astuple(before), strict=True)
    return Minute(*(max(0, now - then) for now, then in pairs))


def _divided(sums: Minute, minutes: int) -> Minute:
    """Return what each of several minutes brought, where nobody looked at each."""
    return Minute(*(value // minutes for value in msgspec.structs.astuple(sums)))
