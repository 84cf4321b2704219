"""What a ledger holds of our numbers, held against the bill of one after the other. Pure.

Of several numbers each has its own replies and hours. What was paid and told while the file had one number, or by an earlier version
of the program, says no number, so it may be on the bill of any of them: as much as a bill lacks of it, or has more than is booked, is
no difference. To the only number of a file all belongs that is not said of another, which the file had before.
"""

from collections.abc import Callable, Mapping, Sequence

from edge.core.kept.hours import Hour
from edge.core.kept.paid import Paid
from edge.core.showing.reconciling import Billed, Inbound, Matching, Span, match, received, touched


class Booked:
    """All of it, but for the replies that are on a bill by now."""

    def __init__(
        self,
        paid: Sequence[Paid],
        hours: Sequence[Hour],
        hours_of_each: Mapping[str, Sequence[Hour]],
        key_of: Callable[[str], bytes],
        *,
        several: bool,
    ) -> None:
        """Take what the ledger has kept, what hashes a number as it does, and whether the file has several numbers."""
        self.hours = hours
        self._several = several
        self._paid, self._hours_of_each, self._key_of = list(paid), hours_of_each, key_of
        self._explained = 0

    def replies(self, phone: str, rows: Sequence[Billed], span: Span) -> Matching:
        """Return what came of the replies of a number's bill."""
        ours = [paid for paid in self._paid if paid.number in {phone, ""}]
        replies = match(ours, rows, self._key_of, span)
        if self._several:
            on_bill = {id(paid) for paid, _ in replies.matched}
            self._paid = [paid for paid in self._paid if id(paid) not in on_bill]
            replies.of_no_number = [paid for paid in replies.missing if not paid.number]
            replies.missing = [paid for paid in replies.missing if paid.number]
        return replies

    def received(self, phone: str, rows: Sequence[Billed], span: Span) -> tuple[Inbound, Inbound]:
        """Return what came of receiving, by our books and by a number's bill."""
        booked, billed = received(rows, self._hours_of_each.get(phone, ()), span)
        if self._several:
            return booked, billed
        of_none = self._of_none(span)
        return Inbound(booked.messages + of_none.messages, booked.micros + of_none.micros), billed

    def explained(self, more: int, span: Span) -> int:
        """Return how many of so many messages that a bill has more may be those that say no number; on the next one they are not."""
        if not self._several or more <= 0:
            return 0
        explained = min(more, max(0, self._of_none(span).messages - self._explained))
        self._explained += explained
        return explained

    def _of_none(self, span: Span) -> Inbound:
        """Return what was received in the hours that a bill touches, and is said of no number."""
        all_ = touched(self.hours, span)
        of_each = [hour for hours in self._hours_of_each.values() for hour in touched(hours, span)]
        return Inbound(
            sum(hour.messages for hour in all_) - sum(hour.messages for hour in of_each),
            sum(hour.received_micros for hour in all_) - sum(hour.received_micros for hour in of_each),
        )
